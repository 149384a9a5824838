"""The agents that a server offers."""

from __future__ import annotations

from collections.abc import Iterable

from ..ports.agent import Agent, AgentSpec
from ..protocol import GUESTS, REWIND, AgentId
from .run_context import RunContext


class Agents:
    """Agents by id; the first one answers where nobody chose.

    `guest` drives the runs of agents from outside, `rewind` those that put a notebook back; nobody chooses them.
    """

    def __init__(
        self,
        agents: Iterable[Agent[RunContext]],
        guest: Agent[RunContext] | None = None,
        rewind: Agent[RunContext] | None = None,
    ) -> None:
        self._guest = guest
        self._rewind = rewind
        self._agents = {agent.spec.agent_id: agent for agent in agents}
        self.default = next(iter(self._agents.values()))

    def get(self, agent_id: AgentId | None) -> Agent[RunContext] | None:
        """The agent with this id, if it is offered here; the default for None."""
        if agent_id is None:
            return self.default
        if agent_id == REWIND:
            return self._rewind
        return self._guest if agent_id.startswith(GUESTS) else self._agents.get(agent_id)

    def specs(self) -> list[AgentSpec]:
        """All that people may choose, the default first."""
        return [agent.spec for agent in self._agents.values()]
