"""Write the golden streams: what the runs of the golden traces are told as, event by event.

`python -m tests.server.agui.golden` writes `golden.jsonl`, a line for each stream; one that ends as people are
asked is followed by that of a client which comes back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.reducer import apply
from jupyter_copilot.server.agui.telling import Subject, Telling

from ...traces.make import FOLDER

FILE = Path(__file__).with_name("golden.jsonl")
TRACES = ("conversation", "front_end", "interruptions", "merged", "questions", "threads")


def streams(records: list[p.Record], log: str, floor: int) -> Iterator[dict[str, Any]]:
    """The streams of each run in turn, from the record that queued it."""
    queued = [record.event for record in records if isinstance(record.event, p.RunQueued)]
    for run in queued:
        state = s.initial(p.LogId(log))
        subject = Subject(thread_id=run.thread_id, run_id=run.run_id, client_run_id="client-run")
        telling: Telling | None = None
        told: list[Any] = []
        for record in records:
            apply(state, record, floor)
            if run.run_id not in state.runs:
                continue
            if telling is None or telling.is_over:
                if told:
                    yield {"run": run.run_id, "events": told}
                if telling is not None and isinstance(state.runs[run.run_id], s.Finished):
                    told = []
                    break
                telling = Telling(subject, lambda digest: f"pictures/{digest}")
                told = [*telling.begin(state)]
            else:
                told += telling.take([record], state)
            told += telling.settle(state)
        if told:
            yield {"run": run.run_id, "events": told}


def golden() -> str:
    """The right text of the golden file."""
    lines = []
    for name in TRACES:
        parts = list(map(json.loads, (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()))
        records = [p.decode_record(json.dumps(part["record"])) for part in parts if "record" in part]
        for told in streams(records, parts[0]["log"], parts[0]["floor"]):
            line = {"trace": name, **told}
            lines.append(json.dumps(msgspec.to_builtins(line), ensure_ascii=False) + "\n")
    return "".join(lines)


if __name__ == "__main__":
    FILE.write_text(golden(), encoding="utf-8")
