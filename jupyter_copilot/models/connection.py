"""One HTTP stream of a model server: opened, read chunk by chunk with patience, and closed at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import closing
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..protocol import JsonObject
from ..protocol.errors import ModelError
from .patience import Patience
from .settings import Endpoint

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# Names of `chat.completions.create`; everything else travels as it is, so that no server's parameter is unknown to us.
_NAMED = ("model", "messages", "stream")

Ask = Callable[["AsyncOpenAI", JsonObject], Awaitable[Any]]
"""Sends a request body to one service of a server, and gives the stream of its answer."""


def connect(endpoint: Endpoint) -> AsyncOpenAI:
    """A client for the endpoint that retries nothing.

    It imports `openai` and reads certificates, which takes a second: call it in a thread.
    """
    import openai

    client: AsyncOpenAI = _client(endpoint, openai)
    _ = client.chat.completions  # imports what asking needs, here and not on the loop
    return client


def _client(endpoint: Endpoint, openai: ModuleType) -> Any:
    shared: dict[str, Any] = {
        "api_key": endpoint.key.reveal() or "none",
        "max_retries": 0,
        "timeout": openai.Timeout(None, connect=endpoint.connect_s),
    }
    if endpoint.is_loopback:
        shared["http_client"] = openai.DefaultAsyncHttpxClient(trust_env=False, timeout=shared["timeout"])
    if endpoint.azure_api_version:
        version = endpoint.azure_api_version
        return openai.AsyncAzureOpenAI(azure_endpoint=endpoint.base_url, api_version=version, **shared)
    if not endpoint.host.endswith("openai.com"):
        # The environment's organisation and project are OpenAI's business alone.
        shared["default_headers"] = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
    return openai.AsyncOpenAI(base_url=endpoint.base_url, **shared)


async def read(
    client: AsyncOpenAI, endpoint: Endpoint, body: JsonObject, idle_s: Callable[[], float], ask: Ask | None = None
) -> AsyncGenerator[JsonObject, None]:
    """The chunks of the answer to this request body, as plain JSON values; `ask` asks another service than Chat.

    `idle_s` says before each further chunk how many seconds it may take; comments that keep the connection alive do
    not count as chunks. Raises what `openai` and `json` raise, `TimeoutError`, and `ModelError` for a web page.
    Closing the generator, or cancelling whoever waits for it, closes the connection.
    """
    now = asyncio.get_running_loop().time
    until = now() + endpoint.first_chunk_s
    with closing(Patience()) as patience:
        with patience.until(until):
            stream = await (ask or _asked)(client, body)
        async with stream:
            with patience.until(until):
                whole = await _whole(stream, endpoint)
            if whole is not None:
                yield whole
                return
            while True:
                try:
                    with patience.until(until):
                        chunk = await anext(stream)
                except StopAsyncIteration:
                    return
                if isinstance(chunk, dict):
                    yield chunk
                    until = now() + idle_s()


async def _asked(client: AsyncOpenAI, body: JsonObject) -> Any:
    """The stream of chunks, as JSON values: typed ones take more CPU than all else in reading them."""
    import openai

    named = {name: body[name] for name in _NAMED}
    answer: Any = await client.chat.completions.with_raw_response.create(
        **named, extra_body={name: value for name, value in body.items() if name not in _NAMED}
    )
    return answer.parse(to=openai.AsyncStream[object])


def service(path: str) -> Ask:
    """How another service of the server is asked: one below its address, or at an address of its own."""

    async def ask(client: AsyncOpenAI, body: JsonObject) -> Any:
        import openai

        kind = openai.AsyncStream[object]
        return await client.post(path, cast_to=object, body=body, stream=True, stream_cls=kind)

    return ask


async def _whole(stream: Any, endpoint: Endpoint) -> JsonObject | None:
    """The answer in one piece, from a server that does not stream; None from one that does."""
    import openai

    content_type = stream.response.headers.get("content-type", "")
    if content_type.startswith("text/html"):
        raise ModelError(
            f"{endpoint.host} answered with a web page instead of a model's answer.",
            code="wrong_url",
            hint="Check OPENAI_BASE_URL or base_url in the Jupyter configuration: it usually ends with /v1.",
        )
    if not content_type.startswith("application/json"):
        return None
    answer = json.loads(await stream.response.aread())
    if not isinstance(answer, dict) or answer.get("error"):
        body = answer.get("error") if isinstance(answer, dict) else answer
        raise openai.APIError("The server reported an error.", stream.response.request, body=body)
    return answer
