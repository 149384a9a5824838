"""How much a model reads, asked of the server that has it: each kind of server tells it in its own place."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from .settings import Endpoint

if TYPE_CHECKING:
    from openai import AsyncOpenAI

WAIT_S = 5.0
FIELDS = (
    "loaded_context_length",  # LM Studio, as it is loaded now
    "context_length",  # OpenRouter, Together
    "max_model_len",  # vLLM, SGLang
    "max_context_length",  # LM Studio, Mistral
    "context_window",  # Groq
    "inputTokenLimit",  # Google
    "max_input_tokens",  # Anthropic, LiteLLM
)
LEAST = 1_000

log = logging.getLogger(__name__)


def size_in(found: Mapping[str, Any]) -> int | None:
    """The size that a server's description of a model names, if any."""
    meta = found.get("meta")
    sizes = [found.get(name) for name in FIELDS]
    sizes.append(meta.get("n_ctx") if isinstance(meta, Mapping) else None)  # llama.cpp
    return next((size for size in sizes if isinstance(size, int) and size >= LEAST), None)


async def context_size(client: AsyncOpenAI, endpoint: Endpoint, server_id: str) -> int | None:
    """How many tokens the model reads on this server, as it runs now; None where the server does not say."""
    async for answer in _answers(client, endpoint):
        for found in _models_in(answer):
            if server_id in (found.get("id"), found.get("name"), found.get("model")):
                size = size_in(found)
                if size is not None:
                    return size
    return await _of_ollama(client, endpoint, server_id) if endpoint.is_loopback else None


async def _answers(client: AsyncOpenAI, endpoint: Endpoint) -> AsyncIterator[Any]:
    """The lists of models that the server has; those of its own kind before the one of OpenAI's kind."""
    if endpoint.is_loopback:
        yield await _get(client, f"{_origin(endpoint)}/api/ps")  # Ollama: what is loaded, with its size
        yield await _get(client, f"{_origin(endpoint)}/api/v0/models")  # LM Studio
    yield await _get(client, "/models")


def _models_in(answer: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(answer, Mapping):
        for key in ("data", "models"):
            listed = answer.get(key)
            yield from (each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, Mapping))


async def _of_ollama(client: AsyncOpenAI, endpoint: Endpoint, server_id: str) -> int | None:
    """What a model that is not loaded yet will have, where its own parameters say so."""
    answer = await _post(client, f"{_origin(endpoint)}/api/show", {"model": server_id})
    parameters = answer.get("parameters") if isinstance(answer, Mapping) else None
    found = re.search(r"^num_ctx\s+(\d+)", parameters, re.MULTILINE) if isinstance(parameters, str) else None
    return int(found[1]) if found else None


def _origin(endpoint: Endpoint) -> str:
    parts = urlsplit(endpoint.base_url)
    return f"{parts.scheme}://{quote(parts.netloc, safe='[]:')}"


async def _get(client: AsyncOpenAI, path: str) -> Any:
    return await _tried(client.get(path, cast_to=object, options={"timeout": WAIT_S}))


async def _post(client: AsyncOpenAI, path: str, body: dict[str, Any]) -> Any:
    return await _tried(client.post(path, cast_to=object, body=body, options={"timeout": WAIT_S}))


async def _tried(asked: Any) -> Any:
    """The answer; None for a server that has no such place, is away, or says what cannot be read."""
    try:
        return await asked
    except Exception as error:
        log.debug("A model server does not say how much it reads: %s", type(error).__name__)
        return None
