"""Agents of others beside ours: what one said and did in a chat travels to whoever is asked there next."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.acp import agent as agent_module
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.model import ToolRequest
from jupyter_copilot.testing import Answer, ScriptedModel

from ..stage import cell
from .stage import AcpStage

READ = ToolRequest(tool="read_notebook", raw_args="{}", args={})


async def test_what_the_copilot_said_and_did_is_told_to_another_agent_and_its_words_to_the_copilot() -> None:
    model = ScriptedModel([Answer(text="I look.", calls=[READ]), "It has one cell.", "I heard it."])
    async with AcpStage(model=model, cells=[cell("a", "1 + 1")]) as stage:
        await stage.post("What is there?", "m1")
        await stage.over("m1.r1")
        await stage.tell("told; say I am another", "m2")
        await stage.over("m2.r1")
        told = stage.text("m2.r1")
        assert "What is there?" in told and "Copilot: It has one cell." in told and "1 + 1" in told
        await stage.post("And now?", "m3")
        await stage.over("m3.r1")
        assert "I am another" in str(model.requests[-1])


async def test_what_one_agent_knows_already_is_not_told_to_it_again() -> None:
    model = ScriptedModel(["Ours."])
    async with AcpStage(model=model) as stage:
        await stage.tell("say theirs", "m1")
        await stage.over("m1.r1")
        await stage.post("And you?", "m2")
        await stage.over("m2.r1")
        await stage.tell("told", "m3")
        await stage.over("m3.r1")
        told = stage.text("m3.r1")
        assert "Copilot: Ours." in told and "And you?" in told and "theirs" not in told


async def test_one_that_is_silent_for_long_is_said_to_be_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_module, "SILENT_S", 0.1)
    async with AcpStage() as stage:
        await stage.tell("hang")

        def silent(state: s.RoomState) -> bool:
            run = state.runs["m1.r1"]
            return isinstance(run, s.Running) and run.delay is not None and run.delay.problem.code == "agent_silent"

        await stage.until(silent)
        run = stage.state.runs["m1.r1"]
        assert isinstance(run, s.Running) and run.delay is not None
        assert "Fake has been silent" in run.delay.problem.message
        await stage.do(p.CancelRun(run_id=p.RunId("m1.r1")))
        assert (await stage.over()).outcome == "cancelled"
