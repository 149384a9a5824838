"""Fifty people who all decide at the same moment, in one process, and one who asks."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

from .measure import quantiles
from .questions import answer_all, say
from .viewers import Viewer


class Decider(Viewer):
    """A viewer that decides whatever is opened, at once, and remembers the answer."""

    def __init__(self, path: str, token: str, number: int, crowd: Crowd) -> None:
        super().__init__(path, token, paused=False)
        self.number = number
        self._crowd = crowd
        self._sent: dict[str, float] = {}

    def received(self, payload: bytes, now: float) -> None:
        """Take a frame."""
        if payload.startswith(b'{"type":"records"'):
            if b'"confirmation_opened"' in payload:
                self._decide(json.loads(payload))
            if self.number == 0:
                self._crowd.saw(payload)
        elif payload.startswith((b'{"type":"ack"', b'{"type":"reject"')):
            answer = json.loads(payload)
            sent = self._sent.pop(str(answer["command_id"]), None)
            if sent is not None:
                self._crowd.answered(self.number, answer, now - sent)

    def _decide(self, frame: dict[str, Any]) -> None:
        for record in frame["records"]:
            event = record["event"]
            if event["type"] != "confirmation_opened":
                continue
            options = event["options"]
            # Answers to a question differ, so that it shows whose was taken; a tool call is approved by all.
            option = options[0 if event["call_id"] else self.number % len(options)]["id"]
            self.give(
                {
                    "type": "decide",
                    "confirmation_id": event["confirmation_id"],
                    "args_hash": event["args_hash"],
                    "option": option,
                }
            )

    def give(self, command: dict[str, Any]) -> None:
        """Send a command."""
        command_id = uuid4().hex
        if command["type"] == "decide":
            self._sent[command_id] = time.monotonic()
        self.send(1, json.dumps({"type": "command", "command_id": command_id, "command": command}).encode())


class Crowd:
    """Everybody, and the round that is going on."""

    def __init__(self) -> None:
        self._people: list[Decider] = []
        self._round = Round()
        self._settled = asyncio.Event()

    async def answer(self, question: dict[str, Any]) -> Any:
        """`open` everybody's socket, or play `rounds`."""
        do = question.pop("do")
        return await getattr(self, do)(**question)

    async def open(self, port: int, path: str, token: str, count: int) -> int:
        """Connect so many people, in place of those who were here."""
        for decider in self._people:
            decider.close()
        self._people = []
        for number in range(count):
            decider = Decider(path, token, number, self)
            await asyncio.get_running_loop().create_connection(lambda decider=decider: decider, "127.0.0.1", port)  # type: ignore[misc]
            await decider.live
            self._people.append(decider)
        return len(self._people)

    async def rounds(self, count: int, edit: bool) -> dict[str, Any]:
        """Ask and have everybody decide, so many times; with `edit` the agent asks, and edits the notebook."""
        found = {"winners": 0, "told": 0, "effects": 0, "clean": 0}
        latencies: list[float] = []
        for _ in range(count):
            played = await self._play(edit)
            found["winners"] += len(played.winners)
            found["told"] += played.told
            found["effects"] += played.decided
            found["clean"] += played.is_clean(len(self._people))
            latencies += played.latencies
        return {**found, "quantiles": quantiles(latencies)}

    async def _play(self, edit: bool) -> Round:
        self._round, self._settled = Round(), asyncio.Event()
        name = uuid4().hex
        options = [{"id": f"o{n}", "label": f"Option {n}"} for n in range(10)]
        asked = {"type": "open_confirmation", "confirmation_id": name, "title": "Which one?", "options": options}
        if edit:
            asked = {"type": "post_message", "message_id": name, "text": "insert a cell"}
        self._round.wants_end = edit
        self._people[-1].give(asked)
        await asyncio.wait_for(self._settled.wait(), 60)
        return self._round

    def answered(self, number: int, answer: dict[str, Any], seconds: float) -> None:
        """Somebody was told how the own decision ended."""
        self._round.latencies.append(seconds)
        if answer["type"] == "ack":
            self._round.winners.append(number)
        elif answer["code"] == "already_decided" and answer["details"].get("by"):
            self._round.losers.append(json.dumps(answer["details"], sort_keys=True))
        self._settle()

    def saw(self, payload: bytes) -> None:
        """Records came to the first of the people."""
        self._round.decided += payload.count(b'"confirmation_decided"')
        self._round.ended |= b'"run_finished"' in payload
        self._settle()

    def _settle(self) -> None:
        played = self._round
        if len(played.latencies) == len(self._people) and played.decided and (played.ended or not played.wants_end):
            self._settled.set()


class Round:
    """How everybody's decisions of one round ended."""

    def __init__(self) -> None:
        self.winners: list[int] = []
        self.losers: list[str] = []
        self.decided = 0
        self.latencies: list[float] = []
        self.wants_end = False
        self.ended = False

    @property
    def told(self) -> int:
        """How many losers were told who won, what and when."""
        return len(self.losers)

    def is_clean(self, people: int) -> bool:
        """One winner, one decision, and everybody else told the same."""
        return len(self.winners) == self.decided == 1 and self.told == people - 1 and len(set(self.losers)) == 1


async def main() -> None:
    """Answer questions until standard input ends."""
    say("ready")
    await answer_all(Crowd().answer)


if __name__ == "__main__":
    asyncio.run(main())
