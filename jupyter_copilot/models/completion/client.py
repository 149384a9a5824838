"""Inline completion by any configured model: by filling in the middle where its server can, else by asking in chat."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from ...core.inline_completion.chat import messages
from ...core.inline_completion.code import CodeAround, wants_lines
from ...core.inline_completion.prompt import Infill, gather
from ...core.inline_completion.trim import trimmed
from ...ports.clock import Clock
from ...ports.completion import CompletionModel, CompletionPart, Done, Sent, Text
from ...ports.model import Completed, ModelClient, ModelRequest, ReasoningPart, TextPart
from ...protocol import Usage
from ...protocol.errors import ModelError
from ..connection import connect, read, service
from ..errors.failures import failure, heard
from ..settings import Endpoint, ModelEntry, ModelSettings
from .ways import CHAT, Limits, Way, request_of, text_of, ways_of

if TYPE_CHECKING:
    from openai import AsyncOpenAI

FIRST_S, IDLE_S = 20.0, 5.0
LINE_TOKENS, LINES_TOKENS = 64, 160
DARING = 0.8
"""The temperature of another answer."""
_NOT_SO = (400, 404, 405, 415, 422, 501)
_NOT_SO_WORDS = ("suffix", "infill", "insert", "fim", "unsupported", "not support", "not implemented")


class InlineCompleter:
    """Completes code with the configured models; which way a model takes is found out once, and kept until the end.

    Local models come before those that cost money. Nothing is logged, and nothing is asked twice.
    """

    def __init__(
        self, settings: ModelSettings, clock: Clock, chat: Callable[[ModelSettings], ModelClient], default: str = ""
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._chat = chat(_sober(settings))
        self._default = default
        self._clients: dict[str, AsyncOpenAI] = {}
        self._connecting = asyncio.Lock()
        self._server_ids: dict[str, str] = {}
        self._ways: dict[tuple[str, str], list[Way]] = {}

    def models(self) -> list[CompletionModel]:
        """The models that may be asked; the first one is the default, unless it costs money and nobody chose it."""
        found = [self._model(spec.name) for spec in self._settings.models() if not spec.demo]
        if self._default:
            return sorted(found, key=lambda model: model.name != self._default)
        return sorted(found, key=lambda model: model.costs)

    async def prepare(self) -> None:
        """Do what takes a second before the first answer: import what asking needs, and read certificates."""
        first = next((model for model in self.models()), None)
        if first is not None:
            await self._client(self._settings.find(first.name)[0])

    async def complete(
        self, code: CodeAround, model: str = "", *, again: bool = False
    ) -> AsyncGenerator[CompletionPart, None]:
        """What goes out, then the texts so far, then `Done`. Raises `ModelError`.

        An answer that shows all that it can show is ended, and its connection closed. A way that the server does not
        have is passed over and not tried again.
        """
        chosen = model or next((each.name for each in self.models()), "")
        endpoint, entry = self._settings.find(chosen)
        infill = gather(code)
        lines = wants_lines(code)
        limits = Limits(LINES_TOKENS if lines else LINE_TOKENS, DARING if again else 0.0)
        client = await self._client(endpoint)
        server_id = await self._server_id(client, endpoint, entry)
        ways = self._ways.setdefault((endpoint.base_url, server_id), ways_of(endpoint, entry.infill, server_id))
        while True:
            way = ways[0]
            sent = Sent(
                model=chosen,
                host=endpoint.host,
                way=way.name,
                chars=infill.chars,
                cells=infill.cells,
                names=infill.names,
            )
            if way is CHAT or way.name == "chat":
                parts = self._ask_in_chat(chosen, code, infill, limits)
            else:
                parts = self._fill(client, endpoint, server_id, way, code, infill, limits)
            begun = False
            try:
                async with aclosing(parts):
                    async for part in parts:
                        if not begun:
                            begun = True
                            yield sent
                        yield part
                return
            except Exception as error:
                if begun or len(ways) == 1 or not _is_not_so(error, self._clock.now()):
                    raise failure(error, endpoint, server_id, begun=begun, now_ms=self._clock.now()) from None
                if ways[0] is way:  # another request may have found out meanwhile
                    del ways[0]

    async def close(self) -> None:
        """Close every connection."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.close()
        await self._chat.close()

    async def _fill(
        self,
        client: AsyncOpenAI,
        endpoint: Endpoint,
        server_id: str,
        way: Way,
        code: CodeAround,
        infill: Infill,
        limits: Limits,
    ) -> AsyncGenerator[CompletionPart, None]:
        path, body = request_of(way, endpoint, server_id, infill, limits)
        hasty = dataclasses.replace(endpoint, first_chunk_s=min(endpoint.first_chunk_s, FIRST_S))
        raw, shown, usage = "", "", Usage()
        async with aclosing(read(client, hasty, body, lambda: IDLE_S, service(path))) as chunks:
            async for chunk in chunks:
                usage = _usage(chunk) or usage
                piece = text_of(chunk)
                if not piece:
                    continue
                raw += piece
                text, enough = trimmed(raw, code, way.stop)
                if text != shown:
                    shown = text
                    yield Text(text=text)
                if enough:
                    break
        yield Done(usage=usage)

    async def _ask_in_chat(
        self, model: str, code: CodeAround, infill: Infill, limits: Limits
    ) -> AsyncGenerator[CompletionPart, None]:
        request = ModelRequest(model=model, messages=messages(code, infill), max_tokens=limits.max_tokens)
        raw, shown, usage = "", "", Usage()
        stream = self._chat.stream(request)
        async with aclosing(stream) as parts:  # type: ignore[type-var]
            async for part in parts:
                match part:
                    case TextPart(piece):
                        raw += piece
                        text, enough = trimmed(raw, code, chat=True)
                        if text != shown:
                            shown = text
                            yield Text(text=text)
                        if enough:
                            break
                    case ReasoningPart(thought) if thought.strip():
                        raise ModelError(
                            f"The model {model} thinks before it answers, which takes too long while somebody types.",
                            code="thinks_first",
                            hint="Choose another model for completions, or set `options` that keep it from reasoning.",
                        )
                    case Completed():
                        usage = part.usage
        yield Done(usage=usage)

    def _model(self, name: str) -> CompletionModel:
        endpoint, entry = self._settings.find(name)
        return CompletionModel(name=name, label=entry.spec.label, host=endpoint.host, costs=not endpoint.is_near)

    async def _client(self, endpoint: Endpoint) -> AsyncOpenAI:
        async with self._connecting:
            if endpoint.name not in self._clients:
                self._clients[endpoint.name] = await asyncio.to_thread(connect, endpoint)
            return self._clients[endpoint.name]

    async def _server_id(self, client: AsyncOpenAI, endpoint: Endpoint, entry: ModelEntry) -> str:
        """The id that the server knows the model by; the first one that it lists when none is configured."""
        if entry.server_id is not None:
            return entry.server_id
        if endpoint.name not in self._server_ids:
            try:
                listed = [model.id for model in (await client.models.list()).data or ()]
            except Exception as error:
                raise failure(error, endpoint, "", begun=False, now_ms=self._clock.now()) from None
            if not listed:
                raise ModelError(
                    f"The model server at {endpoint.host} has no model loaded.",
                    code="model_unknown",
                    hint="Load a model there.",
                )
            self._server_ids[endpoint.name] = next((name for name in listed if "embed" not in name), listed[0])
        return self._server_ids[endpoint.name]


def _sober(settings: ModelSettings) -> ModelSettings:
    """The same models, asked for their likeliest answer; what somebody configured for a model goes first."""
    return dataclasses.replace(
        settings,
        endpoints=tuple(
            dataclasses.replace(
                endpoint,
                first_chunk_s=min(endpoint.first_chunk_s, FIRST_S),
                models=tuple(
                    dataclasses.replace(entry, options={"temperature": 0, **entry.options}) for entry in endpoint.models
                ),
            )
            for endpoint in settings.endpoints
        ),
    )


def _is_not_so(error: Exception, now_ms: int) -> bool:
    """Whether the server says that it has no such service, or not for this model."""
    said = heard(error, now_ms)
    if said is None:
        return isinstance(error, ModelError) and error.code == "wrong_url"
    return said.status in _NOT_SO or (said.status in (None, 500) and said.says(*_NOT_SO_WORDS))


def _usage(chunk: dict[str, object]) -> Usage | None:
    found = chunk.get("usage")
    if not isinstance(found, dict):
        return None
    prompt, completion = found.get("prompt_tokens"), found.get("completion_tokens")
    return Usage(
        prompt=prompt if isinstance(prompt, int) else 0, completion=completion if isinstance(completion, int) else 0
    )
