"""A model client whose settings may change while it is used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from ..ports.model import ModelClient, ModelPart, ModelRequest, ModelSpec
from .settings import ModelSettings


class LiveModelClient:
    """Asks by the newest settings; an answer that has begun comes to its end by those that it began with."""

    def __init__(self, settings: ModelSettings, make: Callable[[ModelSettings], ModelClient]) -> None:
        self._make = make
        self._client = make(settings)
        self._before: list[ModelClient] = []

    def use(self, settings: ModelSettings) -> None:
        """Ask by these settings from now on."""
        self._before.append(self._client)
        self._client = self._make(settings)

    def models(self) -> list[ModelSpec]:
        """The models that may be chosen now, the default first."""
        return self._client.models()

    async def look(self, model: str) -> None:
        """Find out what the server says of this model; see `ModelClient`."""
        await self._client.look(model)

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelPart]:
        """The parts of one answer; see `ModelClient`."""
        return self._client.stream(request)

    async def close(self) -> None:
        """Release the connections of all settings that there were."""
        for client in (*self._before, self._client):
            await client.close()
        self._before.clear()
