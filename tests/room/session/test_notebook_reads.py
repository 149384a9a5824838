"""Reading a tab's notebook over its connection: in parts, only when it changed, and never more than is bearable."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.protocol.errors import ConnectionLost
from jupyter_copilot.room.session import notebook_reads
from jupyter_copilot.room.session.notebook_reads import NotebookReads


class Tab:
    """Answers requests with these frames, in order."""

    def __init__(self, *answers: list[p.ReadReply]) -> None:
        self.asked: list[p.ReadRequest] = []
        self._answers = list(answers)
        self.reads = NotebookReads(self._asked)

    def _asked(self, frame: bytes) -> None:
        request = p.decode_server_frame(frame)
        assert isinstance(request, p.ReadRequest)
        self.asked.append(request)
        for reply in self._answers.pop(0):
            asyncio.get_running_loop().call_soon(self.reads.answered, reply)


def reply(
    request_id: str, part: str = "", *, more: bool = False, revision: str | None = None, base: str | None = None
) -> p.ReadReply:  # fmt: skip
    return p.ReadReply(request_id=request_id, part=part, more=more, revision=revision, base=base)


async def test_parts_make_one_notebook() -> None:
    tab = Tab([reply("1", '{"cells": [', more=True), reply("1", '{"source": "ü"}', more=True), reply("1", "]}")])
    assert (await tab.reads.ask("1")).notebook == {"cells": [{"source": "ü"}]}


async def test_a_notebook_of_the_known_revision_is_not_sent_again() -> None:
    tab = Tab(
        [reply("1", '{"n": 1}', revision="a.1")], [reply("2", revision="a.1")],
        [reply("3", '{"n": 2}', revision="a.2")], [reply("4", revision="a.2")],
    )  # fmt: skip
    read = [(await tab.reads.ask(str(n))).notebook for n in range(1, 5)]
    assert read == [{"n": 1}, {"n": 1}, {"n": 2}, {"n": 2}]
    assert [request.known for request in tab.asked] == [None, "a.1", "a.1", "a.2"]


async def test_cells_that_did_not_change_are_told_by_their_place_in_the_known_notebook() -> None:
    tab = Tab(
        [reply("1", '{"cells": [{"id": "a"}, {"id": "b"}]}', revision="a.1")],
        [reply("2", '{"cells": [1, {"id": "new"}, 0]}', revision="a.2", base="a.1")],
        [reply("3", '{"cells": [2]}', revision="a.3", base="a.2")],
    )
    first, second, third = [(await tab.reads.ask(str(n))).notebook or {} for n in range(1, 4)]
    assert [cell["id"] for cell in second["cells"]] == ["b", "new", "a"]
    assert second["cells"][0] is first["cells"][1]
    assert third == {"cells": [{"id": "a"}]}


@pytest.mark.parametrize(("part", "base"), [("[7]", "a.1"), ("[-1]", "a.1"), ("[0]", "b.1"), ("[0]", "")])
async def test_places_of_cells_that_are_not_known_are_an_error(part: str, base: str) -> None:
    tab = Tab(
        [reply("1", '{"cells": [{"id": "a"}]}', revision="a.1")],
        [reply("2", f'{{"cells": {part}}}', revision="a.2", base=base)],
    )
    await tab.reads.ask("1")
    told = await tab.reads.ask("2")
    assert told.notebook is None and told.error is not None


async def test_a_tab_that_sends_the_notebook_in_one_piece_is_understood() -> None:
    tab = Tab([p.ReadReply(request_id="1", notebook={"n": 1})], [p.ReadReply(request_id="2", error="No.")])
    assert (await tab.reads.ask("1")).notebook == {"n": 1}
    assert (await tab.reads.ask("2")).error == "No."
    assert tab.asked[1].known is None


@pytest.mark.parametrize("part", ["", "{", "[1]", '{"a": '])
async def test_what_is_no_notebook_is_an_error(part: str) -> None:
    told = await Tab([reply("1", part, revision="a.1")]).reads.ask("1")
    assert told.notebook is None and told.error is not None


async def test_more_than_is_bearable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook_reads, "MAX_NOTEBOOK_CHARS", 10)
    told = await Tab([reply("1", "x" * 6, more=True), reply("1", "x" * 6, more=True)]).reads.ask("1")
    assert told.error == "The notebook in the tab is too large."


async def test_answers_of_different_reads_do_not_mix() -> None:
    tab = Tab([], [reply("1", '{"n": ', more=True), reply("2", '{"m": 2}'), reply("0", "{}"), reply("1", "1}")])
    first = asyncio.ensure_future(tab.reads.ask("1"))
    await asyncio.sleep(0)
    assert (await tab.reads.ask("2")).notebook == {"m": 2}
    assert (await first).notebook == {"n": 1}


async def test_whoever_waits_is_told_that_the_tab_is_gone() -> None:
    tab = Tab([reply("1", "{", more=True)])
    waiting = asyncio.ensure_future(tab.reads.ask("1"))
    await asyncio.sleep(0)
    tab.reads.lost()
    with pytest.raises(ConnectionLost):
        await waiting
