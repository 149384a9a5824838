"""The queue of commands, by the vectors that the browser's runs, too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client.commands import CommandQueue
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected

from ..vectors import Case, cases, named


class Desk:
    """A queue whose connection and clock the test has."""

    def __init__(self) -> None:
        self.time = 1_000_000
        self.timers: dict[object, tuple[float, Callable[[], None]]] = {}
        self.sent: list[str] = []
        self.ended: dict[str, int | str] = {}
        self.queue = CommandQueue(lambda command_id, _: self.sent.append(command_id), self)

    def now(self) -> int:
        return self.time

    def after(self, ms: float, callback: Callable[[], None]) -> Callable[[], None]:
        key = object()
        self.timers[key] = (self.time + ms, callback)
        return lambda: self.timers.pop(key, None) and None

    def do(self, step: dict[str, Any]) -> None:
        match step["do"]:
            case "submit":
                id = p.CommandId(step["id"])
                command = msgspec.json.decode(json.dumps(step["command"]), type=p.Command)
                self.queue.submit(id, command, lambda end: self.end(id, end))
            case "resume":
                self.queue.resume(step["user"], state_of(step.get("state")))
            case "suspend":
                self.queue.suspend()
            case "ack":
                self.queue.acked(p.CommandId(step["id"]), step["seq"])
            case "reject":
                id, details = p.CommandId(step["id"]), step.get("details", {})
                reject = p.Reject(command_id=id, code=step["code"], message="", retry=step["retry"], details=details)
                self.queue.rejected(id, reject)
            case "pass":
                self.wait(step["ms"])

    def end(self, command_id: str, end: int | Rejected) -> None:
        self.ended[command_id] = end.code if isinstance(end, Rejected) else end

    def wait(self, ms: int) -> None:
        self.time += ms
        for key, (due, callback) in list(self.timers.items()):
            if due <= self.time:
                del self.timers[key]
                callback()


def state_of(parts: dict[str, Any] | None) -> s.RoomState | None:
    if parts is None:
        return None
    state = json.loads(p.encode(s.initial(p.LogId("log"))))
    return s.decode_state(msgspec.Raw(json.dumps(state | parts).encode()))


@pytest.mark.parametrize("case", cases("command_queue"), ids=named)
def test_the_queue_does_what_the_vectors_say(case: Case) -> None:
    desk = Desk()
    for step in case["steps"]:
        desk.sent, desk.ended = [], {}
        desk.do(step)
        assert (desk.sent, desk.ended) == (step["sent"], step.get("ended", {})), step
        if "waiting" in step:
            assert desk.queue.waiting == step["waiting"], step
