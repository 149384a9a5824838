"""Two people type into the shared notebook while the agent edits it: nothing that they typed is lost."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import Any

import pytest
from jupyter_ydoc import YNotebook
from pycrdt import Doc, Text, TransactionEvent

from jupyter_copilot.notebooks.kernel.outputs import Append, Extend
from jupyter_copilot.notebooks.live_document.ydoc import (
    begin_run,
    cells_in,
    change_cells,
    edit_outputs,
    end_run,
    set_text,
)
from jupyter_copilot.ports.notebook import Change, DeleteCell, InsertCell, MoveCell, SetSource, SetType
from jupyter_copilot.protocol.errors import CellNotFound, StaleCells

from ..soak import rounds

SEEDS = rounds(300, 5_000)
STEPS = 120
# People type characters that occur once each in the world; the agent writes letters of its own.
FIRST_TYPED = 0xE000
TYPED_AT = ("shared-0", "shared-1", "shared-2")


class Peer:
    """Somebody's copy of the notebook, and the updates under way to and from the server."""

    def __init__(self, name: str, server: YNotebook) -> None:
        self.name = name
        self.notebook = YNotebook(Doc())
        self.notebook.ydoc.apply_update(server.ydoc.get_update())
        self.to_server: deque[bytes] = deque()
        self.from_server: deque[bytes] = deque()
        self._receiving = False
        self.notebook.ydoc.observe(self._changed)

    def receive(self, update: bytes) -> None:
        self._receiving = True
        self.notebook.ydoc.apply_update(update)
        self._receiving = False

    def _changed(self, event: TransactionEvent) -> None:
        if not self._receiving:
            self.to_server.append(event.update)

    def texts(self) -> list[Text]:
        return [ycell["source"] for ycell in self.notebook.ycells if ycell["id"] in TYPED_AT]


