"""An agent of others as an agent of the room: it answers in its own session, and asks and acts through the room."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from ... import protocol as p
from ...core import state as s
from ...ports.agent import AgentSpec
from ...protocol import JsonObject
from ...protocol.errors import Rejected, StoreError
from ..copilot.run_loop import Loop
from ..run_context import RunContext
from . import problems, questions
from .configuration import FILES, AgentConfig
from .context import blocks
from .hands import Hands
from .planner import next_move
from .process import stripped
from .session import Session
from .sessions import Sessions
from .turn import Turn
from .wire import AUTH_REQUIRED, Gone, RpcError

SILENT_S = 180.0
"""After so long without a word, while nothing waits for people, people are told."""


class AcpAgent:
    """One agent in one profile: on the notebook only, or with files and a shell, which people allow in each thread."""

    def __init__(
        self,
        agent_id: str,
        config: AgentConfig,
        sessions: Sessions,
        *,
        files: bool,
        hands: Hands | None = None,
        open_files: Callable[[], Sequence[str]] = list,
        shown_path: Callable[[str], str] = str,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._id = p.AgentId(f"{agent_id}{FILES}" if files and config.confined is not None else agent_id)
        self._config = config
        self._sessions = sessions
        self._files = files
        self._hands = hands
        self._open_files = open_files
        self._shown_path = shown_path
        self._environ = environ
        self._version = config.version
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def spec(self) -> AgentSpec:
        """Who it is, whose account it uses, and what is missing."""
        config = self._config
        name = f"{config.name} with files" if self._files else config.name
        missing = "" if config.is_found else f"Not installed. {config.install}".strip()
        return AgentSpec(
            agent_id=self._id,
            name=name,
            icon=config.icon,
            abilities=["modes", "images", "retry"],
            version=self._version,
            account=config.account,
            missing=missing,
        )

    def actor_of(self, run: s.Run) -> p.Actor:
        """Always itself."""
        return p.Actor(kind="agent", id=self._id, name=self._config.name)

    def default_model(self) -> str | None:
        """It chooses its model itself."""
        return None

    async def drive(self, ctx: RunContext, run_id: p.RunId) -> None:
        """Drive a run; see `Agent.drive`."""
        files = partial(_files, self._open_files, ctx.room.path)
        turn = Turn(ctx, run_id, self._config, self._id, files)
        run = ctx.state.runs[run_id]
        answering: asyncio.Task[None] | None = None
        if isinstance(run, s.Running):
            if run.fence != ctx.fence.number or run.step or run.starts > 1:
                # Its process went with the server that began this.
                await turn.fail(problems.interrupted(self._config).problem)
            else:
                answering = asyncio.create_task(self._answer(turn), name=f"agent {run_id}")
        try:
            await self._drive_calls(turn, answering)
        finally:
            if answering is not None:
                answering.cancel()
                await asyncio.gather(answering, return_exceptions=True)
            with contextlib.suppress(Rejected, StoreError):
                await turn.abandon()

    async def _drive_calls(self, turn: Turn, answering: asyncio.Task[None] | None) -> None:
        """Drive the calls of the run to its end; a defect in answering ends it, too."""
        loop = Loop(turn.ctx, turn.run_id, _no_step, partial(next_move, turn.drives))
        driving = asyncio.create_task(loop.drive())
        try:
            if answering is not None:
                await asyncio.wait({driving, answering}, return_when=asyncio.FIRST_COMPLETED)
                if answering.done():
                    answering.result()
            await driving
        finally:
            driving.cancel()
            await asyncio.gather(driving, return_exceptions=True)

    # Answering

    async def _answer(self, turn: Turn) -> None:
        try:
            if self._files and not await self._may_use_files(turn):
                raise problems.not_allowed(self._config)
            run = turn.ctx.state.runs[turn.run_id]
            key = (turn.ctx.room.room_id, run.thread_id, self._id)
            session = await self._sessions.take(key, self._new_session)
            await session.lock.acquire()
            held = _Held(session, self._sessions)
            try:
                await self._answer_in(session, turn, held)
            finally:
                held.let_go()
        except problems.AgentFailed as failed:
            await turn.fail(failed.problem)

    def _new_session(self) -> Session:
        confined = not self._files and self._config.confined is not None
        return Session(self._config, self._id, confined=confined, hands=self._hands)

    async def _may_use_files(self, turn: Turn) -> bool:
        """Whether people let it use files and a shell in this thread; asks them where nobody has."""
        state = turn.ctx.state
        thread_id = state.runs[turn.run_id].thread_id
        opened = questions.let_use_files(state, turn.run_id, 0, self._config.name, self._config.account)
        for asked in state.confirmations.values():
            same = asked.thread_id == thread_id and asked.args_hash == opened.args_hash
            if same and isinstance(asked, s.Decided) and asked.option == opened.options[0].id:
                return True
        return await turn.allowed(opened)

    async def _answer_in(self, session: Session, turn: Turn, held: _Held) -> None:
        state, room = turn.ctx.state, turn.ctx.room
        run = state.runs[turn.run_id]
        is_new = False
        if not session.is_alive:
            known = state.threads[run.thread_id].sessions.get(self._id)
            env = stripped(self._environ, self._config.pass_env, self._config.env)
            await session.begin(room, env, self._folder(room.path), known)
            self._version = session.version or self._version
            await session.record(room, run.thread_id, turn.ctx.record)
            is_new = session.begun in ("new", "afresh")
        prompt = blocks(
            state,
            run,
            self._id,
            path=self._shown_path(room.path),
            server=session.server,
            is_new=is_new,
            pictures=session.takes_pictures,
        )
        await self._prompt(session, turn, prompt, held)

    def _folder(self, path: str) -> str:
        """Where it works: beside the notebook with files, else in an empty folder: agents obey files."""
        beside = os.path.dirname(path)
        if self._files and os.path.isdir(beside):
            return beside
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="copilot-agent-")
        return self._scratch.name

    async def _prompt(self, session: Session, turn: Turn, prompt: list[JsonObject], held: _Held) -> None:
        prompting = asyncio.create_task(session.prompt(turn, prompt))
        watching = asyncio.create_task(self._tell_silence(turn))
        try:
            told = await asyncio.shield(prompting)
        except RpcError as error:
            failed = problems.answered_by_error(self._config, error.message or str(error.code))
            if error.code == AUTH_REQUIRED:
                failed = problems.wants_sign_in(self._config, error.message)
            await turn.finish(failed, p.Usage())
        except Gone:
            await turn.gone(problems.died(self._config, session.errors))
            await session.end()
        except asyncio.CancelledError:
            held.let_go_after(_stop(session, turn, prompting))
            raise
        else:
            await self._finish(turn, told)
        finally:
            watching.cancel()

    async def _finish(self, turn: Turn, told: JsonObject) -> None:
        reason = str(told.get("stopReason"))
        problem = problems.stopped_early(self._config, reason)
        if reason == "cancelled":
            problem = problems.answered_by_error(self._config, "it broke off its answer")
        await turn.finish(problem, questions.usage_of(told.get("usage")))

    async def _tell_silence(self, turn: Turn) -> None:
        """Tell people when nothing was heard for long."""
        clock = turn.ctx.room.clock
        while True:
            heard = turn.heard_at
            await clock.sleep(SILENT_S)
            if turn.heard_at == heard and not turn.waits_for_people:
                with contextlib.suppress(Rejected, StoreError):
                    await turn.is_silent(round(SILENT_S / 60))


class _Held:
    """The session that a run holds, until it is let go: at once, or when what ends its turn is done."""

    def __init__(self, session: Session, sessions: Sessions) -> None:
        self._session = session
        self._sessions = sessions
        self._is_held = True

    def let_go(self) -> None:
        if self._is_held:
            self._is_held = False
            self._session.lock.release()
            self._sessions.rest(self._session)

    def let_go_after(self, work: Coroutine[Any, Any, None]) -> None:
        self._is_held, session, sessions = False, self._session, self._sessions

        async def ending() -> None:
            try:
                await work
            finally:
                session.lock.release()
                sessions.rest(session)

        sessions.spawn(ending())


async def _stop(session: Session, turn: Turn, prompting: asyncio.Task[JsonObject]) -> None:
    """Have an agent stop whose run is over; one that did what it must not is ended at once."""
    if turn.failed is not None:
        await session.end()
    await session.cancel(prompting)


async def _no_step(run: s.Running, step: int, attempt: int) -> None:
    """The agent makes its steps itself."""
    raise AssertionError("no move asks for a step")


def _files(open_files: Callable[[], Sequence[str]], own: str) -> list[str]:
    """The files of the notebooks that people have open, this room's among them."""
    return [path for path in {own, *open_files()} if os.path.isabs(path)]
