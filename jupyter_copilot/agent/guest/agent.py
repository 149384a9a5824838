"""Guests: agents from outside, whose calls are proposed and decided as those of our own agent."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ... import protocol as p
from ...core import state as s
from ...ports.agent import AgentSpec
from ..copilot.run_loop import Loop
from ..run_context import RunContext
from .planner import next_move
from .step import propose
from .tools import GuestTools


class GuestAgent:
    """Drives the runs of every guest: each request of a run is a step, whose answer is the calls that were asked for.

    The outside agent is the model. What it asks for while its run goes on joins the run at once, so that it may look
    around while people think about an earlier proposal; a run without open calls is over a moment later.
    """

    spec = AgentSpec(agent_id=p.AgentId(p.GUESTS), name="Guest")

    def actor_of(self, run: s.Run) -> p.Actor:
        """The guest itself, as it asks on its own account."""
        return run.asked_by

    def default_model(self) -> str | None:
        """The model is somebody else's."""
        return None

    async def drive(self, ctx: RunContext, run_id: p.RunId) -> None:
        """Drive a run; see `Agent.drive`."""
        guest = ctx.state.guests.get(ctx.state.runs[run_id].asked_by.id)
        own = replace(ctx, tools=GuestTools(ctx.tools, "read" if guest is None else guest.scope))
        await Loop(own, run_id, partial(propose, own), next_move).drive()