class World:
    """The server's document, two people and the agent, each taking steps in an order that the seed gives."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.server = YNotebook()
        cells = [
            {
                "id": name,
                "cell_type": "code",
                "source": f"def {name}():\n    return {i}\n",
                "metadata": {},
                "outputs": [],
            }
            for i, name in enumerate([*TYPED_AT, "own-0", "own-1"])
        ]
        self.server.set({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        self.peers = [Peer("ada", self.server), Peer("bob", self.server)]
        self.server.ydoc.observe(self._broadcast)
        self.typed: set[str] = set()
        self.erased: set[str] = set()
        self.read = cells_in(self.server)
        self.made = 0
        self.stale = 0

    def _broadcast(self, event: TransactionEvent) -> None:
        for peer in self.peers:
            peer.from_server.append(event.update)

    def step(self) -> None:
        act = self.random.choices([self.type, self.erase, self.deliver, self.look, self.change], [6, 1, 8, 2, 3])[0]
        act()

    def type(self) -> None:
        text = self.random.choice(self.random.choice(self.peers).texts())
        character = chr(FIRST_TYPED + len(self.typed))
        self.typed.add(character)
        places = [0, *(i + 1 for i in range(len(str(text))))]
        at = len(str(text)[: self.random.choice(places)].encode())  # pycrdt counts bytes
        text.insert(at, character)

    def erase(self) -> None:
        text = self.random.choice(self.random.choice(self.peers).texts())
        mine = [character for character in str(text) if character in self.typed]
        if mine:
            character = self.random.choice(mine)
            self.erased.add(character)
            at = len(str(text)[: str(text).index(character)].encode())
            del text[at : at + len(character.encode())]

    def deliver(self) -> None:
        peer = self.random.choice(self.peers)
        if peer.to_server and (self.random.random() < 0.5 or not peer.from_server):
            self.server.ydoc.apply_update(peer.to_server.popleft())
        elif peer.from_server:
            peer.receive(peer.from_server.popleft())

    def look(self) -> None:
        self.read = cells_in(self.server)

    def change(self) -> None:
        self.made += 1
        try:
            with self.server.ydoc.transaction(origin="agent"):
                change_cells(self.server, [self._proposal()], f"e{self.made}")
        except (StaleCells, CellNotFound):
            self.stale += 1
        self.read = cells_in(self.server) if self.random.random() < 0.5 else self.read

    def _proposal(self) -> Change:
        """A change against what the agent read last; of text that people typed it keeps every character."""
        cell = self.random.choice(self.read)
        own = [c for c in self.read if c.cell_id not in TYPED_AT] or self.read
        kind = self.random.choice(["rewrite", "add", "insert", "move", "delete", "retype", "run"])
        if cell.cell_id in TYPED_AT or kind in ("rewrite", "add"):
            return SetSource(cell_id=cell.cell_id, expected=cell.version, source=self._rewritten(cell.source, kind))
        victim = self.random.choice(own)
        if kind == "delete" and len(own) > 1:
            return DeleteCell(cell_id=victim.cell_id, expected=victim.version)
        if kind == "move":
            return MoveCell(cell_id=victim.cell_id, after=self.random.choice(self.read).cell_id)
        if kind == "retype":
            return SetType(cell_id=victim.cell_id, expected=victim.version, cell_type="markdown")
        return InsertCell(cell_id=f"new-{self.made}", after=cell.cell_id, cell_type="code", source="new")

    def _rewritten(self, source: str, kind: str) -> str:
        if kind == "add":
            line = self.random.randrange(source.count("\n") + 1)
            lines = source.split("\n")
            return "\n".join([*lines[:line], f"    # line {self.made}", *lines[line:]])
        typed = "".join(character for character in source if character in self.typed)
        return f"# {self.made} another text altogether, with what people typed: {typed}\n"

    def settle(self) -> None:
        while any(peer.to_server or peer.from_server for peer in self.peers):
            self.deliver()


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("block", range(10))
def test_no_character_of_two_people_is_lost_while_the_agent_edits(block: int) -> None:
    changed = stale = typed = 0
    for seed in range(block * SEEDS // 10, (block + 1) * SEEDS // 10):
        world = World(seed)
        for _ in range(STEPS):
            world.step()
        world.settle()
        final = "".join(cell.source for cell in cells_in(world.server))
        assert all(final.count(character) == 1 for character in world.typed - world.erased), f"seed {seed}"
        for peer in world.peers:
            assert cells_in(peer.notebook) == cells_in(world.server), f"seed {seed}"
        changed, stale, typed = changed + world.made - world.stale, stale + world.stale, typed + len(world.typed)
    # The orders are such that all of it happens, often.
    assert min(changed, stale, typed) > 50


def test_outputs_come_while_people_clear_move_or_delete_the_cell() -> None:
    server = YNotebook()
    cell: dict[str, Any] = {
        "id": "c",
        "cell_type": "code",
        "source": "x",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    server.set({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    begin_run(server, "c", "e1")
    first = {"output_type": "stream", "name": "stdout", "text": "a"}
    edit_outputs(server, "c", [Append(first)], [first])
    edit_outputs(server, "c", [Extend(0, "b")], [{**first, "text": "ab"}])
    assert cells_in(server)[0].outputs == [{**first, "text": "ab"}]
    server.ycells[0]["outputs"].clear()
    edit_outputs(server, "c", [Extend(0, "c")], [{**first, "text": "abc"}])
    assert cells_in(server)[0].outputs == [{**first, "text": "abc"}]
    end_run(server, "c", "e1", "ok", 3)
    assert cells_in(server)[0].execution_count == 3
    del server.ycells[0]
    edit_outputs(server, "c", [Extend(0, "d")], [{**first, "text": "abcd"}])
    end_run(server, "c", "e1", "ok", 3)
    assert cells_in(server) == []


def test_a_text_is_changed_into_another_and_not_at_all_into_itself() -> None:
    random = Random(0)
    lines = ["a\n", "äö\n", "🐧 x\n", "b = 1\n", "b = 2\n", "\n", "end"]
    for _ in range(300):
        old, new = ("".join(random.choices(lines, k=random.randrange(6))) for _ in range(2))
        document: Doc[Text] = Doc()
        text = document.get("text", type=Text)
        text += old
        set_text(text, new)
        assert str(text) == new
        text.observe(lambda event: pytest.fail("changed into itself"))
        set_text(text, new)


def test_a_keystroke_next_to_a_changed_line_stays_where_it_was_made() -> None:
    server: Doc[Text] = Doc()
    person: Doc[Text] = Doc()
    text = server.get("text", type=Text)
    text += "one\ntwo 🐧\nthree\n"
    person.apply_update(server.get_update())
    theirs = person.get("text", type=Text)
    theirs.insert(len("one\ntwo 🐧".encode()), "!")
    set_text(text, "ONE\ntwo 🐧\nthree\nfour\n")
    text.doc.apply_update(person.get_update())
    assert str(text) == "ONE\ntwo 🐧!\nthree\nfour\n"
