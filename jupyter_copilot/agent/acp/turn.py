"""A turn: one prompt, and all that an agent says and does until its answer is over, as records of the room."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from ... import protocol as p
from ...core import state as s
from ...core.decide import failed_run
from ...core.decide.runs import stop_run
from ...core.untrusted_text import as_name
from ...ports.model import ToolRequest
from ...ports.tasks import Tasks
from ...protocol import CallResult, JsonObject
from ...protocol.errors import InDoubt, Rejected, StoreError, ToolError
from ..run_context import RunContext
from . import questions
from .configuration import AgentConfig
from .own_call import Own
from .own_tools import ADAPTER, AgentTools
from .problems import AgentFailed, changed_mode, wrote_notebook
from .speech import Speech, TooLong
from .unasked import Unasked
from .updates import ToolCall, goes_for, is_of_server
from .wire import RequestId

GRACE_S = 0.5
"""How long a call that began is waited for to ask, before it is recorded as one that did not."""
MAX_CALLS = 500
_CANCELLED: JsonObject = {"outcome": {"outcome": "cancelled"}}
_FILE = (
    "Refused: this would write the file of a notebook that people have open, and lose their work. The notebook's own "
    "tools change it."
)

Answer = Callable[[RequestId, Any], Awaitable[None]]


class Turn:
    """Takes what an agent says in its order. Raises nothing that the agent causes: that ends the run."""

    def __init__(
        self,
        ctx: RunContext,
        run_id: p.RunId,
        agent: AgentConfig,
        agent_id: p.AgentId,
        files: Callable[[], Sequence[str]],
    ) -> None:
        self._own: dict[str, Own] = {}
        tools = AgentTools(ctx.tools, agent_id, agent.name, self._asked)
        self.ctx = replace(ctx, tools=tools)
        self.run_id = run_id
        self._tools = tools
        self._agent = agent
        self._files = files
        self.speech = Speech(self.ctx, run_id)
        self._unasked = Unasked(self.ctx, self.speech, tools.own_name)
        self._tasks = Tasks()
        self._count = 0
        self._stands = True
        self.folder = ""
        self.server = ""
        self.mode = ""
        self.answer: Answer = _nobody
        self.failed: AgentFailed | None = None
        """Why the agent must be ended, if it must."""
        self.heard_at = ctx.room.clock.now()

    def _asked(self, id: str) -> Own | None:
        own = self._own.get(id)
        return own if own is not None and self._stands else None

    def drives(self, call_id: p.CallId) -> bool:
        """Whether a call was begun by the agent alone, so that only it can say how it ends."""
        return any(own.call_id == call_id and not own.asks for own in self._own.values())

    @property
    def waits_for_people(self) -> bool:
        """Whether something of the run is open."""
        return s.run_is_parked(self.ctx.state, self.run_id)

    # What the agent says

    async def update(self, told: JsonObject) -> None:
        """Take an update of the session."""
        self.heard_at = self.ctx.room.clock.now()
        if not self._stands:
            return
        await self._taken(self._update(told))

    async def _update(self, told: JsonObject) -> None:
        match told.get("sessionUpdate"):
            case "agent_message_chunk":
                await self.speech.say(p.TextDelta, questions.text_of(told.get("content")))
            case "agent_thought_chunk":
                await self.speech.say(p.ReasoningDelta, questions.text_of(told.get("content")))
            case "tool_call" | "tool_call_update":
                await self._called(told)
            case "plan":
                await self._planned(told.get("entries"))
            case "current_mode_update":
                self._check_mode(told.get("currentModeId"))
            case "config_option_update":
                for option in questions.mode_options(told.get("configOptions")):
                    self._check_mode(option.get("currentValue"))

    async def _taken(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether that went well. What the agent does wrong ends the run; that the run is over already is no fault."""
        try:
            await work
            return True
        except AgentFailed as failed:
            self.failed = failed
        except TooLong:
            problem = p.Problem(code="answer_too_long", message=f"{self._agent.name} said more than a room can hold.")
            self.failed = AgentFailed(problem)
        except Rejected:
            return False
        await self.fail(self.failed.problem)
        return False

    def _check_mode(self, mode: object) -> None:
        if isinstance(mode, str) and self.mode and mode != self.mode:
            raise changed_mode(self._agent, mode)

    async def _planned(self, entries: object) -> None:
        found = questions.plan_of(entries)
        event = p.PlanUpdated(run_id=self.run_id, entries=found)
        await self.ctx.record(lambda state, now: [event] if self._is_running(state) else [])

    async def _called(self, told: JsonObject) -> None:
        own = self._find(told)
        if own is None or is_of_server(own.call, told, self.server):
            return
        await self.speech.pause()
        if own.asks:
            if own.call.is_over:
                own.settle()
            return
        began = own.call.status == "in_progress" or own.call.is_over
        if began and goes_for(own.call, self._files(), self.folder) and own.call.status != "failed":
            raise wrote_notebook(self._agent)
        if own.call.is_over:
            await self._unasked.end(own)
        elif began and not own.begun:
            own.begun = True
            self._spawn(self._began_unasked(own))

    def _find(self, told: JsonObject) -> Own | None:
        id = told.get("toolCallId")
        if not isinstance(id, str):
            return None
        if id not in self._own and len(self._own) >= MAX_CALLS:
            message = f"{self._agent.name} made more than {MAX_CALLS} calls."
            raise AgentFailed(p.Problem(code="too_many_calls", message=message, hint="Ask it to go on."))
        own = self._own.setdefault(id, Own(ToolCall(id)))
        own.call.merge(told)
        return own

    # Calls that nobody was asked about

    async def _began_unasked(self, own: Own) -> None:
        await self.ctx.room.clock.sleep(GRACE_S)
        if not own.asks and own.call_id is None and not own.call.is_over:
            await self._unasked.begin(own)

    # Calls for which it asks

    async def permission(self, id: RequestId, params: JsonObject) -> None:
        """Take a request for permission; it is answered after people decided, and that is committed."""
        self.heard_at = self.ctx.room.clock.now()
        told = params.get("toolCall")
        told = told if isinstance(told, dict) else {}
        options = questions.options_of(params.get("options"))
        if not self._stands:
            await self.answer(id, _CANCELLED)
            return
        if not await self._taken(self._permission(id, told, options)):
            await self.answer(id, _CANCELLED)

    async def _permission(self, id: RequestId, told: JsonObject, options: dict[str, str]) -> None:
        own = self._find(told)
        if own is None or "allow_once" not in options or "reject_once" not in options:
            self._spawn(self._chosen(id, told, options))
            return
        if is_of_server(own.call, told, self.server):
            # The room asks about it by itself.
            await self.answer(id, questions.selected(options["allow_once"]))
            return
        if own.call_id is not None and not own.asks:
            own = await self._asks_after_all(own)
        own.asks, own.shown = True, own.call.preview()
        refuses = goes_for(own.call, self._files(), self.folder)

        async def answer(kind: str) -> None:
            await self.answer(id, questions.selected(options[kind]))

        own.answer, own.request = answer, id
        if refuses:
            own.asks = False
            self._spawn(self._refuse_file(own))
            return
        request = ToolRequest(tool=self._tools.own_name(own.call.kind), raw_args="", args=own.call.args)
        _, (prepared,) = await self.speech.propose([request])
        own.call_id = prepared.call_id
        self._spawn(self._await_decision(own))

    async def _asks_after_all(self, own: Own) -> Own:
        """One that was recorded as begun asks now: what it asks for is another call."""
        await self._unasked.settle([own], "It asks now.", is_error=False)
        fresh = self._own[own.call.id] = Own(own.call)
        return fresh

    async def _refuse_file(self, own: Own) -> None:
        answer, own.answer = own.answer, None
        own.call.status, own.call.content, own.call.raw_output = "failed", [], _FILE
        own.done.set_result(CallResult(text=_FILE))
        with contextlib.suppress(Rejected):
            await self._unasked.refuse(own, _FILE)
        if answer is not None:
            await answer("reject_once")

    async def _await_decision(self, own: Own) -> None:
        """Answer by a refusal once the call ended without having begun; where it began, it answered itself."""

        def is_over(state: s.RoomState) -> bool:
            call = state.calls.get(own.call_id or "")
            return call is None or isinstance(call, s.CallDone) or not self._is_running(state)

        await self.ctx.room.wait(is_over)
        answer, own.answer = own.answer, None
        if answer is not None and self._is_running(self.ctx.state):
            await answer("reject_once")
        elif answer is not None and own.request is not None:
            # A refusal would have it go on with an answer that is over.
            await self.answer(own.request, _CANCELLED)

    async def _chosen(self, id: RequestId, told: JsonObject, options: dict[str, str]) -> None:
        """Put to people what the agent wants chosen, in its own words."""
        self._count += 1
        opened = questions.choice(self.ctx.state, self.run_id, self._count, told, options)
        choice = await self._ask(opened) if opened is not None else None
        kind = choice.option if choice is not None else ""
        await self.answer(id, questions.selected(options[kind]) if kind in options else _CANCELLED)

    async def elicit(self, id: RequestId, params: JsonObject) -> None:
        """Take a question of the agent to people."""
        self.heard_at = self.ctx.room.clock.now()
        self._spawn(self._elicit(id, params))

    async def _elicit(self, id: RequestId, params: JsonObject) -> None:
        self._count += 1
        opened = questions.form(self.ctx.state, self.run_id, self._count, params)
        answered = await self._ask(opened) if opened is not None and self._stands else None
        await self.answer(id, questions.form_answer(answered))

    async def _ask(self, opened: p.ConfirmationOpened) -> s.Decided | None:
        """Have people decide something; None when it was taken back or nobody did."""
        await self.ctx.record(lambda state, now: [opened] if self._is_running(state) else [])
        asked = opened.confirmation_id
        await self.ctx.room.wait(lambda state: not isinstance(state.confirmations.get(asked), s.Open))
        found = self.ctx.state.confirmations.get(asked)
        return found if isinstance(found, s.Decided) else None

    async def allowed(self, opened: p.ConfirmationOpened) -> bool:
        """Whether people chose the first option."""
        chosen = await self._ask(opened)
        return chosen is not None and chosen.option == opened.options[0].id

    # Its end

    async def finish(self, problem: AgentFailed | None, usage: p.Usage) -> None:
        """The answer is over, or the agent could not finish it."""
        self._stands = False
        for own in self._own.values():
            if own.asks and not own.done.done():
                own.done.set_result(CallResult(text="The agent did not say what came of it."))
        await self._unasked.settle(self._own.values(), "It ended with the answer.")
        await self._until_settled()
        await self.speech.pause(usage)

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            run = state.runs.get(self.run_id)
            if not isinstance(run, s.Running):
                return []
            if problem is not None:
                return failed_run(state, run, problem.problem)
            left = stop_run(state, run, "The answer ended without it.")
            return [*left, p.RunFinished(run_id=run.run_id, outcome="success", usage=run.usage)]

        await self.ctx.record(plan)

    async def fail(self, problem: p.Problem) -> None:
        """The agent did what ends its run."""
        self._stands = False
        with contextlib.suppress(Rejected, TooLong):
            await self.speech.pause()
        await self.ctx.record(lambda state, now: failed_run(state, state.runs[self.run_id], problem))

    async def gone(self, problem: AgentFailed) -> None:
        """The agent's process ended: nobody knows what became of what had begun."""
        self._stands = False
        doubt = InDoubt(f"{self._agent.name} ended while it did this.")
        for own in self._own.values():
            own.fail(doubt)
        await self._unasked.doubt(self._own.values(), doubt.message)
        await self._until_settled()
        with contextlib.suppress(TooLong):
            await self.speech.pause()
        await self.ctx.record(lambda state, now: failed_run(state, state.runs[self.run_id], problem.problem))

    async def is_silent(self, minutes: int) -> None:
        """Tell people that nothing was heard for so long; the next words take it back."""
        await self.speech.pause()
        message = f"{self._agent.name} has been silent for {minutes} min."
        problem = p.Problem(code="agent_silent", message=message, hint="Wait, or stop it.")

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            told = p.RunDelayed(run_id=self.run_id, problem=problem, attempt=0, of=0, retry_at=now)
            return [told] if self._is_running(state) else []

        await self.ctx.record(plan)

    async def abandon(self) -> None:
        """The run is over, whoever ended it: what the agent still waits for is taken back."""
        self._stands = False
        for own in self._own.values():
            own.fail(ToolError("The answer is over."))
            if own.answer is not None and own.request is not None:
                own.answer = None
                await self.answer(own.request, _CANCELLED)
        run = self.ctx.state.runs.get(self.run_id)
        if isinstance(run, s.Finished):
            who = as_name(run.ended_by.name)
            text = f"{who} stopped this while it was being done. What it had done stays."
            await self._unasked.settle(self._own.values(), text)
        await self._tasks.close()

    async def _until_settled(self) -> None:
        def settled(state: s.RoomState) -> bool:
            calls = [call for call in s.run_calls(state, self.run_id) if isinstance(call, s.CallRunning)]
            return not self._is_running(state) or all(call.adapter != ADAPTER for call in calls)

        await self.ctx.room.wait(settled)

    def _is_running(self, state: s.RoomState) -> bool:
        return isinstance(state.runs.get(self.run_id), s.Running)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            with contextlib.suppress(Rejected, StoreError):  # the run, or our time to drive it, is over
                await work

        self._tasks.spawn(guarded())


async def _nobody(id: RequestId, result: Any) -> None:
    """Nobody is there to be answered yet."""
