"""One question of a cell: what the cell shows while it waits, and how the waiting may end."""

from __future__ import annotations

import concurrent.futures
import contextlib
from concurrent.futures import Future
from typing import Literal

from .. import protocol as p
from ..core import state as s
from ..protocol.errors import ConnectionLost, NotConfirmed
from .asking import settled, withdraw
from .connection import outcome
from .decision import Decision, confirming, decision_of
from .line import Line
from .shared import shared_connection

OnTimeout = Literal["raise", "return"]
WITHDRAW_S = 2.0
"""How long an interrupted cell waits until its question is taken back."""
_WHERE = (
    "Waiting for a decision, in the Copilot sidebar, in a Panel(), or by the command line: "
    "jupyter copilot decide NOTEBOOK"
)


class Asked:
    """A question that a cell waits for."""

    def __init__(self, question: p.OpenConfirmation, on_timeout: OnTimeout, default: str | None) -> None:
        self._question = question
        self._on_timeout = on_timeout
        self._default = default
        self._line = Line()
        self._answer: Future[s.Confirmation] | None = None

    def put(self) -> Future[s.Confirmation]:
        """Open the question; the future ends once it is settled. Raises `ConnectionLost` where there is no access."""
        self._connection = shared_connection()
        self._answer = self._connection.submit(lambda client: settled(client, self._question))
        return self._answer

    def show_waiting(self) -> None:
        """Say that a decision is wanted, and where it can be given."""
        trouble = self._connection.trouble
        self._line.show("waiting" if trouble is None else "trouble", self._question.title, trouble or _WHERE)

    def ended(self, answer: Future[s.Confirmation]) -> Decision:
        """The decision, which the cell's output shows. Raises `NotConfirmed` or `ConnectionLost` when there is none."""
        decision = decision_of(outcome(answer))
        at = f"{decision.at:%H:%M:%S}" if decision.at else ""
        comment = f"“{decision.comment}”" if decision.comment else ""
        said = f"{decision.label}, said {decision.by} at {at}. {comment}".strip()
        self._line.show("done" if decision.approved else "over", self._question.title, said)
        return decision

    def undecided(self, error: NotConfirmed | ConnectionLost) -> Decision:
        """What comes of no decision: the default where that was asked for, else `NotConfirmed`."""
        if self._line.is_shown or isinstance(error, NotConfirmed):
            self._line.show("over", self._question.title, error.message)
        if isinstance(error, ConnectionLost):
            if self._default is not None:
                return self._by_default()
            raise NotConfirmed(error.message, hint=error.hint, code="no_server") from None
        if error.code == "expired" and self._on_timeout == "return":
            return self._by_default()
        raise error.with_traceback(None)

    def take_back(self, wait_s: float = WITHDRAW_S) -> None:
        """The code was interrupted: withdraw the question, where it was asked already, and wait for that so long."""
        if self._answer is None:
            return
        self._answer.cancel()
        key = self._question.confirmation_id
        done = self._connection.submit(lambda client: withdraw(client, key, "The cell was interrupted."))
        with contextlib.suppress(concurrent.futures.TimeoutError, ConnectionLost):
            done.result(wait_s)
        self._line.show("over", self._question.title, "Taken back, as the cell was interrupted.")

    def _by_default(self) -> Decision:
        options = self._question.options
        chosen = next((option for option in options if self._default in (option.id, option.label)), None)
        first = confirming(options)
        approved = self._default == "confirm" if not options else chosen is not None and chosen == first
        label = chosen.label if chosen is not None else self._default or ""
        return Decision(option=self._default, approved=approved, label=label)
