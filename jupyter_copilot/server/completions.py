"""Completing code while somebody types: what is offered, and one streamed answer a request. Never part of a room."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import msgspec
from msgspec import Struct
from tornado import web
from tornado.iostream import StreamClosedError

from .. import protocol as p
from ..core.inline_completion.code import CodeAround
from ..ports.clock import Clock
from ..ports.completion import Completer, CompletionModel, CompletionPart
from ..protocol.errors import ModelError, Rejected
from ..room.session.rate_limit import RECENT_RATES, RateLimit
from .rest import CopilotHandler, authorised
from .services import Services

PER_S, BURST = 5.0, 20.0
"""How many requests a person may make: more than fast typing asks for."""


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request: the place, the model that the person chose, and the tab, which has one answer at a time."""

    code: CodeAround
    model: str = ""
    tab: str = ""
    again: bool = False


class Offer(Struct, frozen=True, kw_only=True):
    """What a front end may offer: whether completing is allowed, by which models, and whether to begin unasked."""

    allowed: bool
    models: list[CompletionModel]
    unasked: bool


class Failed(Struct, frozen=True, kw_only=True, tag_field="type", tag="problem"):
    """The last line of an answer that failed."""

    problem: p.Problem


class Completions:
    """What the requests of all people share: the completer, who asks how often, and what is on its way."""

    def __init__(self, completer: Completer, clock: Clock, *, is_allowed: bool) -> None:
        self._completer = completer
        self._before: list[Completer] = []
        self._clock = clock
        self._is_allowed = is_allowed
        self._rates: OrderedDict[str, RateLimit] = OrderedDict()
        self._running: dict[tuple[str, str], asyncio.Task[object]] = {}

    def use(self, completer: Completer) -> None:
        """Ask another completer from now on; what has begun comes to its end."""
        self._before.append(self._completer)
        self._completer = completer

    def offer(self) -> Offer:
        """What there is; without a model, or where an administrator said no, nothing."""
        models = self._completer.models() if self._is_allowed else []
        return Offer(allowed=self._is_allowed, models=models, unasked=bool(models) and not models[0].costs)

    async def prepare(self) -> None:
        """Be ready for the first key, where completing begins unasked; once is enough."""
        if self.offer().unasked:
            await self._completer.prepare()

    async def answer(self, person: str, asked: Asked) -> AsyncGenerator[CompletionPart, None]:
        """The parts of one answer; it ends the one before for the same tab.

        Raises `Rejected` with `forbidden` or `rate_limited`, and `ModelError`.
        """
        if not self._is_allowed:
            raise Rejected("forbidden", "Completing code is switched off on this server.")
        self._rate(person).spend(1)
        key, task = (person, asked.tab), cast("asyncio.Task[object]", asyncio.current_task())
        before = self._running.pop(key, None)
        if before is not None and asked.tab:
            before.cancel()
        self._running[key] = task
        try:
            stream = self._completer.complete(asked.code, asked.model, again=asked.again)
            async with aclosing(cast("AsyncGenerator[CompletionPart, None]", stream)) as parts:
                async for part in parts:
                    yield part
        finally:
            if self._running.get(key) is task:
                del self._running[key]

    async def close(self) -> None:
        """End what is on its way, and release connections."""
        for task in self._running.values():
            task.cancel()
        for completer in (*self._before, self._completer):
            await completer.close()

    def _rate(self, person: str) -> RateLimit:
        rate = self._rates.pop(person, None) or RateLimit(self._clock, PER_S, BURST)
        self._rates[person] = rate
        if len(self._rates) > RECENT_RATES:
            self._rates.popitem(last=False)
        return rate


class CompletionsHandler(CopilotHandler):
    """`GET`, `POST api/copilot/completions`: the offer, and one answer as JSON lines. It takes the right to execute."""

    def initialize(self, services: Services, completions: Completions) -> None:  # type: ignore[override]
        """Take the extension's services."""
        super().initialize(services)
        self._completions = completions
        self._answering: asyncio.Task[None] | None = None

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """What may be offered to this person; nothing to those who only look."""
        offer = self._completions.offer()
        may_ask = "execute" in self.visitor.rights
        self.answer(offer if may_ask else msgspec.structs.replace(offer, allowed=False, models=[], unasked=False))
        if may_ask:
            await self._completions.prepare()

    @web.authenticated
    @authorised
    async def post(self) -> None:
        """Answer line by line, as the text comes; whoever leaves ends the request to the model as well."""
        if "execute" not in self.visitor.rights:
            raise Rejected("forbidden", "Completing code takes the right to execute.")
        try:
            asked = msgspec.json.decode(self.body, type=Asked)
        except msgspec.MsgspecError as error:
            raise Rejected("bad_frame", f"This is not a request for a completion: {error}") from None
        self._answering = asyncio.ensure_future(self._write(asked))
        try:
            await self._answering
        except (StreamClosedError, asyncio.CancelledError):
            if not self._finished:
                self.finish()

    @property
    def _person(self) -> str:
        """Whose rate it is: a token names nobody, so all that come with it share one."""
        return "a token" if self.token_authenticated else self.visitor.actor.id

    async def _write(self, asked: Asked) -> None:
        self.set_header("Content-Type", "application/x-ndjson")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        # As for WebSockets: else a line waits until the one before is acknowledged.
        self.request.connection.stream.set_nodelay(True)  # type: ignore[union-attr]
        try:
            async with aclosing(self._completions.answer(self._person, asked)) as parts:
                async for part in parts:
                    self.write(p.encode(part) + b"\n")
                    await self.flush()
        except ModelError as error:
            problem = p.Problem(code=error.code, message=error.message, hint=error.hint)
            self.write(p.encode(Failed(problem=problem)) + b"\n")
        self.finish()

    def on_connection_close(self) -> None:
        """Nobody waits any more."""
        super().on_connection_close()
        if self._answering is not None:
            self._answering.cancel()
