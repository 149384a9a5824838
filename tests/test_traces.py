"""The golden traces: what the fold makes of every event upon every status, held in files that TypeScript folds too."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s

from .traces import make, recorder
from .traces.scenarios import SCENARIOS
from .traces.world import PATHS, travelled

EVENT_NAMES = {str(event.__struct_config__.tag) for event in get_args(p.Event)}
NAMES = [*(scenario.__name__ for scenario in SCENARIOS), "later"]


def lines(name: str) -> list[str]:
    return (make.FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


def test_the_golden_traces_are_what_the_fold_makes_now() -> None:
    assert make.stale() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_is_told_again_by_its_records_alone(name: str) -> None:
    told = recorder.fold(lines(name))
    assert [json.loads(line) for line in lines(name)] == told.lines


def test_a_fold_that_differs_in_one_entry_makes_traces_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s, "RETAINED_OUTPUTS", 199)
    assert [path.name for path in make.stale()] == ["outputs.jsonl", "outputs.state.json"]


def test_the_traces_hold_every_event_with_and_without_effect() -> None:
    seen = set()
    for name in NAMES:
        records = [line for line in map(json.loads, lines(name)) if "record" in line]
        seen |= {(line["record"]["event"]["type"], bool(line["changed"])) for line in records}
    assert {(name, effect) for name in EVENT_NAMES for effect in (True, False)} <= seen
    assert ("from_the_future", False) in seen and ("from_the_future", True) not in seen


def test_the_traces_try_every_event_upon_every_status() -> None:
    statuses = set()
    for path in PATHS:
        state = travelled(recorder.Recorder(), path).recorder.state
        for entries in (state.messages, state.runs, state.calls, state.confirmations):
            statuses |= {type(entry) for entry in entries.values()}
    assert statuses == {*get_args(s.Message), *get_args(s.Run), *get_args(s.Call), *get_args(s.Confirmation)}
