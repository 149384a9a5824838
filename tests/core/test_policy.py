"""Who may do what, by the vectors that the browser runs, too."""

from __future__ import annotations

import json
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.policy import WIDENING_COMMANDS, bar, refusal

from ..builders import Fold, proposed, running
from ..vectors import Case, cases, named


class Seen(msgspec.Struct):
    """What of a call the policy looks at."""

    effect: p.Effect
    args: p.JsonObject
    preview: p.Preview
    circumstances: p.Circumstances | None


def state_of(case: Case) -> s.RoomState:
    state = s.initial(p.LogId("log"))
    if "confirmation" in case:
        opened: s.Confirmation = msgspec.convert(case["confirmation"], s.Open)
        state.confirmations[opened.confirmation_id] = opened
    if "effect" in case:
        fold = Fold()
        call = fold.state.calls[proposed(fold, running(fold), effect=case["effect"])]
        state.calls[p.CallId("c")] = call
    if "call" in case:
        fold = Fold()
        found = msgspec.convert(case["call"], Seen)
        call = fold.state.calls[proposed(fold, running(fold), effect=found.effect)]
        seen = {name: getattr(found, name) for name in ("args", "preview", "circumstances")}
        state.calls[p.CallId("c")] = replace(call, **seen)
    return state


@pytest.mark.parametrize("case", cases("policy"), ids=named)
def test_the_policy_is_what_the_vectors_say(case: Case) -> None:
    command = msgspec.json.decode(json.dumps(case["command"]), type=p.Command)
    actor = msgspec.convert(case["actor"], p.Actor)
    asked = (state_of(case), command, actor, frozenset(case["can"]))
    assert bar(*asked) == case["bar"]
    assert (refusal(*asked) is None) == (case["bar"] is None)


WIDENS_NOTHING = {
    *(p.CreateThread, p.RenameThread, p.ArchiveThread, p.EndRule, p.PostMessage, p.CancelRun, p.UndoCalls),
    *(p.OpenConfirmation, p.WithdrawConfirmation, p.RevokeGuest, p.RequestCalls, p.WithdrawRequest),
    *(p.SeeMentions, p.ReportNotice),
    *(p.Rewind, p.UndoRewind),  # what a rewind does to the notebook is asked in every mode
}
"""Asking, looking, taking back, and making less of what may happen."""


def test_each_command_is_known_to_widen_what_happens_or_not_to() -> None:
    widening = set(WIDENING_COMMANDS)
    assert widening.isdisjoint(WIDENS_NOTHING)
    assert widening | WIDENS_NOTHING == set(get_args(p.Command)), "who adds a command decides which"
