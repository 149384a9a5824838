"""The models that the administrator's policy leaves, of those that there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from ...ports.model import ModelClient, ModelPart, ModelRequest, ModelSpec
from .policy_file import Models


class AllowedModels:
    """A model client that offers and asks only what the policy allows; the policy may be another at each call."""

    def __init__(self, client: ModelClient, policy: Callable[[], Models]) -> None:
        self._client = client
        self._policy = policy

    def models(self) -> list[ModelSpec]:
        """The models that may be chosen, the default first. A run that names another one ends with that."""
        policy = self._policy()
        found = [spec for spec in self._client.models() if policy.allows(spec.name)]
        return sorted(found, key=lambda spec: spec.name != policy.default) if policy.default else found

    async def look(self, model: str) -> None:
        """Find out what the server says of this model."""
        await self._client.look(model)

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelPart]:
        """The parts of one answer."""
        return self._client.stream(request)

    async def close(self) -> None:
        """Release the connections."""
        await self._client.close()
