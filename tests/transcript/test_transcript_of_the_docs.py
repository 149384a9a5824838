"""The transcript in docs/protocol-transcript.jsonl is what a real server with a real engine says, word for word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from typing_extensions import override

from jupyter_copilot.ports.model import ModelPart, ModelRequest, TextPart
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.server import model_setup
from jupyter_copilot.testing.model import Answer, ScriptedModel, call

from .player import Player, Wire

TRANSCRIPT = Path(__file__).resolve().parents[2] / "docs" / "protocol-transcript.jsonl"
SOURCE, FIXED = "1 / 0", "1 / 2"


class PacedModel(ScriptedModel):
    """Says its next piece of text each time that `turns` allows it, so that each becomes a record of its own."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(answers)
        self.turns = asyncio.Semaphore(0)

    @override
    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart, None]:
        async for part in super().stream(request):
            if isinstance(part, TextPart):
                await self.turns.acquire()
            yield part


@pytest.fixture
def model() -> PacedModel:
    edit = call("edit_cell", cell_id="c1", expected_version=version_of(SOURCE), source=FIXED)
    return PacedModel(
        [
            Answer(text=["The cell divides ", "by zero."], calls=[edit], finish_reason="tool_calls"),
            Answer(text=["The cell ", "now gives 0.5."]),
        ]
    )


@pytest.fixture
def jp_server_config(jp_server_config: Any, tmp_path: Path, model: PacedModel, monkeypatch: pytest.MonkeyPatch) -> Any:
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.IdentityProvider.token = "secret"
    jp_server_config.CopilotApp.store_path = str(tmp_path / "rooms.sqlite3")
    monkeypatch.setattr(model_setup, "new_model_client", lambda settings, clock: model)
    return jp_server_config


@pytest.fixture
def wire(jp_ws_fetch: Any, jp_root_dir: Path) -> Wire:
    cell = nbformat.v4.new_code_cell(SOURCE, id="c1")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), jp_root_dir / "one.ipynb")

    async def connect() -> Any:
        return await jp_ws_fetch("api", "copilot", "notebooks", "one.ipynb", "channel")

    return Wire(connect)


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TRANSCRIPT.read_text(encoding="utf-8").splitlines()]


async def test_the_transcript_is_what_a_real_server_says(wire: Wire, model: PacedModel, jp_root_dir: Path) -> None:
    await Player(wire, model.turns).play(lines())
    model.verify()
    assert nbformat.read(jp_root_dir / "one.ipynb", as_version=4).cells[0].source == FIXED


async def test_a_transcript_with_one_other_word_fails(wire: Wire, model: PacedModel) -> None:
    changed = json.loads(json.dumps(lines()).replace("now gives 0.5.", "now gives 5."))
    with pytest.raises(AssertionError, match="now gives"):
        await Player(wire, model.turns).play(changed)


def test_the_transcript_holds_each_chapter() -> None:
    text = TRANSCRIPT.read_text(encoding="utf-8")
    told = [line["chapter"] for line in lines() if "chapter" in line]
    assert told == ["hello", "ask", "stream", "confirm", "drop", "resume", "resend", "too late"]
    for event in ("message_posted", "text_delta", "confirmation_decided", "call_finished", "run_finished"):
        assert f'"{event}"' in text
