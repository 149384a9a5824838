"""Tabs and the server agree on what the cells of a notebook are called whose file has no ids."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.notebooks.cell_ids import CellIds
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.protocol import CallResult, CellDiff, Preview
from jupyter_copilot.server.cell_ids import recorded

PATH = ("api", "copilot", "notebooks", "one.ipynb", "cell_ids")


async def agreed(jp_fetch: Any, versions: list[str], ids: list[str] | None = None) -> list[str]:
    body = {"versions": versions} if ids is None else {"versions": versions, "ids": ids}
    response = await jp_fetch(*PATH, method="POST", body=json.dumps(body))
    answer: list[str] = json.loads(response.body)["ids"]
    return answer


async def test_every_tab_is_told_the_same_and_what_one_names_is_everybodys(jp_fetch: Any, notebook: str) -> None:
    first = await agreed(jp_fetch, ["a", "b"])
    assert await agreed(jp_fetch, ["a", "b"]) == first == CellIds().named(["a", "b"])
    assert await agreed(jp_fetch, ["a", "new", "b"], [first[0], "mine", first[1]]) == [first[0], "mine", first[1]]
    assert await agreed(jp_fetch, ["a", "new, edited", "b"]) == [first[0], "mine", first[1]]


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        '{"versions": [1]}',
        '{"versions": ["a", "b"], "ids": ["x", "x"]}',
        '{"versions": [], "ids": ["x"]}',
    ],
)
async def test_what_names_no_cells_is_refused(jp_fetch: Any, notebook: str, body: str) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*PATH, method="POST", body=body)
    assert caught.value.code == 400


def call(call_id: str, after: str, *, is_error: bool = False) -> s.CallDone:
    diff = CellDiff(action="edit", cell_id=call_id, cell_type="code", label="cell 1", before="", after=after)
    return s.CallDone(
        call_id=p.CallId(call_id),
        run_id=p.RunId("r"),
        thread_id=p.MAIN_THREAD,
        message_id=p.MessageId("m"),
        step=1,
        tool="edit_cell",
        args={},
        effect="edit",
        args_hash="",
        preview=Preview(title="", cells=[diff]),
        proposed_at=1,
        finished_at=1,
        result=CallResult(text=""),
        is_error=is_error,
    )


def test_after_a_restart_the_log_tells_what_the_cells_were_called_that_calls_left() -> None:
    calls = [call("one", "x"), call("failed", "y", is_error=True)]
    state = s.RoomState(log=p.LogId("l"), seq=1, threads={}, calls={each.call_id: each for each in calls})
    assert recorded(state) == {version_of("x"): "one"}
