"""What is generated from the protocol is what the protocol says now."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from jupyter_copilot import protocol as p

from .traces.scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ("labextension/src/protocol/index.ts", "docs/protocol.schema.json", "docs/protocol.md")


def check(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the generator of a copy of the repository with --check."""
    command = [sys.executable, str(root / "scripts" / "generate_protocol.py"), "--check"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the generator and of what it generates."""
    shutil.copytree(ROOT / "scripts" / "protocolgen", tmp_path / "scripts" / "protocolgen")
    for name in ("scripts/generate_protocol.py", *GENERATED):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def schema_for(name: str) -> dict[str, Any]:
    schema = json.loads((ROOT / "docs" / "protocol.schema.json").read_text(encoding="utf-8"))
    return {"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"}


def test_the_generated_files_are_fresh() -> None:
    result = check(ROOT)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", GENERATED)
def test_a_changed_file_is_called_stale(copy: Path, name: str) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    (copy / name).write_text(text.replace("already_decided", "decided_before"), encoding="utf-8")
    result = check(copy)
    assert result.returncode == 1
    assert f"{name} is stale" in result.stderr


def test_a_reject_code_without_meaning_is_an_error(copy: Path) -> None:
    tables = copy / "scripts" / "protocolgen" / "tables.py"
    tables.write_text(tables.read_text(encoding="utf-8").replace('"room_full":', '"room_empty":'), encoding="utf-8")
    result = check(copy)
    assert result.returncode == 1
    assert "NotDescribed: room_empty, room_full" in result.stderr


def test_the_schema_names_every_frame_command_and_event() -> None:
    definitions = schema_for("Record")["$defs"]
    for union in (p.ClientFrame, p.ServerFrame, p.Command, p.Event):
        for struct in get_args(union):
            assert definitions[struct.__name__]["properties"]["type"]["enum"] == [struct.__struct_config__.tag]


def test_the_records_and_states_of_the_golden_traces_fit_the_schema() -> None:
    record = jsonschema.Draft202012Validator(schema_for("Record"))
    snapshot = jsonschema.Draft202012Validator(schema_for("Snapshot"))
    for scenario in SCENARIOS:
        told = scenario()
        for line in told.lines[1:]:
            if "record" in line:
                assert list(record.iter_errors(line["record"])) == []
        frame = {"type": "snapshot", "seq": told.state.seq, "log": "log-1", "state": json.loads(told.final())}
        assert list(snapshot.iter_errors(frame)) == []


def test_a_known_event_with_a_wrong_field_does_not_fit_the_schema() -> None:
    record = {
        "seq": 1,
        "at": 1,
        "actor": {"kind": "agent", "id": "a", "name": "A"},
        "event": {"type": "run_started", "run_id": "r", "fence": "first"},
    }
    assert not jsonschema.Draft202012Validator(schema_for("Record")).is_valid(record)
