"""Plays the client's half of a transcript, and compares what the server says with the other half."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from ..patience import scaled

Frame = dict[str, Any]

VOLATILE = frozenset({"at", "now", "id", "name", "initials", "color", "path", "server", "message", "digest", "bytes"})
"""Fields whose value differs from one server and moment to the next; they must be there all the same."""
UNASKED = frozenset({"presence", "heartbeat"})
PATIENCE_S = scaled(30.0)


class Wire:
    """One connection at a time, records of all frames in one row with the other frames."""

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        self._connect = connect
        self._socket: Any = None
        self._said: list[Frame] = []

    def another(self) -> Wire:
        """A second wire to the same place."""
        return Wire(self._connect)

    async def open(self) -> None:
        """Connect; what an earlier connection still had to say is forgotten."""
        self._socket = await self._connect()
        self._said = []

    def cut(self) -> None:
        """Lose the connection."""
        self._socket.close()

    async def send(self, frame: Frame) -> None:
        await self._socket.write_message(json.dumps(frame))

    async def next(self, *, ack: bool = False) -> Frame:
        """The next record or frame; an ack may come later than the agent's next records, so it is asked for apart."""
        while True:
            for index, item in enumerate(self._said):
                if (item.get("type") == "ack") == ack:
                    return self._said.pop(index)
            await self._read()

    async def _read(self) -> None:
        text = await asyncio.wait_for(self._socket.read_message(), PATIENCE_S)
        assert text is not None, "the server closed the connection"
        frame = json.loads(text)
        if frame["type"] == "records":
            self._said.extend({"record": record} for record in frame["records"])
        elif frame["type"] not in UNASKED:
            self._said.append(frame)


class Player:
    """Goes through the lines of a transcript; `turns` lets the model say its next piece."""

    def __init__(self, wire: Wire, turns: asyncio.Semaphore) -> None:
        self._wire = wire
        self._turns = turns
        self._log = ""

    async def play(self, lines: list[Frame]) -> None:
        """Raises `AssertionError` at the first line that the server does not say."""
        for line in lines:
            if "client" in line:
                await self._wire.send(self._as_client(line["client"]))
            elif "server" in line:
                await self._hear(line["server"])
            elif line.get("connection") == "opened":
                await self._wire.open()
            elif line.get("connection") == "lost":
                self._wire.cut()
                await self._let_the_run_end()

    def _as_client(self, frame: Frame) -> Frame:
        """The frame with the log that the server has in place of the transcript's."""
        if frame["type"] == "hello" and frame["cursor"] is not None:
            return {**frame, "cursor": {**frame["cursor"], "log": self._log}}
        return frame

    async def _hear(self, expected: Frame) -> None:
        if expected["type"] != "records":
            said = await self._wire.next(ack=expected["type"] == "ack")
            self._log = said["log"] if said["type"] == "welcome" else self._log
            compare(expected, said)
            return
        for record in expected["records"]:
            if record["event"]["type"] == "text_delta":
                self._turns.release()
            compare(record, (await self._wire.next())["record"])

    async def _let_the_run_end(self) -> None:
        """While the client is away the agent goes on; another client watches until it has ended."""
        for _ in range(10):
            self._turns.release()
        watcher = self._wire.another()
        await watcher.open()
        cursor = {"log": self._log, "seq": 0}
        await watcher.send({"type": "hello", "protocol": 1, "client_id": "watcher", "cursor": cursor})
        while (await watcher.next()).get("record", {}).get("event", {}).get("type") != "run_finished":
            pass
        watcher.cut()


def compare(expected: Any, said: Any, where: str = "") -> None:
    """Everything that is expected was said; the server may say more, as later versions do."""
    if isinstance(expected, dict):
        assert isinstance(said, dict), f"{where}: {said!r} is no object"
        for key, value in expected.items():
            assert key in said, f"{where}.{key} is missing in {said}"
            if key == "log":
                assert said[key], f"{where}.{key} is empty"
            elif key not in VOLATILE or isinstance(value, dict | list):
                compare(value, said[key], f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(expected) == len(said), f"{where}: {said}"
        for index, (one, other) in enumerate(zip(expected, said, strict=True)):
            compare(one, other, f"{where}[{index}]")
    else:
        assert expected == said, f"{where}: expected {expected!r}, said {said!r}"
