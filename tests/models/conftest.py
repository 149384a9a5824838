"""A clock that stands still at 1970, a conversation, and clients that are closed afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.models.settings import ModelSettings
from jupyter_copilot.ports.model import Completed, ModelPart, ModelRequest, ReasoningPart, TextPart
from jupyter_copilot.testing.fault_server import MODEL

SIGNED = {"google": {"thought_signature": "c2ln"}}
CALL = {"id": "call_a", "type": "function", "function": {"name": "read_cell", "arguments": "{}"}}
PNG = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
NOTHING = {"type": "object", "properties": {}, "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "read_cell", "parameters": NOTHING}}]


class EpochClock:
    """Stands still at the beginning of 1970."""

    def now(self) -> int:
        return 0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the model client never sleeps")


class Heard:
    """The parts of an answer."""

    def __init__(self, parts: list[ModelPart]) -> None:
        self.text = "".join(part.text for part in parts if isinstance(part, TextPart))
        self.reasoning = "".join(part.text for part in parts if isinstance(part, ReasoningPart))
        self.ends = [part for part in parts if isinstance(part, Completed)]
        assert parts[-1:] == self.ends, "exactly one Completed, and at the end"
        self.end = self.ends[0]


async def hear(client: OpenAIModelClient, request: ModelRequest) -> Heard:
    """The whole answer."""
    return Heard([part async for part in client.stream(request)])


def conversation(**changes: Any) -> ModelRequest:
    """A request that holds everything that a server may refuse: an image, a call and its extras, tools, a limit."""
    messages = [
        {"role": "system", "content": "Help."},
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}, PNG]},
        {"role": "assistant", "content": None, "tool_calls": [{**CALL, "extra_content": SIGNED}]},
        {"role": "tool", "tool_call_id": "call_a", "content": "x = 1"},
    ]
    return ModelRequest(**{"model": MODEL, "messages": messages, "tools": TOOLS, "max_tokens": 512, **changes})


@pytest.fixture
def clock() -> EpochClock:
    return EpochClock()


@pytest.fixture
def connect(
    clock: EpochClock, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Callable[[ModelSettings], OpenAIModelClient]]:
    clients: list[OpenAIModelClient] = []

    def connected(settings: ModelSettings) -> OpenAIModelClient:
        clients.append(OpenAIModelClient(settings, clock))
        return clients[-1]

    yield connected
    for client in clients:
        jp_asyncio_loop.run_until_complete(client.close())
