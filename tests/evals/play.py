"""A job played: a real notebook file and kernel, people who decide, and a model that reads nothing but its requests."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import Struct
from typing_extensions import override

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core import state as s
from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.ports.model import Completed, ModelClient, ModelPart, ModelRequest, ModelSpec, TextPart
from jupyter_copilot.ports.notebook import Cell, Notebook
from jupyter_copilot.protocol.errors import ModelError, Rejected
from jupyter_copilot.testing import Answer
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools, earlier_tools

from ..agent.stage import Stage
from ..builders import ALICE
from ..notebooks.conftest import EMPTY, NoTab
from ..patience import scaled
from .counting import repeated_share, request_tokens
from .reader import Reader

Player = Generator[Answer, Reader, None]
"""Is sent each request, and yields the answer to it; its first answer is asked for with the first request."""
Decide = Callable[[s.Open, int], dict[str, Any]]
"""How a person decides on a card: fields of the decision; counts the cards so far."""


def approve(opened: s.Open, number: int) -> dict[str, Any]:
    """Approve whatever is asked, and take the first answer to a question."""
    return {"option": opened.options[0].id}


class Played(Struct, frozen=True, kw_only=True):
    """What a job cost. `cards` were decided by people, `void` are those of them that were approved for nothing."""

    requests: int
    first: int
    last: int
    total: int
    cards: int
    questions: int
    void: int
    repeats: float


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something that a data scientist asks for, how it is played, and what must have come of it."""

    name: str
    cells: list[Cell]
    act: Callable[[World], Awaitable[None]]
    check: Callable[[World], Awaitable[None]]
    players: dict[str, Callable[[], Player]]
    """By a text of the request that each answers."""
    files: dict[str, str] = field(default_factory=dict)
    run_before: list[str] = field(default_factory=list)
    context_tokens: int = 128_000
    cards: int = 1
    questions: int = 0
    requests: int = 3
    reference: int = 0
    """Tokens of all requests together in the trial before."""


class Players(ModelClient):
    """A model that is played: each request goes to the player of the conversation that it is about."""

    def __init__(self, players: dict[str, Callable[[], Player]], context_tokens: int) -> None:
        self._players = {text: _begun(play()) for text, play in players.items()}
        self.failure: Exception | None = None
        """What a player found wrong with what it read."""
        self._spec = ModelSpec(name="player", context_tokens=context_tokens)

    @override
    def models(self) -> list[ModelSpec]:
        return [self._spec]

    @override
    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart, None]:
        reader = Reader(request)
        said = [text for text in self._players if text in reader.text]
        player = self._players[max(said, key=reader.text.rindex)]
        try:
            answer = player.send(reader)
        except Exception as error:
            self.failure = error
            raise ModelError("The player gave up.", code="player") from error
        yield TextPart(str(answer.text))
        yield Completed(calls=list(answer.calls), finish_reason="stop", usage=p.Usage(prompt=request_tokens(request)))

    @override
    async def close(self) -> None:
        """Nothing is held."""


def _begun(player: Player) -> Player:
    next(player)
    return player


class Watched(ModelClient):
    """Another model, whose requests are kept."""

    def __init__(self, model: ModelClient) -> None:
        self.requests: list[ModelRequest] = []
        self._model = model

    @override
    def models(self) -> list[ModelSpec]:
        return self._model.models()

    @override
    async def look(self, model: str) -> None:
        await self._model.look(model)

    @override
    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart, None]:
        self.requests.append(request)
        async with contextlib.aclosing(self._model.stream(request)) as parts:  # type: ignore[type-var]
            async for part in parts:
                yield part

    @override
    async def close(self) -> None:
        await self._model.close()


