"""jupyterlab-chat's chat without real-time collaboration, as it ships; runs where it is installed, alone.

`python peer_chat.py FOLDER HISTORY CHUNKS PER_S` streams an answer into a chat with a history and says what it took.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

CHUNK = "word "
MESSAGE = "Something that was said before. " * 70
"""Some two kilobytes, as an answer of an assistant has."""


class Counter:
    """A viewer that only counts."""

    bytes = 0

    def write_message(self, message: str) -> None:
        """Take a frame."""
        self.bytes += len(message)


def main(folder: str, history: int, chunks: int, per_s: float) -> None:
    """Stream, and print seconds of CPU, and bytes for each viewer."""
    from jupyterlab_chat.models import Message, NewMessage  # type: ignore[import-not-found]
    from jupyterlab_chat.websocket_model import WsChatModel  # type: ignore[import-not-found]

    chat: Any = WsChatModel("one.chat", Path(folder))
    chat.load_from_file()
    save, chat.save = chat.save, lambda: None
    for _ in range(history):
        chat.add_message(NewMessage(body=MESSAGE, sender="ada"))
    chat.save = save
    answer = chat.add_message(NewMessage(body="", sender="copilot"))
    viewer = Counter()
    chat.handlers["viewer"] = viewer
    print("ready", flush=True)
    begin, cpu = time.monotonic(), time.process_time()
    for number in range(chunks):
        if per_s:
            time.sleep(max(0.0, begin + number / per_s - time.monotonic()))
        chat.update_message(Message(body=CHUNK, id=answer, time=time.time(), sender="copilot"), append=True)
    taken = time.monotonic() - begin
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": taken, "bytes": viewer.bytes}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
