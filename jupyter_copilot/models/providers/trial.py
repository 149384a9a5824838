"""Trying a provider: whether it answers, in words, and which models it has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from msgspec import Struct

from ...ports.clock import Clock
from ...ports.model import ModelClient, ModelRequest, ModelSpec, TextPart
from ...protocol.errors import ModelError
from ..connection import connect
from ..errors.failures import failure
from ..settings import Endpoint, ModelEntry, ModelSettings

LISTED = 500
WAIT_S = 30.0
_CONTEXT_FIELDS = ("context_length", "max_model_len", "max_context_length", "context_window", "inputTokenLimit")


class Listed(Struct, frozen=True, kw_only=True):
    """A model that a provider has, and how much it reads, where it says so."""

    model: str
    context_tokens: int | None = None


class Trial(Struct, frozen=True, kw_only=True):
    """What came of it: a sentence, what to do next, and the models; `answered` when one was asked and did."""

    ok: bool
    message: str
    hint: str = ""
    models: list[Listed] = []


MakeClient = Callable[[ModelSettings], ModelClient]


async def try_out(endpoint: Endpoint, model: str, clock: Clock, make: MakeClient) -> Trial:
    """List the models, and have one answer when it is named."""
    endpoint = replace(endpoint, first_chunk_s=WAIT_S, models=())
    listed: list[Listed] = []
    try:
        listed = await _listed(endpoint, clock)
    except ModelError as error:
        # Some servers list nothing; then the answer counts.
        if not model or error.code not in ("wrong_url", "model_unknown", "forbidden", "model_error"):
            return Trial(ok=False, message=error.message, hint=error.hint)
    if not model:
        found = f"{endpoint.host} answers and has {len(listed)} models." if listed else f"{endpoint.host} answers."
        return Trial(ok=True, message=found, hint="Choose a model, and test again to have it answer.", models=listed)
    began = clock.now()
    try:
        text = await _answer(endpoint, model, make)
    except ModelError as error:
        return Trial(ok=False, message=error.message, hint=error.hint, models=listed)
    took = (clock.now() - began) / 1000
    said = f"{model} at {endpoint.host} answered in {took:.1f} s: “{text.strip()[:80]}”"
    return Trial(ok=True, message=said, models=listed)


async def _listed(endpoint: Endpoint, clock: Clock) -> list[Listed]:
    client = await asyncio.to_thread(connect, endpoint)
    try:
        page = await client.models.list(timeout=WAIT_S)
        found = [_model(model) for model in page.data or ()]
        return sorted((model for model in found if model.model), key=lambda model: model.model)[:LISTED]
    except Exception as error:
        raise failure(error, endpoint, "", begun=False, now_ms=clock.now()) from None
    finally:
        await client.close()


def _model(found: Any) -> Listed:
    more = getattr(found, "model_extra", None) or {}
    sizes = (more.get(name) for name in _CONTEXT_FIELDS)
    size = next((size for size in sizes if isinstance(size, int) and size > 0), None)
    return Listed(model=str(found.id or "").removeprefix("models/"), context_tokens=size)


async def _answer(endpoint: Endpoint, model: str, make: MakeClient) -> str:
    entry = ModelEntry(spec=ModelSpec(name=model), server_id=model)
    client = make(ModelSettings(endpoints=(replace(endpoint, models=(entry,)),)))
    request = ModelRequest(
        model=model, messages=[{"role": "user", "content": "Answer with the one word OK."}], max_tokens=500
    )
    text = ""
    try:
        async for part in client.stream(request):
            if isinstance(part, TextPart):
                text += part.text
    finally:
        await client.close()
    return text
