"""Another server's process on the same store: for each line on standard input it appends one record.

It answers each with a line: the record's seq, and when its append had returned (unix seconds).
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from jupyter_copilot.protocol.errors import AppendConflict
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from ..builders import BOB
from .samples import ROOM, said


async def append(log: SqliteEventLog, text: str) -> int:
    head = (await log.head(ROOM)).seq
    while True:
        try:
            (record,) = await log.append(ROOM, head, [said(text)], actor=BOB, at=head)
        except AppendConflict as conflict:
            head = conflict.head
        else:
            return record.seq


async def main(path: str) -> None:
    log = SqliteEventLog(Path(path))
    print("ready", flush=True)
    for line in sys.stdin:
        print(await append(log, line.strip()), time.time(), flush=True)
    await log.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
