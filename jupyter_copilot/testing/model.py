"""A model whose answers are written down beforehand, and that fails when they are not all asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from types import TracebackType
from typing import Any

import msgspec
from msgspec import Struct
from typing_extensions import Self, override

from ..ports.model import (
    Completed,
    ModelClient,
    ModelPart,
    ModelRequest,
    ModelSpec,
    ReasoningPart,
    TextPart,
    ToolRequest,
)
from ..protocol import Usage
from ..protocol.errors import ModelError


def call(tool: str, raw_args: str | None = None, /, **args: Any) -> ToolRequest:
    """A tool call with these arguments; `raw_args` is for text that is no JSON object."""
    if raw_args is not None:
        return ToolRequest(tool=tool, raw_args=raw_args, args=None)
    return ToolRequest(tool=tool, raw_args=msgspec.json.encode(args).decode(), args=args)


class Answer(Struct, frozen=True, kw_only=True):
    """One answer: its reasoning and text in pieces, then its calls or, instead of an end, an error.

    With `until`, it stands still after its pieces until this is set.
    """

    text: Sequence[str] | str = ()
    reasoning: Sequence[str] | str = ()
    calls: list[ToolRequest] = []
    error: ModelError | None = None
    until: asyncio.Event | None = None
    usage: Usage = Usage(prompt=100, completion=10)
    finish_reason: str | None = "stop"


class ScriptedModel(ModelClient):
    """Gives the answers in order and keeps the requests; as a context manager it checks that every answer was used."""

    def __init__(
        self, answers: Iterable[Answer | str], *, models: Sequence[ModelSpec] = (ModelSpec(name="scripted"),)
    ) -> None:
        self.requests: list[ModelRequest] = []
        self.closed_early = 0
        self._answers = [Answer(text=answer) if isinstance(answer, str) else answer for answer in answers]
        self._models = list(models)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None:
            self.verify()

    def verify(self) -> None:
        """Raise `AssertionError` when an answer was not asked for."""
        assert not self._answers, f"scripted, but not asked for: {self._answers}"

    @override
    def models(self) -> list[ModelSpec]:
        return list(self._models)

    @override
    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart, None]:
        self.requests.append(request)
        assert self._answers, f"no answer is scripted, but the model is asked: {request.messages[-1]}"
        answer = self._answers.pop(0)
        try:
            for piece in _pieces(answer.reasoning):
                yield ReasoningPart(piece)
            for piece in _pieces(answer.text):
                yield TextPart(piece)
            if answer.until is not None:
                await answer.until.wait()
        except (GeneratorExit, asyncio.CancelledError):
            self.closed_early += 1
            raise
        if answer.error is not None:
            raise answer.error
        yield Completed(calls=list(answer.calls), finish_reason=answer.finish_reason, usage=answer.usage)

    @override
    async def close(self) -> None:
        """Nothing is held."""


def _pieces(text: Sequence[str] | str) -> Sequence[str]:
    return [text] if isinstance(text, str) and text else text
