"""A conversation: what the model calls of one thread are told."""

from __future__ import annotations

import logging
from contextlib import aclosing

from msgspec.structs import replace

from .. import protocol as p
from .. import state as s
from ..errors import ModelError
from ..model.base import ModelRequest, ModelSpec, TextPart
from ..model.prefix import prefix_tokens
from ..notebook.base import Cell
from ..prompt import SummaryPlan, estimate_tokens, fit, instructions, summary_plan, summary_request
from ..transcript import transcript, turns
from .seat import Seat
from .views import Views

log = logging.getLogger(__name__)

VIEW_SHARE = 0.3
MAX_VIEW_CHARS = 60_000
MIN_CONTEXT_TOKENS = 2_000
MIN_SCALE = 0.25


class Conversation:
    """A thread as the model is told it, call after call.

    What it remembers (views of the notebook, the request before) only makes requests cheaper; losing it is harmless.
    """

    def __init__(self, seat: Seat, thread_id: p.ThreadId) -> None:
        self._seat = seat
        self._thread_id = thread_id
        self._views = Views()
        self._before: ModelRequest | None = None
        self._scale = 1.0

    def shrink(self) -> bool:
        """Tell half as much from now on, as the model server says that it was too much; False when that was tried."""
        if self._scale < MIN_SCALE:
            return False
        self._scale /= 2
        return True

    async def request(self, run: s.Running, spec: ModelSpec) -> ModelRequest:
        """The run's next request.

        When older turns no longer fit, they are summarised by the model first, and the thread says so.
        """
        definitions = self._seat.tools.definitions()
        limit = (
            spec.context_tokens - self._seat.settings.answer_tokens - estimate_tokens(p.encode(definitions).decode())
        )
        limit = max(round(limit * self._scale), MIN_CONTEXT_TOKENS)
        await self._make_room(spec, limit)
        await self._views.tell(run.run_id, lambda: self._read(run), min(round(limit * VIEW_SHARE * 4), MAX_VIEW_CHARS))
        told = transcript(self._seat.state, self._thread_id, images=spec.images, views=self._views.told)
        messages = fit([instructions(self._seat.settings.instructions), *told], limit)
        return ModelRequest(model=spec.name, messages=messages, tools=definitions)

    def counted(self, request: ModelRequest, usage: p.Usage) -> p.Usage:
        """The usage of an answered request, with the prompt tokens that the request before had in the same place."""
        before, self._before = self._before, request
        return replace(usage, prefix=prefix_tokens(before, request, usage.prompt or None))

    async def _read(self, run: s.Running) -> list[Cell]:
        notebook = await self._seat.notebooks.open(None, run.asked_by.client_id)
        return await notebook.read()

    async def _make_room(self, spec: ModelSpec, limit: int) -> None:
        told = turns(self._seat.state, self._thread_id, images=spec.images, views=self._views.told)
        plan = summary_plan(told, limit)
        if plan is None:
            return
        try:
            text = await self._summary(plan, spec, limit)
        except ModelError as error:
            # The next answer is worth more than the summary: long results are cut short instead.
            log.warning("Could not summarise thread %s: %s", self._thread_id, error)
            return
        event = p.ThreadSummarised(thread_id=self._thread_id, through=plan.through, text=text)
        await self._seat.record(lambda state, now: [event])
        self._views.forget()

    async def _summary(self, plan: SummaryPlan, spec: ModelSpec, limit: int) -> str:
        summary = self._seat.state.threads[self._thread_id].summary
        messages = summary_request(plan, None if summary is None else summary.text, limit)
        text = ""
        async with aclosing(self._seat.model.stream(ModelRequest(model=spec.name, messages=messages))) as parts:  # type: ignore[type-var]
            async for part in parts:
                text += part.text if isinstance(part, TextPart) else ""
        if not text.strip():
            raise ModelError("The model's summary was empty.", code="empty_answer")
        return text.strip()
