"""The important lines, each with a way to break it and the fast tests that must fail when it is broken."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """`line` occurs once in `file`; with `becomes` in its place, one of `tests` must fail."""

    name: str
    file: str
    line: str
    becomes: str
    tests: str


ROOM = "jupyter_copilot/room"
COMMIT = """\
                    records = await self._append(events, actor, now, command_id=command_id, pictures=pictures)
"""
MUTANTS = [
    Mutant(
        "broadcast before append, of a command",
        f"{ROOM}/room.py",
        COMMIT,
        "                    self._publish([p.Record(seq=self.state.seq + 1, at=now, actor=actor, event=events[0])])\n"
        + COMMIT,
        "tests/room/test_commit.py",
    ),
    Mutant(
        "broadcast before append, of a fact",
        f"{ROOM}/room.py",
        "                    records = await self._append(events, actor, now, fence=fence)\n",
        "                    self._publish([p.Record(seq=self.state.seq + 1, at=now, actor=actor, event=events[0])])\n"
        "                    records = await self._append(events, actor, now, fence=fence)\n",
        "tests/room/test_commit.py",
    ),
    Mutant(
        "no shield around a commit",
        f"{ROOM}/room.py",
        "return await asyncio.shield(task)",
        "return await task",
        "tests/room/test_commit.py",
    ),
    Mutant(
        "no lock around the loading of a room",
        f"{ROOM}/registry.py",
        "        async with self._locks[room_id]:\n            if self._draining:",
        "        async with asyncio.Lock():\n            if self._draining:",
        "tests/room/test_registry.py",
    ),
    Mutant(
        "a server that stops takes one more room",
        f"{ROOM}/registry.py",
        "            if self._draining:",
        "            if False:",
        "tests/room/test_registry.py",
    ),
    Mutant(
        "a snapshot of another log is believed",
        f"{ROOM}/loading.py",
        "if state.log != head.log or state.seq > head.seq:",
        "if state.seq > head.seq:",
        "tests/room/test_commit.py",
    ),
    Mutant(
        "a snapshot from beyond the head is believed",
        f"{ROOM}/loading.py",
        "if state.log != head.log or state.seq > head.seq:",
        "if state.log != head.log:",
        "tests/room/test_commit.py",
    ),
    Mutant(
        "one failure ends the following of other processes",
        f"{ROOM}/loading.py",
        'room.supervisor.keep("following',
        'room.supervisor.once("following',
        "tests/room/test_transient_faults.py",
    ),
    Mutant(
        "one failure ends the expiry of confirmations",
        f"{ROOM}/expiry.py",
        'supervisor.keep("expiry"',
        'supervisor.once("expiry"',
        "tests/room/test_transient_faults.py",
    ),
    Mutant(
        "a background task fails in silence",
        f"{ROOM}/supervisor.py",
        "        if self._is_over():\n            return\n",
        "        return\n",
        "tests/room/test_supervisor.py",
    ),
    Mutant(
        "hello is answered twice",
        f"{ROOM}/session/session.py",
        "        self.life = AwaitingHello(said=True)\n",
        "",
        "tests/room/session/test_session.py",
    ),
    Mutant(
        "the outbox never falls back to a snapshot",
        f"{ROOM}/session/outbox.py",
        "        self._replace_batches(_SnapshotMark())",
        "        return",
        "tests/room/session/test_outbox.py",
    ),
    Mutant(
        "records are queued beside the snapshot that has them",
        f"{ROOM}/session/outbox.py",
        "        if not any(isinstance(entry, _SnapshotMark) for entry in self._waiting):\n",
        "        if True:\n",
        "tests/room/session/test_outbox.py",
    ),
    Mutant(
        "stdout merged with stderr, in the log",
        "jupyter_copilot/core/deltas.py",
        "        and a.kind == b.kind\n",
        "",
        "tests/core/test_deltas.py",
    ),
    Mutant(
        "stdout merged with stderr, in the state",
        "jupyter_copilot/core/reducer/calls.py",
        "(last.kind, last.cell_id) == (output.kind, output.cell_id)",
        "last.cell_id == output.cell_id",
        "tests/core/test_reducer.py",
    ),
    Mutant(
        "a state grows without end",
        f"{ROOM}/housekeeping.py",
        "await self._room.record(lambda state, now: prune_to(state, budget), actor=p.SERVER)",
        "await self._room.record(lambda state, now: [], actor=p.SERVER)",
        "tests/room/test_bounded.py",
    ),
    Mutant(
        "the replay buffer is not bounded in bytes",
        f"{ROOM}/replay.py",
        " or self._bytes > self._max_bytes:",
        ":",
        "tests/room/test_bounded.py",
    ),
    Mutant(
        "a clock that is set back refuses everybody",
        f"{ROOM}/session/rate_limit.py",
        "passed_s, self._at = max(0, now - self._at) / 1000, now",
        "passed_s, self._at = (now - self._at) / 1000, now",
        "tests/room/test_bounded.py",
    ),
]
