"""The agent port: who answers in a room, and how people tell one from another."""

from __future__ import annotations

from typing import Literal, Protocol, TypeVar

from msgspec import Struct

from ..core import state as s
from ..protocol import COPILOT, Actor, AgentId, RunId

Ability = Literal["models", "modes", "images", "retry"]
"""What the composer offers for an agent: a choice of models, modes, images in messages, and another try."""

Seat_contra = TypeVar("Seat_contra", contravariant=True)


class AgentSpec(Struct, frozen=True, kw_only=True):
    """An agent as people choose it; `icon` is an SVG image, empty for the copilot's own."""

    agent_id: AgentId = COPILOT
    name: str = "Copilot"
    icon: str = ""
    abilities: list[Ability] = []
    version: str = ""
    account: str = ""
    """Whose account it uses, where that is not the server's own."""
    missing: str = ""
    """Why it cannot answer now, and how it is installed."""

    @property
    def actor(self) -> Actor:
        """The author of this agent's records."""
        return Actor(kind="agent", id=self.agent_id, name=self.name)


class Agent(Protocol[Seat_contra]):
    """Answers messages by driving runs; one agent serves every room of the server."""

    @property
    def spec(self) -> AgentSpec:
        """Who it is, as of now."""

    def actor_of(self, run: s.Run) -> Actor:
        """The author of what is recorded while it drives this run."""

    def default_model(self) -> str | None:
        """The name of the model that answers when none was chosen, if it has any."""

    async def drive(self, ctx: Seat_contra, run_id: RunId) -> None:
        """Drive a running run from where the log says it stands to its end, whoever ends it.

        Also settles the calls that a run left under way when it was stopped. A second process may be asked to drive
        the same run after a crash. Cancelling leaves the run as it is, for whoever drives it next. Raises `LeaseLost`,
        another `StoreError`, or `Rejected` when the room closes.
        """