class World:
    """A job under way: the notebook and its folder, the room, and people."""

    def __init__(self, stage: Stage, notebook: Notebook, root: Path, model: Watched) -> None:
        self.stage = stage
        self.notebook = notebook
        self.root = root
        self.model = model
        self._asked = 0
        self._cards = 0

    @property
    def state(self) -> s.RoomState:
        return self.stage.state

    async def ask(
        self, text: str, decide: Decide = approve, *, thread: str = p.MAIN_THREAD, by: p.Actor = ALICE
    ) -> s.Finished:
        """Ask, decide on what is asked in return, and wait for the end of the answer."""
        run_id = await self.post(text, thread=thread, by=by)
        await self.finish(run_id, decide, by)
        return await self.stage.over(run_id)

    async def post(self, text: str, *, thread: str = p.MAIN_THREAD, by: p.Actor = ALICE) -> p.RunId:
        """Ask, and do not wait."""
        self._asked += 1
        return await self.stage.post(text, f"m{self._asked}", by, thread_id=p.ThreadId(thread))

    async def finish(self, run_id: p.RunId, decide: Decide = approve, by: p.Actor = ALICE) -> None:
        """Decide on the cards of a run until it is over."""
        while not isinstance(self.state.runs.get(run_id), s.Finished):
            await self.stage.until(lambda state: _is_over(state, run_id) or bool(_open(state, run_id)))
            opened = _open(self.state, run_id)
            if not opened:
                continue
            fields = decide(opened[0], self._cards)
            self._cards += 1
            answer = self.state.calls[opened[0].call_id or ""].message_id
            for each in opened:
                # The cards of one answer are one group, decided together.
                if self.state.calls[each.call_id or ""].message_id == answer:
                    with contextlib.suppress(Rejected):  # it turned meanwhile
                        await self.stage.decide(each.confirmation_id, by=by, **fields)

    async def cells(self) -> list[Cell]:
        """The notebook as it is saved."""
        return await self.notebook.read()

    async def value(self, expression: str) -> str:
        """What an expression is in the kernel."""
        return (await self.notebook.evaluate(f"print({expression})", 20)).strip()

    def played(self) -> Played:
        """What it cost."""
        requests = self.model.requests
        sizes = [request_tokens(request) for request in requests]
        asked = {each.call_id: each for each in self.state.confirmations.values() if isinstance(each, s.Decided)}
        calls = [self.state.calls[call_id] for call_id in asked if call_id is not None]
        acts = [call for call in calls if asked[call.call_id].kind == "tool_call"]
        approved = [call for call in acts if asked[call.call_id].option == p.APPROVE]
        return Played(
            requests=len(requests),
            first=sizes[0],
            last=sizes[-1],
            total=sum(sizes),
            cards=len({call.message_id for call in acts}),
            questions=len(calls) - len(acts),
            void=sum(1 for call in approved if isinstance(call, s.CallDone) and call.exec_id is None),
            repeats=max(map(repeated_share, requests)),
        )


def _is_over(state: s.RoomState, run_id: p.RunId) -> bool:
    return isinstance(state.runs.get(run_id), s.Finished)


def _open(state: s.RoomState, run_id: p.RunId) -> list[s.Open]:
    return [each for each in s.open_confirmations(state) if each.run_id == run_id]


@contextlib.asynccontextmanager
async def world(job: Job, serverapp: Any, model: ModelClient) -> AsyncIterator[World]:
    """The job's notebook on a real server, with the cells run that were run before."""
    root = Path(serverapp.root_dir)
    for path, text in job.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "one.ipynb").write_text(json.dumps(with_cells(EMPTY, job.cells)))
    picker = NotebookPicker(serverapp, NoTab(), lambda: "one.ipynb")
    notebook = await picker.open()
    await _run(notebook, job.run_before)
    watched = Watched(model)
    stage = Stage(
        model=watched,
        notebooks=lambda room: picker,
        tools=ToolRegistry(built_in_tools(), earlier=earlier_tools()),  # type: ignore[arg-type]
        settings=RunSettings(root=str(root)),
        clock=SystemClock(),
        tick_s=0.02,
    )
    stage.patience_s = scaled(180.0)  # sixty cells are run
    async with stage:
        yield World(stage, notebook, root, watched)


async def _run(notebook: Notebook, cell_ids: Iterable[str]) -> None:
    for cell_id in cell_ids:
        await notebook.run(cell_id, f"before.{cell_id}", lambda output: None, None)
    await notebook.forget([f"before.{cell_id}" for cell_id in cell_ids])


async def play(job: Job, serverapp: Any, model: ModelClient) -> Played:
    """Play the job, check what came of it, and say what it cost."""
    async with world(job, serverapp, model) as here:
        try:
            await asyncio.wait_for(job.act(here), 600)
            await job.check(here)
        except Exception:
            if isinstance(model, Players) and model.failure is not None:
                raise model.failure from None
            raise
        return here.played()
