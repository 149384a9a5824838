"""An agent without a model: it says back what it was told."""

from __future__ import annotations

from .. import protocol as p
from ..agent.run_context import RunContext
from ..core import state as s
from ..ports.agent import AgentSpec

ECHO = p.AgentId("echo")


class EchoAgent:
    """Answers each message with its own words, in one step."""

    spec = AgentSpec(agent_id=ECHO, name="Echo", icon="<svg xmlns='http://www.w3.org/2000/svg'/>")

    def actor_of(self, run: s.Run) -> p.Actor:
        """Always itself."""
        return self.spec.actor

    def default_model(self) -> str | None:
        """It has no model."""
        return None

    async def drive(self, ctx: RunContext, run_id: p.RunId) -> None:
        """Answer; see `Agent.drive`."""
        answer_id = p.MessageId(f"{run_id}.s1.a1")

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            run = state.runs[run_id]
            if not isinstance(run, s.Running):
                return []
            asked = state.messages[run.message_id]
            text = asked.text if isinstance(asked, s.Posted) else ""
            return [
                p.StepStarted(run_id=run_id, step=1, message_id=answer_id),
                p.TextDelta(run_id=run_id, step=1, message_id=answer_id, text=text),
                p.StepFinished(run_id=run_id, step=1, message_id=answer_id, usage=p.Usage()),
                p.RunFinished(run_id=run_id, outcome="success"),
            ]

        await ctx.record(plan)
