"""Completing code over HTTP: who may, what is offered, and how an answer is let go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_copilot.testing.fault_server import FaultServer
from jupyter_copilot.testing.replies import completion, status

URL = ("api", "copilot", "completions")
CODE = {"prefix": "df.", "suffix": "", "above": ["import pandas as pd"]}


class Lookers(Authorizer):
    """Lets everybody look, and do nothing."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action == "read"


@pytest.fixture
def fim(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[FaultServer]:
    """The model server, whose script has to be used up."""
    server = FaultServer([])
    jp_asyncio_loop.run_until_complete(server.start())
    yield server
    jp_asyncio_loop.run_until_complete(server.close())


@pytest.fixture
def jp_server_config(jp_server_config: Any, fim: FaultServer, request: pytest.FixtureRequest) -> Any:
    url = getattr(request.node.get_closest_marker("parametrize"), "url", fim.base_url)
    jp_server_config.CopilotApp.models = {"test": {"base_url": url, "models": ["coder"]}}
    for name, value in getattr(request.function, "config", {}).items():
        jp_server_config[name.split(".")[0]][name.split(".")[1]] = value
    return jp_server_config


Test = TypeVar("Test", bound=Callable[..., Any])


def configured(**config: Any) -> Callable[[Test], Test]:
    """Traits for the server of a test, written with `__` for the dot."""

    def mark(function: Test) -> Test:
        vars(function)["config"] = {name.replace("__", "."): value for name, value in config.items()}
        return function

    return mark


async def lines(jp_fetch: Any, **asked: Any) -> list[dict[str, Any]]:
    response = await jp_fetch(*URL, method="POST", body=json.dumps({"code": CODE, **asked}))
    return [json.loads(line) for line in response.body.splitlines()]


async def refused(awaitable: Any) -> tuple[int, str]:
    with pytest.raises(HTTPClientError) as caught:
        await awaitable
    assert caught.value.response is not None
    return caught.value.code, json.loads(caught.value.response.body)["code"]


async def test_an_answer_says_what_was_sent_then_comes_line_by_line(jp_fetch: Any, fim: FaultServer) -> None:
    fim.add(completion("head (5)"))
    sent, *texts, done = await lines(jp_fetch)
    assert (sent["type"], sent["model"], sent["way"], sent["cells"]) == ("sent", "coder", "suffix", 1)
    assert [text["text"] for text in texts] == ["head ", "head (5)"] and done["type"] == "done"
    assert fim.requests[0].body["model"] == "coder"


async def test_a_failure_is_the_last_line_in_words(jp_fetch: Any, fim: FaultServer) -> None:
    fim.add(status(503))
    (line,) = await lines(jp_fetch)
    assert line["type"] == "problem" and line["problem"]["message"] and line["problem"]["hint"]


async def test_the_offer_names_the_models_and_begins_unasked_with_a_local_one(jp_fetch: Any, fim: FaultServer) -> None:
    offer = json.loads((await jp_fetch(*URL)).body)
    assert offer["allowed"] and offer["unasked"]
    assert [(model["name"], model["costs"]) for model in offer["models"]] == [("coder", False)]
    assert "key" not in json.dumps(offer)


@configured(CopilotApp__models={"far": {"base_url": "https://api.example.com/v1", "models": ["big"]}})
async def test_where_each_request_costs_money_nothing_begins_unasked(jp_fetch: Any) -> None:
    offer = json.loads((await jp_fetch(*URL)).body)
    assert offer["allowed"] and not offer["unasked"] and offer["models"][0]["costs"]


@configured(CopilotApp__inline_completion="off")
async def test_where_an_administrator_said_no_nothing_is_sent(jp_fetch: Any, fim: FaultServer) -> None:
    assert json.loads((await jp_fetch(*URL)).body) == {"allowed": False, "models": [], "unasked": False}
    assert await refused(lines(jp_fetch)) == (403, "forbidden")
    assert fim.requests == []


@configured(ServerApp__authorizer_class=Lookers)
async def test_who_may_not_execute_spends_nothing(jp_fetch: Any, fim: FaultServer) -> None:
    assert not json.loads((await jp_fetch(*URL)).body)["allowed"]
    assert await refused(lines(jp_fetch)) == (403, "forbidden")
    assert fim.requests == []


async def test_without_a_token_nobody_is_answered(http_server_client: Any, jp_base_url: str, fim: FaultServer) -> None:
    path = f"{jp_base_url}{'/'.join(URL)}"
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(path, method="POST", body=json.dumps({"code": CODE}))
    assert caught.value.code == 403 and fim.requests == []


async def test_who_leaves_ends_the_request_to_the_model(jp_fetch: Any, fim: FaultServer) -> None:
    fim.add(completion("one two", gate="middle"))
    asking = asyncio.ensure_future(lines(jp_fetch))
    await fim.reached("middle")
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_tab_has_one_answer_at_a_time(jp_fetch: Any, fim: FaultServer) -> None:
    fim.add(completion("one two", gate="middle"), completion("three"))
    first = asyncio.ensure_future(lines(jp_fetch, tab="t"))
    await fim.reached("middle")
    assert (await lines(jp_fetch, tab="t"))[-2]["text"] == "three"
    await fim.disconnected()
    assert [line["type"] for line in await first] == ["sent", "text"]


async def test_requests_without_sense_are_refused(jp_fetch: Any, fim: FaultServer) -> None:
    for body in ("", "{}", json.dumps({"code": {"prefix": 1}}), json.dumps({"code": CODE, "more": 1})):
        assert await refused(jp_fetch(*URL, method="POST", body=body)) == (400, "bad_frame")


async def test_requests_without_end_are_slowed_down(jp_fetch: Any, fim: FaultServer) -> None:
    fim.add(completion("x").always())
    with pytest.raises(HTTPClientError) as caught:
        for _ in range(60):
            await lines(jp_fetch)
    assert caught.value.code == 429
