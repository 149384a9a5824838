"""Roles: whatever happened in a thread, the next request is one that the strictest templates take."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Literal

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.model_context.prompt import fit, instructions
from jupyter_copilot.core.model_context.transcript import View, transcript
from jupyter_copilot.models.adaptation import learn
from jupyter_copilot.models.capabilities import Capabilities, shape
from jupyter_copilot.models.errors.error_parser import Complaint
from jupyter_copilot.models.roles import strict, well_formed
from jupyter_copilot.ports.model import ModelRequest

from ..builders import BOB, Fold, post
from ..soak import rounds
from .templates import TEMPLATES, Template, everybody, gemma, mistral

PLAYED, PARTS = rounds(2_000, 24_000), rounds(4, 48)
PICTURE = p.Image(mime="image/png", data="iVBORw0KGgo=")
TOOLS = [{"type": "function", "function": {"name": "run_cell", "parameters": {"type": "object"}}}]
TEXTS = ("", " ", "\n", "Yes.", "A longer answer.\n\nWith two paragraphs.", "**Ünï** 漢字")
Check = Callable[[s.RoomState, random.Random], None]


class History:
    """Plays random things that may happen in a thread, and shows every state in which a model is asked."""

    def __init__(self, chance: random.Random, asked: Check) -> None:
        self._chance = chance
        self._asked = asked
        self._fold = Fold()
        self._messages = 0

    def play(self) -> None:
        for _ in range(self._chance.randint(1, 4)):
            match self._chance.randrange(5):
                case 0:
                    self._post(run=False)
                case 1 if self._messages:
                    self._fold.tell(self._summary())
                case _:
                    self._run()
        self._run(ends=False)

    def _post(self, run: bool) -> p.RunId:
        self._messages += 1
        name = f"m{self._messages}"
        images = [PICTURE] * self._chance.choice((0, 0, 0, 1))
        context = p.MessageContext(images=images)
        text = self._chance.choice((*TEXTS[3:], "?"))
        self._fold.do(post(text, name, run=run, context=context), by=BOB)
        return p.RunId(f"{name}.r1")

    def _summary(self) -> p.Event:
        through = self._chance.choice(self._fold.state.threads[p.MAIN_THREAD].items).id
        return p.ThreadSummarised(thread_id=p.MAIN_THREAD, through=through, text="What was before.")

    def _run(self, ends: bool = True) -> None:
        run_id = self._post(run=True)
        self._fold.tell(p.RunStarted(run_id=run_id, fence=1))
        for step in range(1, self._chance.randint(1, 4) + 1):
            self._asked(self._fold.state, self._chance)
            called = self._step(run_id, step)
            if not called:
                break
        if ends:
            outcomes: list[Literal["success", "cancelled", "failed"]] = ["success", "cancelled", "failed"]
            outcome = self._chance.choice(outcomes)
            error = p.Problem(code="x", message="It broke.") if outcome == "failed" else None
            self._fold.tell(p.RunFinished(run_id=run_id, outcome=outcome, error=error, usage=p.Usage()), by=BOB)

    def _step(self, run_id: p.RunId, step: int) -> bool:
        answer = p.MessageId(f"{run_id}.s{step}.a1")
        self._fold.tell(p.StepStarted(run_id=run_id, step=step, message_id=answer))
        text = self._chance.choice(TEXTS)
        if text:
            self._fold.tell(p.TextDelta(run_id=run_id, step=step, message_id=answer, text=text))
        if self._chance.random() < 0.15:
            self._fold.tell(p.StepAborted(run_id=run_id, step=step, message_id=answer, reason="broke off"))
            return self._chance.random() < 0.5
        extra = self._chance.choice((None, None, {"reasoning_content": "Hm."}))
        self._fold.tell(p.StepFinished(run_id=run_id, step=step, message_id=answer, extra=extra))
        count = self._chance.choice((0, 1, 1, 2, 3))
        for number in range(count):
            self._call(run_id, step, answer, p.CallId(f"{answer}.c{number}"))
        if self._chance.random() < 0.1:
            self._post(run=False)
        return count > 0

    def _call(self, run_id: p.RunId, step: int, answer: p.MessageId, call_id: p.CallId) -> None:
        broken = self._chance.random() < 0.1
        self._fold.tell(
            p.CallProposed(
                call_id=call_id,
                run_id=run_id,
                step=step,
                message_id=answer,
                tool=self._chance.choice(("run_cell", "", "functions.fly to")),
                args={} if broken else {"cell_id": "a"},
                effect="read",
                args_hash="hash",
                preview=p.Preview(title="Run"),
                raw_args="{" if broken else None,
            )
        )
        how = self._chance.randrange(5)
        if how:
            self._fold.tell(p.CallStarted(call_id=call_id, exec_id=call_id, adapter="contents"))
        if how in (1, 2, 3):
            images = [PICTURE] * self._chance.choice((0, 0, 1, 2))
            result = p.CallResult(text=self._chance.choice(TEXTS), images=images)
            self._fold.tell(p.CallFinished(call_id=call_id, result=result, is_error=how == 3))
        elif how == 4:
            self._fold.tell(p.CallInDoubt(call_id=call_id, message="The server stopped."))


def request_of(state: s.RoomState, chance: random.Random) -> ModelRequest:
    """What the engine would ask, with or without pictures, views, and room."""
    shown = [p.RunId(run_id) for run_id in state.runs if chance.random() < 0.5]
    views = {run_id: View(text="The notebook.", images=[PICTURE]) for run_id in shown}
    told = transcript(state, p.MAIN_THREAD, images=chance.random() < 0.8, views=views)
    limit = chance.choice((100_000, 1_000, 50))
    return ModelRequest(model="m", messages=fit([instructions(), *told], limit), tools=TOOLS)


def accepted(request: ModelRequest, template: Template, can: Capabilities) -> Capabilities:
    """What is known of the model once it takes the request; a refusal that teaches nothing fails the test."""
    for _ in range(5):
        body: dict[str, Any] = shape(request, "m", {}, can)
        words = template(body["messages"])
        if words is None:
            return can
        learned = learn(can, body, Complaint(status=400, words=words))
        assert learned is not None, (words, [message["role"] for message in body["messages"]])
        can = learned
    raise AssertionError("it goes on refusing")


# The first part runs always, the others with the slow tests.
@pytest.mark.soak
@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, PARTS))])
def test_every_template_takes_the_next_request_of_any_history(part: int) -> None:
    for seed in range(part * PLAYED // PARTS, (part + 1) * PLAYED // PARTS):
        known = dict.fromkeys(TEMPLATES, Capabilities())

        def check(state: s.RoomState, chance: random.Random, known: dict[str, Capabilities] = known) -> None:
            request = request_of(state, chance)
            assert everybody(shape(request, "m", {}, Capabilities())["messages"]) is None
            for name, template in TEMPLATES.items():
                # What was learned before goes on to serve, and a server that starts anew learns again.
                known[name] = accepted(request, template, known[name])
                accepted(request, template, Capabilities())

        History(random.Random(seed), check).play()


def test_an_aside_and_the_question_after_it_are_one_message() -> None:
    fold = Fold()
    fold.do(post("Mind the gap.", "m1", run=False))
    fold.do(post("What is it?", "m2"))
    fold.tell(p.RunStarted(run_id=p.RunId("m2.r1"), fence=1))
    messages = well_formed([instructions(), *transcript(fold.state, p.MAIN_THREAD)])
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[1]["content"] == "Alice: Mind the gap.\n\nAlice: What is it?"


CALL = {"id": "abcdefgh1", "function": {"name": "f", "arguments": "{}"}}
CALLED: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": [CALL]}
ASKED: dict[str, Any] = {"role": "user", "content": "Draw."}
DRAWN: dict[str, Any] = {"role": "tool", "tool_call_id": "abcdefgh1", "content": "Drawn."}
SEEN: dict[str, Any] = {
    "role": "user",
    "content": [{"type": "text", "text": "The images:"}, {"type": "image_url", "image_url": {}}],
}


def test_pictures_after_a_result_come_after_a_word_of_the_assistant_where_they_must() -> None:
    messages = [ASKED, CALLED, DRAWN, SEEN]
    assert strict(messages, "any") == messages
    assert [message["role"] for message in strict(messages, "answered")] == [
        "user", "assistant", "tool", "assistant", "user"
    ]  # fmt: skip
    assert mistral(strict(messages, "answered")) is None
    assert strict(messages, "answered")[-1] == SEEN


def test_where_no_tool_may_speak_its_results_are_told_with_their_pictures() -> None:
    told = strict([ASKED, CALLED, DRAWN, SEEN], "alternating")
    assert gemma(told) is None
    assert told[1]["content"] == "[Called f with {}]"
    assert [part.get("text") for part in told[2]["content"]] == ["[Result of a tool]\nDrawn.", "The images:", None]


def test_a_conversation_that_is_well_formed_stays_as_it_is() -> None:
    done: dict[str, Any] = {"role": "assistant", "content": "Done."}
    messages: list[dict[str, Any]] = [{"role": "system", "content": "Help."}, ASKED, CALLED, DRAWN, done, ASKED]
    assert well_formed(messages) == messages


@pytest.mark.parametrize("template", [mistral, gemma])
def test_the_rules_refuse_what_they_are_about(template: Template) -> None:
    assert template([ASKED, CALLED, DRAWN, SEEN]) is not None
    assert template([ASKED, ASKED]) is not None
    assert template([{"role": "system", "content": "Help."}, ASKED]) is None
