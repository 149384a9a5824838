"""`jupyter copilot changes` says what agents did, in words, in a table, and as data."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.cli import changes
from jupyter_copilot.cli.main import main
from jupyter_copilot.room.provenance import CellWork
from jupyter_copilot.server.audit_csv import csv_of

EDIT = CellWork(
    cell_id="a", label="cell 2", action="edit", at=0, agent="Copilot", requested_by="Al|ice\nby", allowed="person",
    allowed_by="Bob", allowed_at=0, edited=True, outcome="done", undone_by="Carol", undone_at=0,
    call_id=p.CallId("c"), seq=7,
)  # fmt: skip
RUN = msgspec.structs.replace(
    EDIT, action="run", allowed="rule", edited=False, outcome="failed", undone_by="", undone_at=None
)


class Server:
    """Answers what the route would."""

    def __init__(self, *works: CellWork) -> None:
        self.works = msgspec.to_builtins(works)

    def path_of(self, notebook: str) -> str:
        return notebook

    def notebook(self, path: str, route: str, *, raw: bool = False) -> Any:
        assert path == "a.ipynb"
        return csv_of(self.works) if raw and route == "/changes?format=csv" else {"changes": self.works}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*works: CellWork, options: tuple[str, ...] = ()) -> str:
        monkeypatch.setattr(changes, "server_for", lambda *_: Server(*works))
        assert main(["changes", "a.ipynb", *options]) == 0
        return capsys.readouterr().out

    return run


def test_each_cell_is_a_line_with_who_asked_and_who_allowed_it(told: Any) -> None:
    edited, ran = told(EDIT, RUN).splitlines()
    assert (
        "Copilot edited cell 2 for Al|ice⟨U+000A⟩by · allowed by Bob, with edits · done, taken back by Carol" in edited
    )
    assert "Copilot ran cell 2" in ran and "allowed by a rule of Bob · failed" in ran


def test_nothing_done_is_said(told: Any) -> None:
    assert told() == "No agent has changed or run a cell of a.ipynb.\n"


def test_nothing_in_a_table_is_markup(told: Any) -> None:
    row = told(EDIT, options=("--format", "markdown")).splitlines()[-1]
    assert r"Al\|ice⟨U+000A⟩by" in row and row.replace(r"\|", "").count("|") == 6


def test_data_is_json_or_csv_and_goes_to_a_file(told: Any, tmp_path: Path) -> None:
    assert json.loads(told(EDIT, options=("--format", "json")))[0]["cell_id"] == "a"
    file = tmp_path / "changes.csv"
    assert told(EDIT, options=("--format", "csv", "-o", str(file))) == ""
    (row,) = csv.DictReader(io.StringIO(file.read_text()))
    assert row["label"] == "cell 2"
