"""A client's copy of the state, by the vectors that the browser's runs, too."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.replica import Replica
from jupyter_copilot.protocol.errors import Gap

from ..vectors import Case, cases, named


def do(replica: Replica, step: dict[str, Any]) -> None:
    match step["do"]:
        case "begin":
            replica.begin(p.LogId(step["log"]))
        case "records":
            records = [p.decode_record(json.dumps(record)) for record in step["records"]]
            replica.fold(p.Records(first=step["first"], records=records))
        case "snapshot":
            state = s.initial(p.LogId(step["log"]))
            state.seq = step["seq"]
            replica.replace(p.Snapshot(log=state.log, seq=state.seq, state=msgspec.Raw(p.encode(state))))
        case "settle":
            replica.settle(step["seq"])
        case "abandon":
            replica.abandon()
        case "forget":
            replica.forget()


@pytest.mark.parametrize("case", cases("replica"), ids=named)
def test_the_copy_does_what_the_vectors_say(case: Case) -> None:
    replica = Replica()
    for step in case["steps"]:
        if step.get("gap"):
            with pytest.raises(Gap):
                do(replica, step)
        else:
            do(replica, step)
        if "cursor" in step:
            cursor = replica.cursor
            assert (cursor and {"log": cursor.log, "seq": cursor.seq}) == step["cursor"], step
        if "shown" in step:
            assert replica.state is not None and replica.state.seq == step["shown"], step
