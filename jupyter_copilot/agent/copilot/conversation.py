"""A conversation: what the model calls of one thread are told."""

from __future__ import annotations

import logging
from contextlib import aclosing

from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...core.model_context.prompt import estimate_tokens, fit, instructions, summary_plan, summary_request
from ...core.model_context.transcript import transcript, turns
from ...core.reducer import add_usage
from ...ports.model import Completed, ModelClient, ModelRequest, ModelSpec, TextPart
from ...protocol.errors import ModelError
from ..run_context import Seat
from .notebook_context import Views
from .prefix import prefix_tokens

log = logging.getLogger(__name__)

VIEW_SHARE = 0.3
MAX_VIEW_CHARS = 60_000
MIN_CONTEXT_TOKENS = 2_000
MIN_SCALE = 0.25


class Conversation:
    """A thread as the model is told it, call after call.

    What it remembers (views of the notebook, the request before) only makes requests cheaper; losing it is harmless.
    """

    def __init__(self, model: ModelClient) -> None:
        self._model = model
        self._views = Views()
        self._before: ModelRequest | None = None
        self._summaries = p.Usage()
        self._scale = 1.0

    def shrink(self) -> bool:
        """Tell half as much from now on, as the model server says that it was too much; False when that was tried."""
        if self._scale < MIN_SCALE:
            return False
        self._scale /= 2
        self._views.forget()  # they are told anew, in less room
        return True

    async def request(self, seat: Seat, run: s.Running, spec: ModelSpec) -> ModelRequest:
        """The run's next request.

        When older turns no longer fit, they are summarised by the model first, and the thread says so.
        """
        definitions = seat.tools.definitions()
        limit = spec.context_tokens - seat.settings.answer_tokens - estimate_tokens(p.encode(definitions).decode())
        limit = max(round(limit * self._scale), MIN_CONTEXT_TOKENS)
        await self._make_room(seat, run.thread_id, spec, limit)
        view_chars = min(round(limit * VIEW_SHARE * 4), MAX_VIEW_CHARS)
        pictures = spec.images and self._scale == 1
        await self._views.tell(run.run_id, lambda: seat.read_notebook(run), view_chars, pictures=pictures)
        told = transcript(seat.state, run.thread_id, images=spec.images, views=self._views.told)
        messages = fit([instructions(seat.settings.instructions), *told], limit)
        return ModelRequest(model=spec.name, messages=messages, tools=definitions)

    def counted(self, request: ModelRequest, usage: p.Usage) -> p.Usage:
        """The usage of an answered request, with that of the summary before it, if any.

        Its `prefix` counts the prompt tokens that the request before had in the same place.
        """
        before, self._before = self._before, request
        summaries, self._summaries = self._summaries, p.Usage()
        return add_usage(replace(usage, prefix=prefix_tokens(before, request, usage.prompt or None)), summaries)

    async def _make_room(self, seat: Seat, thread_id: p.ThreadId, spec: ModelSpec, limit: int) -> None:
        told = turns(seat.state, thread_id, images=spec.images, views=self._views.told)
        plan = summary_plan(told, limit)
        if plan is None:
            return
        summary = seat.state.threads[thread_id].summary
        messages = summary_request(plan, None if summary is None else summary.text, limit)
        try:
            text = await self._summarised(ModelRequest(model=spec.name, messages=messages))
        except ModelError as error:
            # The next answer is worth more than the summary: long results are cut short instead.
            log.warning("Could not summarise thread %s: %s", thread_id, error)
            return
        event = p.ThreadSummarised(thread_id=thread_id, through=plan.through, text=text)
        await seat.record(lambda state, now: [event])
        self._views.forget()

    async def _summarised(self, request: ModelRequest) -> str:
        text = ""
        async with aclosing(self._model.stream(request)) as parts:  # type: ignore[type-var]
            async for part in parts:
                match part:
                    case TextPart():
                        text += part.text
                    case Completed():
                        self._summaries = add_usage(self._summaries, part.usage)
        if not text.strip():
            raise ModelError("The model's summary was empty.", code="empty_answer")
        return text.strip()
