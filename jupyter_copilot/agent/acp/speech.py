"""What an agent says, as the steps of its run: an answer that grows, and ends where it uses a tool."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...core.deltas import Delta
from ...ports.model import ToolRequest
from ...protocol.errors import Rejected
from ..calls.proposals import Prepared, prepare, proposed
from ..deltas import Deltas
from ..ids import answer_id
from ..run_context import RunContext

MAX_CHARS = 1_000_000
"""Of all that an agent says in one run, thoughts included: it cannot leave the state while the run goes on."""


_NO_USAGE = p.Usage()


class TooLong(Exception):
    """It says more than a room can hold."""


class Speech:
    """The steps of one run, of which at most one is open. Whatever changes them holds `lock`."""

    def __init__(self, ctx: RunContext, run_id: p.RunId) -> None:
        self._ctx = ctx
        self.run_id = run_id
        self._open: tuple[int, Deltas] | None = None
        self._size = 0
        self.lock = asyncio.Lock()

    def running(self) -> s.Running:
        """The run. Raises `Rejected` when it is over."""
        run = self._ctx.state.runs.get(self.run_id)
        if not isinstance(run, s.Running):
            raise Rejected("run_finished", "This answer is over.")
        return run

    async def say(self, kind: type[p.TextDelta] | type[p.ReasoningDelta], text: str) -> None:
        """Go on with the answer, or begin one. Raises `TooLong`, and as `RunContext.record`."""
        self._size += len(text)
        if self._size > MAX_CHARS:
            raise TooLong()
        async with self.lock:
            if self._open is None:
                step = self.running().step + 1
                await self._ctx.record(lambda state, now: self._going_on(state, [self._started(step)]))
                deltas = Deltas(self._record, self._ctx.room.clock, self._ctx.settings.tick_s)
                await deltas.__aenter__()
                self._open = step, deltas
            step, deltas = self._open
            deltas.add(kind(run_id=self.run_id, step=step, message_id=self._id(step), text=text))
        await deltas.pause()

    async def pause(self, usage: p.Usage = _NO_USAGE) -> None:
        """End the answer that is open; the next words begin another one."""
        async with self.lock:
            await self._pause(usage)

    async def _pause(self, usage: p.Usage = _NO_USAGE) -> None:
        if self._open is None:
            return
        (step, deltas), self._open = self._open, None
        await deltas.__aexit__(None, None, None)
        rest = deltas.rest()
        finished = p.StepFinished(run_id=self.run_id, step=step, message_id=self._id(step), usage=usage)

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            return [*rest, finished] if isinstance(state.messages.get(self._id(step)), s.Streaming) else []

        await self._ctx.record(plan)

    async def propose(self, requests: Sequence[ToolRequest]) -> tuple[int, list[Prepared]]:
        """A step of its own with these calls, proposed as those of any agent. Raises `Rejected` when the run is over.

        Returns the step, and the calls as they were prepared.
        """
        async with self.lock:
            await self._pause()
            run = self.running()
            step = run.step + 1
            answer = self._id(step)
            prepared = await prepare(self._ctx, run, answer, requests)

            def plan(state: s.RoomState, now: int) -> list[p.Event]:
                calls = proposed(self._ctx, state, run, step, answer, prepared, now)
                return self._going_on(state, [self._started(step), self._ended(step), *calls])

            await self._ctx.record(plan)
            self.running()
            return step, prepared

    async def tell(self, events: Sequence[p.Event]) -> None:
        """A step of its own with calls that nobody was asked about; nothing when the run is over."""
        async with self.lock:
            await self._pause()
            step = self.running().step + 1
            placed = [_placed(event, step, self._id(step)) for event in events]
            await self._ctx.record(
                lambda state, now: self._going_on(state, [self._started(step), self._ended(step), *placed])
            )

    def call_id(self, number: int) -> p.CallId:
        """The id of the `number`-th call that nobody was asked about."""
        return p.CallId(f"{self.run_id}.u{number}")

    def _id(self, step: int) -> p.MessageId:
        return answer_id(self.run_id, step, 1)

    def _started(self, step: int) -> p.StepStarted:
        return p.StepStarted(run_id=self.run_id, step=step, message_id=self._id(step))

    def _ended(self, step: int) -> p.StepFinished:
        return p.StepFinished(run_id=self.run_id, step=step, message_id=self._id(step))

    def _going_on(self, state: s.RoomState, events: list[p.Event]) -> list[p.Event]:
        return events if isinstance(state.runs.get(self.run_id), s.Running) else []

    async def _record(self, deltas: Sequence[Delta]) -> None:
        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            return [each for each in deltas if _is_streaming(state, each)]

        await self._ctx.record(plan)


def _is_streaming(state: s.RoomState, delta: Delta) -> bool:
    message_id = getattr(delta, "message_id", "")
    return isinstance(state.messages.get(message_id), s.Streaming)


def _placed(event: p.Event, step: int, answer: p.MessageId) -> p.Event:
    return replace(event, step=step, message_id=answer) if isinstance(event, p.CallProposed) else event
