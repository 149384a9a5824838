"""The model client for servers that speak OpenAI's Chat Completions, whichever they are."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from anyio import fail_after
from msgspec.structs import replace

from ..core.model_context.prompt import total_tokens
from ..ports.clock import Clock
from ..ports.model import Completed, ModelPart, ModelRequest, ModelSpec
from ..protocol import JsonObject, Problem
from ..protocol.errors import ModelError, StreamTruncated
from .adaptation import learn
from .addresses import with_version
from .capabilities import Capabilities, shape
from .connection import connect, read
from .context_sizes import context_size
from .errors.failures import failure, heard
from .settings import Endpoint, ModelEntry, ModelSettings
from .stream.assembler import Assembler

if TYPE_CHECKING:
    from openai import AsyncOpenAI

log = logging.getLogger(__name__)

# A server that said why it ended has this long for its usage and its goodbye.
TAIL_S = 5.0
MAX_LOOKS = 3
"""A server may say how much a model reads only once it is loaded."""
CAREFUL_TOKENS = 32_000


class OpenAIModelClient:
    """Streams answers of the configured models, each attempt once: retrying is the engine's, so that people see it.

    What a model refuses (a parameter, images, tools) is left out, remembered and asked again at once. The package
    `openai` is imported in a thread when the first answer is asked for.
    """

    def __init__(self, settings: ModelSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._clients: dict[str, AsyncOpenAI] = {}
        self._connecting = asyncio.Lock()
        self._known: dict[tuple[str, str], Capabilities] = {}
        self._server_ids: dict[str, str] = {}
        self._corrected: dict[str, Endpoint] = {}
        self._sizes: dict[str, int] = {}
        self._looks: dict[str, int] = {}

    def models(self) -> list[ModelSpec]:
        """The models that may be chosen, the default first; one that refused images says so."""
        return [
            replace(
                spec,
                images=spec.images and self._sees(spec.name),
                context_tokens=self._sizes.get(spec.name, spec.context_tokens),
            )
            for spec in self._settings.models()
        ]

    async def look(self, model: str) -> None:
        """Ask the server how much the model reads, unless the settings say so.

        Where the server does not tell, one nearby is taken for one with little room.
        """
        try:
            endpoint, entry = self._find(model)
        except ModelError:
            return
        looks = self._looks.get(model, 0)
        if entry.sized or looks >= MAX_LOOKS or endpoint.azure_api_version or endpoint.host.endswith(".openai.com"):
            return
        self._looks[model] = looks + 1
        try:
            client = await self._client(endpoint)
            size = await context_size(client, endpoint, await self._server_id(client, endpoint, entry))
        except Exception as error:
            log.debug("%s does not say how much it reads: %s", endpoint.host, type(error).__name__)
            return
        if size is not None:
            self._looks[model] = MAX_LOOKS
            self._sizes[model] = size
        elif endpoint.is_near:
            self._sizes[model] = min(CAREFUL_TOKENS, entry.spec.context_tokens)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart, None]:
        """The parts of one answer, ended by exactly one `Completed`.

        Raises `ModelError`, or `StreamTruncated` when the answer is not whole. Closing the generator, or cancelling
        whoever waits for it, closes the connection at once. What goes wrong after the server said that it finished
        does not matter: the answer is whole.
        """
        endpoint, entry = self._find(request.model)
        answer, begun = Assembler(_offered(request), thinking=self._begins_in_thought(endpoint, entry)), False
        try:
            async with aclosing(self._chunks(endpoint, entry, request, answer)) as chunks:
                async for chunk in chunks:
                    begun = True
                    for part in answer.feed(chunk):
                        yield part
        except Exception as error:
            if not answer.finished:
                # Without the chain: a request's headers, and so the key, hang on what it would show.
                raise self._failure(error, endpoint, entry, begun) from None
        if not begun:
            raise StreamTruncated(f"The model server at {endpoint.host} sent an empty answer.")
        completed = answer.finish()
        if answer.began_in_thought:
            self._known[endpoint.name, entry.spec.name] = replace(
                self._capabilities(endpoint, entry), thinks_first=True
            )
        for part in answer.owed():
            yield part
        notes = self._notes(completed, endpoint, entry, request)
        yield replace(completed, notes=[*notes, *([_ONLY_REASONED] if answer.only_reasoned else [])])

    async def close(self) -> None:
        """Close every connection."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.close()

    async def _chunks(
        self, endpoint: Endpoint, entry: ModelEntry, request: ModelRequest, answer: Assembler
    ) -> AsyncGenerator[JsonObject, None]:
        """The chunks of the first attempt that the server does not refuse for something that can be left out.

        Where there is no service at an address without version, `/v1` is tried behind it.
        """
        while True:
            can, begun, body = self._capabilities(endpoint, entry), False, None
            try:
                client = await self._client(endpoint)
                body = shape(request, await self._server_id(client, endpoint, entry), entry.options, can)
                async with aclosing(read(client, endpoint, body, partial(_patience, endpoint, answer))) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
                return
            except Exception as error:
                if begun:
                    raise
                said = heard(error, self._clock.now())
                learned = learn(can, body, said) if said is not None and body is not None else None
                corrected = None if learned else self._with_version(error, endpoint, entry)
                if learned:
                    self._known[endpoint.name, entry.spec.name] = learned
                elif corrected:
                    endpoint = corrected
                else:
                    raise

    def _find(self, model: str) -> tuple[Endpoint, ModelEntry]:
        endpoint, entry = self._settings.find(model)
        return self._corrected.get(endpoint.name, endpoint), entry

    def _with_version(self, error: Exception, endpoint: Endpoint, entry: ModelEntry) -> Endpoint | None:
        """The endpoint with `/v1` behind its address, when nothing was found there without."""
        if endpoint.azure_api_version or self._failure(error, endpoint, entry, begun=False).code != "wrong_url":
            return None
        self._clients.pop(endpoint.name, None)
        address = with_version(endpoint.base_url)
        if address is None:
            self._corrected.pop(endpoint.name, None)
            return None
        log.warning("Nothing answers at %s; trying %s.", endpoint.base_url, address)
        self._corrected[endpoint.name] = dataclasses.replace(endpoint, base_url=address)
        return self._corrected[endpoint.name]

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
            with fail_after(endpoint.first_chunk_s):
                listed = [model.id for model in (await client.models.list()).data or ()]
            if not listed:
                raise ModelError(
                    f"The model server at {endpoint.host} has no model loaded.",
                    code="model_unknown",
                    hint="Load a model there, or name one with OPENAI_MODEL.",
                )
            self._server_ids[endpoint.name] = next((name for name in listed if "embed" not in name), listed[0])
        return self._server_ids[endpoint.name]

    def _capabilities(self, endpoint: Endpoint, entry: ModelEntry) -> Capabilities:
        known = self._known.get((endpoint.name, entry.spec.name))
        if known is not None:
            return known
        is_openai = endpoint.azure_api_version or endpoint.host.endswith((".openai.com", ".openai.azure.com"))
        name = "max_completion_tokens" if is_openai else "max_tokens"
        return Capabilities(images=entry.spec.images, limit_name=name)

    def _begins_in_thought(self, endpoint: Endpoint, entry: ModelEntry) -> bool:
        return self._capabilities(endpoint, entry).thinks_first

    def _sees(self, name: str) -> bool:
        return self._capabilities(*self._find(name)).images

    def _failure(self, error: Exception, endpoint: Endpoint, entry: ModelEntry, begun: bool) -> ModelError:
        model = entry.server_id or self._server_ids.get(endpoint.name, entry.spec.name)
        return failure(error, endpoint, model, begun=begun, now_ms=self._clock.now())

    def _notes(
        self, completed: Completed, endpoint: Endpoint, entry: ModelEntry, request: ModelRequest
    ) -> list[Problem]:
        notes = []
        if request.tools and not self._capabilities(endpoint, entry).tools:
            notes.append(_TOOLS_REFUSED)
        # Without the tools: not every server counts them.
        said = total_tokens(request.messages)
        if completed.usage.prompt and said > max(4 * completed.usage.prompt, 4000):
            notes.append(_PROMPT_CUT)
        return notes


def _offered(request: ModelRequest) -> list[str]:
    return [str(tool["function"]["name"]) for tool in request.tools]


def _patience(endpoint: Endpoint, answer: Assembler) -> float:
    return min(TAIL_S, endpoint.idle_s) if answer.finished else endpoint.idle_s


_ONLY_REASONED = Problem(
    code="only_reasoning",
    message="The model sent its reasoning and no answer, so the reasoning is shown as the answer.",
    hint="If it stops too early, say “Please continue”, or choose another model.",
)
_TOOLS_REFUSED = Problem(
    code="tools_refused",
    message="This model server takes no tools, so the copilot could only answer in words.",
    hint="Choose another model, or switch tools on in that server.",
)
_PROMPT_CUT = Problem(
    code="prompt_cut",
    message="The model server read only a part of the conversation: its context seems to be set smaller.",
    hint="Raise that server's context length (num_ctx), or set context_tokens of the model to what it has.",
)
