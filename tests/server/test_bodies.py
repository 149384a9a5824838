"""Bodies and numbers from strangers: refused by their length, never kept for who is not known, never a 500."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_copilot import protocol as p
from jupyter_copilot.server.rest import CopilotHandler, whole_number

from ..patience import scaled

ROUTES = ["api/copilot/notebooks/one.ipynb/commands", "api/copilot/kernel/commands", "api/copilot/recheck"]


async def raw(port: int, base_url: str, route: str, headers: str, body: bytes = b"") -> bytes:
    """The first line of the answer to a request of which only this much is sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST {base_url}{route} HTTP/1.1\r\nHost: localhost:{port}\r\n{headers}\r\n".encode() + body)
    await writer.drain()
    try:
        return await asyncio.wait_for(reader.readline(), scaled(20))
    finally:
        writer.close()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("length", ["1048577", "500000000", "99999999999999999999", "-1", "²", "1e9"])
async def test_a_body_is_refused_by_its_length_before_it_comes(
    route: str, length: str, notebook: str, jp_fetch: Any, jp_http_port: int, jp_base_url: str
) -> None:
    line = await raw(jp_http_port, jp_base_url, route, f"Content-Length: {length}\r\n")
    assert line[9:12] in (b"413", b"400"), line


@pytest.mark.parametrize("route", ROUTES)
async def test_of_a_stranger_nothing_is_kept(
    route: str, notebook: str, jp_fetch: Any, jp_http_port: int, jp_base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    receive = CopilotHandler.data_received

    def counted(self: CopilotHandler, chunk: bytes) -> None:
        receive(self, chunk)
        kept.append(len(self.body))

    monkeypatch.setattr(CopilotHandler, "data_received", counted)
    line = await raw(jp_http_port, jp_base_url, route, "Content-Length: 1000000\r\n", b"x" * 1_000_000)
    assert line[9:12] == b"403" and sum(kept) == 0


async def test_a_body_is_let_go_with_its_answer(notebook: str, jp_fetch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[CopilotHandler] = []
    receive = CopilotHandler.data_received

    def seen(self: CopilotHandler, chunk: bytes) -> None:
        receive(self, chunk)
        came.append(self)

    monkeypatch.setattr(CopilotHandler, "data_received", seen)
    with pytest.raises(HTTPClientError):
        await jp_fetch("api/copilot/notebooks/one.ipynb/commands", method="POST", body="x" * 900_000)
    assert came and {handler.body for handler in came} == {b""}


async def test_a_body_without_a_length_is_cut_off_at_the_limit(
    notebook: str, jp_fetch: Any, jp_http_port: int, jp_base_url: str, jp_serverapp: Any
) -> None:
    token = jp_serverapp.identity_provider.token
    headers = f"Authorization: token {token}\r\nTransfer-Encoding: chunked\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    line = await raw(jp_http_port, jp_base_url, ROUTES[0], headers, chunk * 40 + b"0\r\n\r\n")
    assert line[9:12] in (b"400", b"413") or line == b""


async def test_a_body_of_the_full_size_is_taken(notebook: str, jp_fetch: Any) -> None:
    command = {"type": "create_thread", "thread_id": "t", "title": "T"}
    body = json.dumps({"command_id": "c", "command": command})
    body += " " * (p.MAX_FRAME_BYTES - len(body))
    answer = await jp_fetch("api", "copilot", "notebooks", notebook, "commands", method="POST", body=body)
    assert json.loads(answer.body)["type"] == "ack"


NUMBERS = ["²", "٣", "１", "1_0", "0x1", "1.0", "1e3", "-1", "+1", "", "九", "1" * 16, "NaN"]


@pytest.mark.parametrize("text", NUMBERS)
@pytest.mark.parametrize("name", ["after", "limit"])
async def test_what_is_no_number_is_refused_as_such(name: str, text: str, notebook: str, jp_fetch: Any) -> None:
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch("api", "copilot", "notebooks", notebook, "records", params={name: text})
    assert refused.value.code == 400 and whole_number(text) is None


@pytest.mark.parametrize("text", NUMBERS)
async def test_a_last_event_id_that_is_no_number_counts_as_none(text: str, notebook: str, jp_fetch: Any) -> None:
    began = asyncio.Event()
    headers = {"Accept": "text/event-stream", "Last-Event-ID": quote(text, safe=" +")}
    stream = asyncio.ensure_future(
        jp_fetch("api", "copilot", "notebooks", notebook, "records", headers=headers,
                 streaming_callback=lambda chunk: began.set())
    )  # fmt: skip
    await asyncio.wait_for(began.wait(), scaled(10))
    stream.cancel()


async def test_only_who_may_stop_the_server_has_the_store_verified(
    notebook: str, jp_fetch: Any, jp_serverapp: Any
) -> None:
    class Users(Authorizer):
        def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
            return resource == "copilot"

    assert json.loads((await jp_fetch("api", "copilot", "status", params={"verify": "1"})).body)["faults"] == []
    jp_serverapp.web_app.settings["authorizer"] = Users(parent=jp_serverapp)
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch("api", "copilot", "status", params={"verify": "1"})
    assert refused.value.code == 403
    assert json.loads((await jp_fetch("api", "copilot", "status")).body)["faults"] is None
