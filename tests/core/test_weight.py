"""A state that is too heavy lets go of its oldest settled items, and of nothing else."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.weight import prune_to, weight
from jupyter_copilot.protocol.errors import Rejected

from ..builders import Fold, post, running

BUDGET = 100_000


def said(fold: Fold, *names: str, run: bool = False, size: int = 20_000) -> None:
    for name in names:
        fold.do(post("x" * size, message_id=name, run=run))


def test_a_light_state_keeps_everything() -> None:
    fold = Fold()
    said(fold, "a", "b")
    assert prune_to(fold.state, BUDGET) == []


def test_a_heavy_state_lets_go_of_its_oldest_items() -> None:
    fold = Fold()
    said(fold, *"abcdef")
    fold.tell(*prune_to(fold.state, BUDGET), by=p.SERVER)
    assert list(fold.state.messages) == list("def") and fold.state.threads["main"].dropped == 3
    assert weight(fold.state) <= BUDGET * 3 / 4


def test_what_is_not_settled_stays() -> None:
    fold = Fold()
    said(fold, "waits", run=True)
    said(fold, *"abcdef")
    assert prune_to(fold.state, BUDGET) == []


def test_the_heaviest_thread_pays_first() -> None:
    fold = Fold()
    other = p.ThreadId("other")
    fold.do(p.CreateThread(thread_id=other, title="Other"))
    fold.do(post("small", message_id="small", run=False))
    for name in "abcdef":
        fold.do(post("x" * 20_000, message_id=name, run=False, thread_id=other))
    assert [pruned.thread_id for pruned in prune_to(fold.state, BUDGET)] == ["other"]


def test_messages_that_wait_are_bounded_together() -> None:
    fold = Fold()
    picture = p.Image(mime="image/png", data="A" * 900_000)
    for name in "abc":
        fold.do(post("look", message_id=name, context=p.MessageContext(images=[picture])))
    with pytest.raises(Rejected, match="too large together"):
        fold.do(post("look", message_id="d"))
    fold.do(post("no run", message_id="e", run=False))
    assert isinstance(fold.state.messages["e"], s.Posted)


def test_what_the_model_was_told_of_the_notebook_weighs_with_its_request() -> None:
    fold = Fold()
    for name in "abcd":
        run_id = running(fold, name)
        fold.tell(p.NotebookTold(run_id=run_id, text="x" * 40_000), p.RunFinished(run_id=run_id, outcome="success"))
    pruned = prune_to(fold.state, BUDGET)
    assert sum(event.items for event in pruned) == 3
    fold.tell(*pruned, by=p.SERVER)
    assert weight(fold.state) <= BUDGET * 3 / 4
