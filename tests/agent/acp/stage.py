"""A stage with an agent of others: a real process that does what it is told, without a model."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.acp.agent import AcpAgent
from jupyter_copilot.agent.acp.configuration import AgentConfig
from jupyter_copilot.agent.acp.hands import Hands
from jupyter_copilot.agent.acp.sessions import Sessions
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import Clock, SystemClock
from jupyter_copilot.testing import acp_agent

from ...patience import scaled
from ..stage import Stage

SCRIPT = acp_agent.__file__
FAKE = p.AgentId("fake")


def config(*options: str, **fields: Any) -> AgentConfig:
    """The fake agent as an administrator would name it."""
    command = [sys.executable, "-S", SCRIPT, *options]
    return AgentConfig(**{"command": command, "name": "Fake", "mode": "ask", "confined": {"only": True}, **fields})


class AcpStage(Stage):
    """A stage whose room can be answered by the fake agent."""

    def __init__(
        self,
        *options: str,
        agent: AgentConfig | None = None,
        files: bool = False,
        sessions: Sessions | None = None,
        open_files: Sequence[str] = (),
        hands: Hands | None = None,
        environ: dict[str, str] | None = None,
        clock: Clock | None = None,
        **fields: Any,
    ) -> None:
        clock = clock or SystemClock()
        self.sessions = sessions or Sessions(clock)
        self.agent = AcpAgent(
            "fake",
            agent or config(*options),
            self.sessions,
            files=files,
            open_files=lambda: list(open_files),
            hands=hands,
            environ=environ if environ is not None else {"PATH": "/usr/bin:/bin"},
        )
        super().__init__(agents=[self.agent], clock=clock, **fields)

    async def __aenter__(self) -> AcpStage:
        await super().__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await super().__aexit__(kind, error, trace)
        await self.sessions.close()

    async def noticed_the_end(self) -> None:
        """Wait until it is known here that the agents' processes ended."""
        deadline = monotonic() + scaled(10)
        while any(session.is_alive for session in self.sessions._sessions.values()):
            assert monotonic() < deadline, "an agent's process lives on"
            await asyncio.sleep(0.01)

    async def tell(self, script: str, message_id: str = "m1", **fields: Any) -> p.RunId:
        """Have the agent do something."""
        return await self.post(script, message_id, agent_id=self.agent.spec.agent_id, **fields)

    def text(self, run_id: str = "m1.r1") -> str:
        """What the agent said in a run."""
        answers = [m for m in self.state.messages.values() if isinstance(m, s.Complete) and m.run_id == run_id]
        return "\n".join(answer.text for answer in answers if answer.text)

    def calls(self, run_id: str = "m1.r1") -> list[s.Call]:
        return list(s.run_calls(self.state, p.RunId(run_id)))

    async def opened(self) -> s.Open:
        """The one confirmation that is open, once it is."""
        await self.until(lambda state: any(True for _ in s.open_confirmations(state)))
        (opened,) = s.open_confirmations(self.state)
        return opened


def effects(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
