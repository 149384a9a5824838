"""The copilot: our own agent, which answers by calling a model and its tools in a loop."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from functools import partial
from weakref import WeakKeyDictionary

from ... import protocol as p
from ...core import state as s
from ...core.decide.runs import joining_runs
from ...ports.agent import AgentSpec
from ...ports.model import ModelClient
from ...room.room import Room
from ..run_context import RunContext
from ..tool_snapshot import ToolSnapshot
from .conversation import Conversation
from .run_loop import Loop
from .step import Step, default_model


class CopilotAgent:
    """Drives runs with the models of `model`."""

    def __init__(self, model: ModelClient) -> None:
        self._model = model
        # They outlive the lease, so that the next run's requests start with those of the last; they go with their room.
        self._conversations: WeakKeyDictionary[Room, defaultdict[p.ThreadId, Conversation]] = WeakKeyDictionary()

    @property
    def spec(self) -> AgentSpec:
        """The copilot, under the name that says when it is the demo."""
        demo = any(model.demo for model in self._model.models()[:1])
        return AgentSpec(
            name="Demo copilot" if demo else p.AGENT.name, abilities=["models", "modes", "images", "retry"]
        )

    def actor_of(self, run: s.Run) -> p.Actor:
        """The copilot, whoever asked."""
        return self.spec.actor

    def default_model(self) -> str | None:
        """The name of the first model, if any is configured."""
        return default_model(self._model.models())

    async def drive(self, ctx: RunContext, run_id: p.RunId) -> None:
        """Drive a run; see `Agent.drive`."""
        conversations = self._conversations.setdefault(ctx.room, defaultdict(partial(Conversation, self._model)))
        conversation = conversations[ctx.state.runs[run_id].thread_id]

        async def think(run: s.Running, step: int, attempt: int) -> None:
            await ctx.record(lambda state, now: joining_runs(state, run_id, step))
            step_ctx = dataclasses.replace(ctx, tools=ToolSnapshot(ctx.tools))
            await Step(step_ctx, self._model, conversation, run, step, attempt).take()

        await Loop(ctx, run_id, think).drive()
