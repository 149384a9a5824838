"""A step: one model call, from its request to the whole answer and the calls that it proposes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import aclosing

from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...core.decide import failed_run
from ...core.deltas import Delta
from ...ports.model import Completed, ModelClient, ModelRequest, ModelSpec, ReasoningPart, TextPart, ToolRequest
from ...protocol.errors import ModelError, NotebookError, StreamTruncated
from ...tools.live import used
from ..calls.proposals import Prepared, prepare, proposed
from ..deltas import Deltas
from ..ids import answer_id
from ..run_context import RunContext
from .budgeting import charged
from .conversation import Conversation
from .retry import after_failure, failures, problem_of

MAX_ANSWER_CHARS = 1_000_000
"""Of one answer with its reasoning: it cannot leave the room's state while it grows."""
_TOO_LONG = f"The model's answer went beyond {MAX_ANSWER_CHARS:,} characters and was broken off."


class Step:
    """The `step`-th model call of a run, in its `attempt`-th attempt."""

    def __init__(
        self, ctx: RunContext, model: ModelClient, conversation: Conversation, run: s.Running, step: int, attempt: int
    ) -> None:
        self._ctx = ctx
        self._model = model
        self._conversation = conversation
        self._run = run
        self._step = step
        self._attempt = attempt
        self._id = answer_id(run.run_id, step, attempt)
        self._deltas = Deltas(self._record_deltas, ctx.room.clock, ctx.settings.tick_s)

    async def take(self) -> None:
        """Call the model and record what comes of it: an answer with its calls, a delay, or the run's failure.

        Cancelling closes the model's stream; the answer is left as it is, and struck by whoever cancels or goes on.
        Raises what `RunContext.record` raises.
        """
        await self._ctx.record(self._started)
        try:
            spec = model_of(self._model.models(), self._run.model)
            await self._model.look(spec.name)
            spec = model_of(self._model.models(), spec.name)
            request = await self._conversation.request(self._ctx, self._run, spec)
            completed = await self._stream(request)
            prepared = await prepare(self._ctx, self._run, self._id, [_used(call) for call in completed.calls])
        except NotebookError as error:
            await self._unreadable(error)
            return
        except ModelError as error:
            await self._failed(self._mended(error))
            return
        await self._finished(completed, prepared, self._conversation.counted(request, completed.usage))

    def _started(self, state: s.RoomState, now: int) -> list[p.Event]:
        if not isinstance(state.runs.get(self._run.run_id), s.Running):
            return []
        return [
            p.StepStarted(run_id=self._run.run_id, step=self._step, message_id=self._id, attempt=self._attempt)
        ]  # fmt: skip

    async def _stream(self, request: ModelRequest) -> Completed:
        """Record the answer as it comes, and return its end; what is not recorded yet is left in `_deltas`."""
        completed: Completed | None = None
        size = 0
        async with self._deltas as deltas, aclosing(self._model.stream(request)) as parts:  # type: ignore[type-var]
            async for part in parts:
                if isinstance(part, TextPart | ReasoningPart):
                    size += len(part.text)
                    if size > MAX_ANSWER_CHARS:
                        raise ModelError(_TOO_LONG, code="answer_too_long", hint="Ask for less at once.")
                match part:
                    case TextPart(text):
                        deltas.add(self._delta(p.TextDelta, text))
                        await deltas.pause()
                    case ReasoningPart(text):
                        deltas.add(self._delta(p.ReasoningDelta, text))
                        await deltas.pause()
                    case Completed():
                        completed = part
        if completed is None:
            raise StreamTruncated()
        return completed

    def _delta(self, kind: type[p.TextDelta] | type[p.ReasoningDelta], text: str) -> p.TextDelta | p.ReasoningDelta:
        return kind(
            run_id=self._run.run_id, step=self._step, message_id=self._id, attempt=self._attempt, text=text
        )  # fmt: skip

    async def _record_deltas(self, deltas: Sequence[Delta]) -> None:
        await self._ctx.record(self._while_streaming(lambda state, now: list(deltas)))

    def _while_streaming(
        self, plan: Callable[[s.RoomState, int], list[p.Event]]
    ) -> Callable[[s.RoomState, int], list[p.Event]]:
        """The plan, as long as nobody stopped the run."""
        return lambda state, now: plan(state, now) if isinstance(state.messages.get(self._id), s.Streaming) else []

    async def _finished(self, completed: Completed, prepared: Sequence[Prepared], usage: p.Usage) -> None:
        finished = p.StepFinished(
            run_id=self._run.run_id,
            step=self._step,
            message_id=self._id,
            attempt=self._attempt,
            usage=usage,
            finish_reason=completed.finish_reason,
            extra=completed.extra,
            notes=completed.notes,
            thought=completed.thought,
        )

        rest = self._deltas.rest()

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            calls = proposed(self._ctx, state, self._run, self._step, self._id, prepared, now)
            charges, notes = charged(state, self._run, self._run.model or "", usage, self._ctx.room.house, now)
            return [*rest, replace(finished, notes=[*finished.notes, *notes]), *charges, *calls]

        await self._ctx.record(self._while_streaming(plan))

    async def _unreadable(self, error: NotebookError) -> None:
        """End the run, so that people are told what is wrong with the notebook's file."""
        problem = p.Problem(code=error.code, message=error.message, hint=error.hint)
        await self._ctx.record(
            self._while_streaming(lambda state, now: failed_run(state, state.runs[self._run.run_id], problem))
        )

    def _mended(self, error: ModelError) -> ModelError:
        """The error, worth another attempt when less can be told."""
        if error.code != "context_too_long" or not self._conversation.shrink(error.limit_tokens):
            return error
        return ModelError(error.message, code=error.code, hint="Trying with a shorter conversation.", retryable=True)

    async def _failed(self, error: ModelError) -> None:
        jitter, rest = random.random(), self._deltas.rest()

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            failed = failures(state, self._run.run_id, self._step) + 1
            wait_s = after_failure(error, failed, self._ctx.settings, jitter)
            run = state.runs[self._run.run_id]
            if isinstance(wait_s, p.Problem):
                return [*rest, *failed_run(state, run, wait_s)]
            struck = p.StepAborted(
                run_id=run.run_id, step=self._step, message_id=self._id, attempt=self._attempt, reason=error.message
            )
            delayed = p.RunDelayed(
                run_id=run.run_id,
                problem=problem_of(error),
                attempt=failed,
                of=self._ctx.settings.max_attempts,
                retry_at=now + round(wait_s * 1000),
            )
            return [*rest, struck, delayed]

        await self._ctx.record(self._while_streaming(plan))


def _used(request: ToolRequest) -> ToolRequest:
    """What was asked for, by its own name, where it was asked for through the tool that calls others."""
    tool, args = used(request.tool, request.args)
    return replace(request, tool=tool, args=args)


def model_of(models: Sequence[ModelSpec], name: str | None) -> ModelSpec:
    """The model with this name, the default without one. Raises `ModelError`."""
    if not models:
        hint = "Set OPENAI_API_KEY or OPENAI_BASE_URL for the server, or name models in its configuration."
        raise ModelError("No model is configured.", code="no_model", hint=hint)
    if name is None:
        return models[0]
    found = next((spec for spec in models if spec.name == name), None)
    if found is None:
        names = ", ".join(spec.name for spec in models)
        raise ModelError(f"There is no model {name!r} here.", code="model_unknown", hint=f"Choose one of: {names}.")
    return found


def default_model(models: Sequence[ModelSpec]) -> str | None:
    """The name of the model that answers when none was chosen, if there is any."""
    return models[0].name if models else None
