"""The golden streams: what runs are told as, which the official client finds nothing wrong with."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.reducer import apply
from jupyter_copilot.server.agui.telling import Subject, Telling

from ...traces.recorder import ANNA
from .conftest import CLIENTS, SCRIPT
from .golden import FILE, golden


def test_the_golden_streams_are_what_is_told_now() -> None:
    assert FILE.read_text(encoding="utf-8") == golden()


def test_the_official_client_finds_nothing_wrong_with_any_stream() -> None:
    streams = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    assert len(streams) > 10
    told = "".join(json.dumps(stream["events"]) + "\n" for stream in streams)
    command = ["node", str(SCRIPT.with_name("verify.mjs"))]
    done = subprocess.run(
        command, input=told, env={**os.environ, "CLIENTS": str(CLIENTS)}, capture_output=True, text=True, check=True
    )
    problems = [json.loads(line) for line in done.stdout.splitlines()]
    # Streams that end with their trace, in the middle of a run, have no last event, and are right as far as they go.
    assert [(stream["trace"], problem) for stream, problem in zip(streams, problems, strict=True) if problem] == []


def test_the_golden_streams_hold_every_kind_of_event_and_ending() -> None:
    events = [event for line in FILE.read_text(encoding="utf-8").splitlines() for event in json.loads(line)["events"]]
    kinds = {event["type"] for event in events}
    assert {"REASONING_MESSAGE_CONTENT", "TOOL_CALL_RESULT", "ACTIVITY_SNAPSHOT", "RUN_ERROR", "CUSTOM"} <= kinds
    assert {event["outcome"]["type"] for event in events if "outcome" in event} == {"success", "cancelled", "interrupt"}


RUN = p.RunId("m1.r1")


class Story:
    """A room that goes on, and what is told of its run."""

    def __init__(self) -> None:
        self.state = s.initial(p.LogId("log"))
        subject = Subject(thread_id=p.MAIN_THREAD, run_id=RUN, client_run_id="r")
        self.telling = Telling(subject, lambda digest: digest)

    def goes_on(self, *events: p.Event, actor: p.Actor = p.AGENT) -> list[str]:
        """What is told of these events, committed together."""
        seq = self.state.seq
        records = [p.Record(seq=seq + n, at=seq + n, actor=actor, event=event) for n, event in enumerate(events, 1)]
        for record in records:
            apply(self.state, record, 0)
        told = [*self.telling.take(records, self.state), *self.telling.settle(self.state)]
        return [type(event).__struct_config__.tag for event in told]  # type: ignore[misc]

    def asked(self) -> None:
        self.goes_on(
            p.MessagePosted(message_id=p.MessageId("m1"), thread_id=p.MAIN_THREAD, text="Hi"),
            p.RunQueued(run_id=RUN, thread_id=p.MAIN_THREAD, message_id=p.MessageId("m1")),
            p.RunStarted(run_id=RUN, fence=1),
            actor=ANNA,
        )


@pytest.fixture
def story() -> Story:
    return Story()


def test_an_answer_that_breaks_off_is_struck_at_the_client_too(story: Story) -> None:
    story.telling.is_over = True
    story.asked()
    story.telling.is_over = False
    answer = p.MessageId("m1.r1.s1.a1")
    assert story.goes_on(p.StepStarted(run_id=RUN, step=1, message_id=answer)) == ["STEP_STARTED"]
    begun = story.goes_on(p.TextDelta(run_id=RUN, step=1, message_id=answer, text="Half an ans"))
    assert begun == ["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT"]
    struck = story.goes_on(p.StepAborted(run_id=RUN, step=1, message_id=answer, reason="It broke off."))
    assert struck == ["TEXT_MESSAGE_END", "STEP_FINISHED", "MESSAGES_SNAPSHOT"]


def test_a_word_of_somebody_else_is_told_between_two_words_of_the_agent(story: Story) -> None:
    story.telling.is_over = True
    story.asked()
    story.telling.is_over = False
    answer = p.MessageId("m1.r1.s1.a1")
    story.goes_on(p.StepStarted(run_id=RUN, step=1, message_id=answer))
    story.goes_on(p.TextDelta(run_id=RUN, step=1, message_id=answer, text="One"))
    posted = p.MessagePosted(message_id=p.MessageId("m2"), thread_id=p.MAIN_THREAD, text="Wait")
    told = story.goes_on(posted, actor=ANNA)
    assert told == ["TEXT_MESSAGE_END", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"]
    again = story.goes_on(p.TextDelta(run_id=RUN, step=1, message_id=answer, text=" two"))
    assert again == ["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT"]
