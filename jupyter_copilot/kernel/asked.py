"""One question of a cell: what the cell shows while it waits, and how the waiting may end."""

from __future__ import annotations

import concurrent.futures
import contextlib
from concurrent.futures import Future
from typing import Literal

from .. import protocol as p
from .. import state as s
from ..errors import ConnectionLost, NotConfirmed
from .asking import withdraw
from .connection import KernelConnection
from .decision import Decision, confirming, decision_of
from .line import Line

OnTimeout = Literal["raise", "return"]
WITHDRAW_S = 2.0
"""How long an interrupted cell waits until its question is taken back."""


class Asked:
    """A question that a cell waits for."""

    def __init__(self, question: p.OpenConfirmation, on_timeout: OnTimeout, default: str | None) -> None:
        self.question = question
        self._on_timeout = on_timeout
        self._default = default

    def show_waiting(self, line: Line, connection: KernelConnection) -> None:
        """Say that a decision is wanted, and where it can be given."""
        trouble = connection.trouble
        if trouble is not None:
            line.show("trouble", self.question.title, trouble)
            return
        where = (
            "Waiting for a decision, in the Copilot sidebar, in a Panel(), or by the command line: "
            "jupyter copilot decide NOTEBOOK"
        )
        line.show("waiting", self.question.title, where)

    def ended(self, line: Line, confirmation: s.Confirmation) -> Decision:
        """The decision, which the cell's output shows. Raises `NotConfirmed` when there is none."""
        decision = decision_of(confirmation)
        at = f"{decision.at:%H:%M:%S}" if decision.at else ""
        comment = f"“{decision.comment}”" if decision.comment else ""
        said = f"{decision.label}, said {decision.by} at {at}. {comment}".strip()
        line.show("done" if decision.approved else "over", self.question.title, said)
        return decision

    def undecided(self, line: Line, error: NotConfirmed) -> Decision:
        """What comes of no decision: the default where that was asked for, else the error."""
        line.show("over", self.question.title, error.message)
        if error.code == "expired" and self._on_timeout == "return":
            return self._by_default()
        raise error

    def without_server(self, error: ConnectionLost) -> Decision:
        """The default, or `NotConfirmed` when there is none."""
        if self._default is not None:
            return self._by_default()
        raise NotConfirmed(error.message, hint=error.hint, code="no_server") from error

    def take_back(self, line: Line, connection: KernelConnection, waiting: Future[s.Confirmation]) -> None:
        """The code was interrupted: withdraw the question."""
        waiting.cancel()
        key = self.question.confirmation_id
        done = connection.submit(lambda client: withdraw(client, key, "The cell was interrupted."))
        with contextlib.suppress(concurrent.futures.TimeoutError):
            done.result(WITHDRAW_S)
        line.show("over", self.question.title, "Taken back, as the cell was interrupted.")

    def _by_default(self) -> Decision:
        options = self.question.options
        chosen = next((option for option in options if self._default in (option.id, option.label)), None)
        first = confirming(options)
        approved = self._default == "confirm" if not options else chosen is not None and chosen == first
        label = chosen.label if chosen is not None else self._default or ""
        return Decision(option=self._default, approved=approved, label=label)
