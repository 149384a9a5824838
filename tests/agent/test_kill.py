"""kill -9 at every boundary of the log: the run ends after a restart, and nothing is edited or run twice."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import Reply, answer

from ..forked import Forked
from .stage import cell

EDIT = {"cell_id": "a", "expected_version": version_of("x = 1"), "source": "x = 2"}

COMMITS = [
    "MessagePosted+RunQueued",
    "RunStarted",
    "StepStarted",
    "NotebookTold",
    "StepFinished+CallProposed",
    "CallStarted",
    "CallFinished",
    "StepStarted",
    "StepFinished+CallProposed+ConfirmationOpened",
    "ConfirmationDecided",
    "CheckpointKept+CallStarted",
    "CallFinished",
    "StepStarted",
    "StepFinished+CallProposed+ConfirmationOpened",
    "ConfirmationDecided",
    "CallStarted",
    "CallFinished",
    "StepStarted",
    "StepFinished",
    "RunFinished",
]
"""The commits of a run with one read, one edit and one execution, in order."""
RUN_INTENT = 15


def script() -> list[Reply]:
    """A model that goes by what was done so far, however often it is asked."""

    def once_asked(args: str, reply: Reply) -> Reply:
        return reply.only(json.dumps(args)[1:-1]).always()

    return [
        once_asked('{"cell_id":"b"}', answer("All done.")),
        once_asked('"source":"x = 2"', answer(calls=[("run_cell", {"cell_id": "b"})])),
        once_asked('{"cell_id":"a"}', answer(calls=[("edit_cell", EDIT)])),
        answer("I look first.", calls=[("read_cell", {"cell_id": "a"})]).always(),
    ]


@pytest.fixture
def server() -> Iterator[FaultServerThread]:
    with FaultServerThread(script()) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cells.json").write_bytes(msgspec.json.encode([cell("a", "x = 1"), cell("b", "print(x)")]))
    return tmp_path


def run(server: FaultServerThread, folder: Path, kill: str = "", needed: int = 1) -> tuple[int, str]:
    """Run the process to its end; how it ended, and what it printed."""
    printed = folder / f"printed-{kill}"
    environ = {**os.environ, **server.environ(), "COPILOT_KILL": kill, "COPILOT_NEEDED": str(needed)}
    process = Forked("tests.agent.crash_child", str(folder), environ=environ, output=printed)
    return process.wait(60), printed.read_text()


def finish(server: FaultServerThread, folder: Path, needed: int = 1) -> dict[str, Any]:
    """Run the process once more, and let it live."""
    code, printed = run(server, folder, needed=needed)
    assert code == 0, printed
    found: dict[str, Any] = json.loads(printed)
    return found


@pytest.mark.crash
@pytest.mark.slow
def test_the_commits_are_those_at_which_we_kill(server: FaultServerThread, folder: Path) -> None:
    found = finish(server, folder)
    assert found == {"outcome": "success", "error": None, "doubtful": [], "votes": 0, "faults": []}
    assert (folder / "commits").read_text().splitlines() == COMMITS
    assert [line.split()[0] for line in (folder / "effects").read_text().splitlines()] == ["edit", "run"]


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(COMMITS)))
@pytest.mark.parametrize("place", ["before", "after"])
def test_killed_at_a_commit_the_run_ends_after_a_restart_and_nothing_is_done_twice(
    server: FaultServerThread, folder: Path, place: str, number: int
) -> None:
    code, printed = run(server, folder, f"{place}:{number}")
    assert code == -signal.SIGKILL, printed
    found = finish(server, folder)
    effects = [line.split()[0] for line in (folder / "effects").read_text().splitlines()]
    assert (found["outcome"], found["faults"]) == ("success", [])
    assert effects.count("edit") == 1
    assert "x = 2" in (folder / "cells.json").read_text()
    between = (place, number) in (("after", RUN_INTENT), ("before", RUN_INTENT + 1))
    assert found["doubtful"] == (["m1.r1.s3.a1.c1"] if between else [])
    assert effects.count("run") == (0 if (place, number) == ("after", RUN_INTENT) else 1)
    told = json.dumps(server.requests[-1].body)
    assert ("It is not known whether this took effect." in told) == between


VOTES = ["ConfirmationVoted", "ConfirmationVoted+ConfirmationDecided"]
VOTED = [each for commit in COMMITS for each in (VOTES if commit == "ConfirmationDecided" else [commit])]


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.parametrize("number", [n for n, commit in enumerate(VOTED) if commit in VOTES])
@pytest.mark.parametrize("place", ["before", "after"])
def test_killed_between_votes_each_counts_once_and_nothing_is_done_before_the_last(
    server: FaultServerThread, folder: Path, place: str, number: int
) -> None:
    code, printed = run(server, folder, f"{place}:{number}", needed=2)
    assert code == -signal.SIGKILL, printed
    before = (folder / "effects").read_text().splitlines() if (folder / "effects").exists() else []
    assert len(before) == (0 if number < VOTED.index("CheckpointKept+CallStarted") else 1)
    found = finish(server, folder, needed=2)
    commits = (folder / "commits").read_text().splitlines()
    effects = [line.split()[0] for line in (folder / "effects").read_text().splitlines()]
    assert (found["outcome"], found["doubtful"], found["faults"]) == ("success", [], [])
    assert effects == ["edit", "run"] and found["votes"] == 4
    assert [commits.count(each) for each in VOTES] == [2, 2]
