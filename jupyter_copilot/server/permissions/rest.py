"""What the administrator laid down, and how budgets stand, for whoever may see the room."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from tornado import web

from ... import protocol as p
from ...core import state as s
from ...core.budgets import Standing, name_of, spent_of, standings
from ..rest import CopilotHandler, authorised
from ..services import Services
from .policy_file import SECTIONS, Policy


class PolicyHandler(CopilotHandler):
    """`GET api/copilot/policy`: what is locked and why, so that people see it where they meet it."""

    def initialize(self, services: Services, policy: Policy) -> None:  # type: ignore[override]
        """Take the extension's services and the policy."""
        super().initialize(services)
        self._policy = policy

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """The sections that are laid down; never a channel or a secret."""
        file = self._policy.file
        sections = {name: msgspec.to_builtins(getattr(file, name)) for name in SECTIONS}
        self.answer({**sections, "problems": self._policy.problems})


class BudgetsHandler(CopilotHandler):
    """`GET …/notebooks/<path>/budgets?thread=…`: how the budgets stand under which the person's next run would be."""

    @web.authenticated
    @authorised
    async def get(self, path: str) -> None:
        """One entry a budget, in the order of the policy."""
        room = await self.room_at(path)
        house, now = room.house, int(time.time() * 1000)
        thread_id = p.ThreadId(self.get_query_argument("thread", p.MAIN_THREAD))
        found = standings(room.state, house.budgets, self._next_run(thread_id), now, house.spent_elsewhere())
        self.answer({"budgets": [shown(each) for each in found]})

    def _next_run(self, thread_id: p.ThreadId) -> s.Queued:
        """A run as this person would begin it: nothing was spent by it."""
        return s.Queued(
            run_id=p.RunId(""),
            thread_id=thread_id,
            message_id=p.MessageId(""),
            asked_by=self.visitor.actor,
            queued_at=0,
        )


def shown(standing: Standing) -> dict[str, Any]:
    """How a budget stands, in numbers and in words."""
    return {
        "per": standing.budget.per,
        "within": standing.budget.within,
        "name": name_of(standing),
        "spent": spent_of(standing),
        "share": round(standing.share, 4),
        "tokens": standing.tokens,
        "token_limit": standing.token_limit,
        "money": standing.money,
        "money_limit": standing.money_limit,
        "because": standing.budget.because,
    }
