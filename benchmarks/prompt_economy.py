"""Prompt economy: how much of each prompt is word for word what the model server has seen in the call before."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import msgspec

import jupyter_copilot.demo
from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected

from .bench import Bench
from .jupyter import TOKEN, Jupyter
from .processes import Helper
from .report import Result

EXAMPLE = Path(jupyter_copilot.demo.__file__).parent / "example"
NOTEBOOK = "penguins.ipynb"
TURNS = (
    "Explain this notebook",
    "What is in the data?",
    "Run all cells",
    "Plot flipper length by species",
    "How many values are missing?",
    "Summarise the data by species",
    "Explain the last cell",
    "Plot body mass by island",
    "Add headings",
    "Review this notebook",
)
PATIENCE_S = 90.0


def measure(bench: Bench) -> Result:
    """Hold a conversation of ten turns on the example notebook, approving everything."""
    return asyncio.run(_measure(bench, TURNS[:1] if bench.quick else TURNS))


async def _measure(bench: Bench, turns: tuple[str, ...]) -> Result:
    with Helper("demo_model") as model:
        jupyter = Jupyter(bench.folder("prompt"), model_url=model.hello, model="demo")
        shutil.copytree(EXAMPLE, jupyter.root, dirs_exist_ok=True)
        with jupyter:
            async with connect(jupyter.url, NOTEBOOK, TOKEN) as client:
                steps: list[p.StepFinished] = []
                client.listen(lambda frame: steps.extend(_finished(frame)))
                await client.live()
                approving = asyncio.create_task(_approve(client))
                of_turn = []
                for turn in turns:
                    before = len(steps)
                    await client.post(turn)
                    await asyncio.wait_for(client.wait(_is_idle), PATIENCE_S)
                    of_turn.append([step.usage for step in steps[before:]])
                approving.cancel()
    return _result(turns, of_turn)


def _finished(frame: p.ServerFrame) -> list[p.StepFinished]:
    records = frame.records if isinstance(frame, p.Records) else []
    return [record.event for record in records if isinstance(record.event, p.StepFinished)]


def _is_idle(state: s.RoomState) -> bool:
    return all(isinstance(run, s.Finished) for run in state.runs.values())


def _defaults(opened: s.Open) -> p.JsonObject | None:
    """What a form proposes, for a question that has one."""
    if opened.kind != "question" or not opened.schema:
        return None
    return {name: field.get("default") for name, field in opened.schema.get("properties", {}).items()}


async def _approve(client: Client) -> None:
    """Choose the first option of whatever is asked, and what its form proposes."""
    decided: set[str] = set()
    while True:
        state = await client.wait(
            lambda state: any(o.confirmation_id not in decided for o in s.open_confirmations(state))
        )
        for opened in list(s.open_confirmations(state)):
            decided.add(opened.confirmation_id)
            try:
                await client.decide(opened.confirmation_id, opened.options[0].id, value=_defaults(opened))
            except Rejected as refusal:
                print(f"  not decided: {refusal}")


def _result(turns: tuple[str, ...], of_turn: list[list[p.Usage]]) -> Result:
    def row(what: str, calls: list[p.Usage]) -> list[str]:
        prompt, prefix = sum(call.prompt for call in calls), sum(call.prefix for call in calls)
        return [what, str(len(calls)), f"{prompt:,}", f"{prefix:,}", f"{prefix / prompt:.0%}" if prompt else "–"]

    every = [call for calls in of_turn for call in calls]
    rows = [row(turn, calls) for turn, calls in zip(turns, of_turn, strict=True)]
    return Result(
        name="prompt_economy",
        title=f"a session of {len(turns)} turns on the example notebook, with the demo model",
        columns=["turn", "model calls", "prompt tokens", "of these an unchanged prefix", "share"],
        rows=[*rows, row("all", every), row("all but the first call", every[1:])],
        notes=["An unchanged prefix is what model servers with a prompt cache do not compute again."],
        raw={turn: msgspec.to_builtins(calls) for turn, calls in zip(turns, of_turn, strict=True)},
    )
