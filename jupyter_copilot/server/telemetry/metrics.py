"""Numbers for Prometheus, beside Jupyter's own at `/metrics`: counts and times, never content, names or paths."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

from ... import protocol as p
from ...core import state as s
from ...room.room import Room

_WAITS_S = (1, 5, 15, 60, 300, 900, 3600, 14400, 86400)


class Metrics:
    """What happens in the rooms of this process, counted as it is committed."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.runs = Counter("jupyter_copilot_runs", "Runs that ended.", ["outcome"], registry=registry)
        self.tokens = Counter("jupyter_copilot_tokens", "Tokens of model calls.", ["type"], registry=registry)
        self.calls = Counter("jupyter_copilot_calls", "Tool calls that ended.", ["effect", "failed"], registry=registry)
        self.decisions = Counter(
            "jupyter_copilot_decisions", "Confirmations that ended.", ["kind", "end"], registry=registry
        )
        self.waits = Histogram(
            "jupyter_copilot_decision_seconds", "How long decisions waited.", buckets=_WAITS_S, registry=registry
        )
        self.notices = Counter(
            "jupyter_copilot_notices", "Attempts to tell people.", ["kind", "arrived"], registry=registry
        )

    def follow(self, room: Room) -> None:
        """Count what is committed in the room from now on."""

        def hear(records: Sequence[p.Record]) -> None:
            for record in records:
                self._count(record, room.state)

        room.listen(hear)

    def _count(self, record: p.Record, state: s.RoomState) -> None:
        match record.event:
            case p.RunFinished(outcome=outcome):
                self.runs.labels(outcome).inc()
            case p.StepFinished(usage=usage):
                self.tokens.labels("input").inc(usage.prompt)
                self.tokens.labels("cached").inc(usage.cached)
                self.tokens.labels("output").inc(usage.completion)
            case p.CallFinished(call_id=call_id, is_error=is_error):
                call = state.calls.get(call_id)
                self.calls.labels("unknown" if call is None else call.effect, str(is_error).lower()).inc()
            case p.ConfirmationDecided(confirmation_id=confirmation_id):
                self._ended(state.confirmations.get(confirmation_id), "decided", record.at)
            case p.ConfirmationExpired(confirmation_id=confirmation_id):
                self._ended(state.confirmations.get(confirmation_id), "expired", record.at)
            case p.ConfirmationWithdrawn(confirmation_id=confirmation_id):
                self._ended(state.confirmations.get(confirmation_id), "withdrawn", record.at)
            case p.NoticeDelivered(kind=kind):
                self.notices.labels(kind, "true").inc()
            case p.NoticeFailed(kind=kind):
                self.notices.labels(kind, "false").inc()
            case _:
                pass

    def _ended(self, confirmation: s.Confirmation | None, end: str, at: int) -> None:
        if confirmation is not None:
            self.decisions.labels(confirmation.kind, end).inc()
            self.waits.observe(max(0, at - confirmation.opened_at) / 1000)


@functools.cache
def shared_metrics() -> Metrics:
    """Those of this process: the registry that Jupyter publishes takes each name once."""
    return Metrics()
