"""Authenticate, authorise, look up: in this order, on every route."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from ..patience import scaled
from .conftest import Connect, Socket

ROUTES = ["", "/records", "/confirmations", "/changes", "/channel"]


class ReadOnly(Authorizer):
    """Lets everybody read, and nobody do more with the copilot; `nothing` takes that away too."""

    nothing = False

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        if resource != "copilot":
            return True
        return action == "read" and not self.nothing


@pytest.fixture
def own_origin_only(jp_serverapp: Any) -> None:
    jp_serverapp.web_app.settings["allow_origin"] = ""


async def status_of(awaitable: Any) -> int:
    try:
        await awaitable
    except HTTPClientError as error:
        return error.code
    return 200


@pytest.mark.parametrize("path", ["one.ipynb", "missing.ipynb"])
@pytest.mark.parametrize("route", ROUTES)
async def test_without_credentials_every_route_says_403_whether_the_notebook_is_there_or_not(
    route: str, path: str, jp_fetch: Any, notebook: str, connect: Connect
) -> None:
    anonymous = {"Authorization": ""}
    if route == "/channel":
        assert await status_of(connect(path, headers=anonymous)) == 403
    else:
        assert await status_of(jp_fetch("api", "copilot", "notebooks", path + route, headers=anonymous)) == 403
    assert await status_of(
        jp_fetch("api", "copilot", "notebooks", path, "commands", method="POST", body="{}", headers=anonymous)
    ) == 403  # fmt: skip


@pytest.mark.parametrize("path", ["one.ipynb", "missing.ipynb"])
@pytest.mark.parametrize("route", ROUTES)
async def test_who_may_not_read_learns_nothing(
    route: str, path: str, jp_fetch: Any, notebook: str, connect: Connect, jp_serverapp: Any
) -> None:
    denying = ReadOnly(parent=jp_serverapp)
    denying.nothing = True
    jp_serverapp.web_app.settings["authorizer"] = denying
    if route == "/channel":
        assert await status_of(connect(path)) == 403
    else:
        assert await status_of(jp_fetch("api", "copilot", "notebooks", path + route)) == 403


async def test_a_reader_watches_and_is_forbidden_every_command(
    jp_fetch: Any, notebook: str, connect: Connect, jp_serverapp: Any
) -> None:
    jp_serverapp.web_app.settings["authorizer"] = ReadOnly(parent=jp_serverapp)
    socket = await connect()
    assert (await socket.hello())["you"]["can"] == ["read"]
    await socket.until("live")
    assert (await socket.command("post_message", message_id="m", text="hi"))["code"] == "forbidden"
    body = json.dumps({"command_id": "c", "command": {"type": "post_message", "message_id": "m", "text": "hi"}})
    assert (
        await status_of(jp_fetch("api", "copilot", "notebooks", notebook, "commands", method="POST", body=body)) == 403
    )
    assert json.loads((await jp_fetch("api", "copilot", "notebooks", notebook)).body)["head"] == 0


async def cookie_of(jp_fetch: Any, jp_http_port: int) -> str:
    response = await jp_fetch("api", "me", headers={"Host": f"localhost:{jp_http_port}"})
    return "; ".join(value.split(";")[0] for value in response.headers.get_list("Set-Cookie"))


async def test_a_cookie_is_accepted_from_the_own_origin_and_refused_from_a_foreign_one(
    jp_fetch: Any, notebook: str, jp_http_port: int, jp_base_url: str, own_origin_only: None
) -> None:
    cookie = await cookie_of(jp_fetch, jp_http_port)
    url = f"ws://localhost:{jp_http_port}{jp_base_url}api/copilot/notebooks/{notebook}/channel"

    async def opens(origin: str) -> int:
        headers = {"Cookie": cookie, "Origin": origin}
        return await status_of(websocket_connect(HTTPRequest(url, headers=headers)))

    assert await opens(f"http://localhost:{jp_http_port}") == 200
    assert await opens("http://evil.example") == 403


async def test_a_post_with_a_cookie_needs_the_xsrf_token(jp_fetch: Any, notebook: str, jp_http_port: int) -> None:
    cookie = await cookie_of(jp_fetch, jp_http_port)
    headers = {"Authorization": "", "Cookie": cookie, "Host": f"localhost:{jp_http_port}"}
    posting = jp_fetch(
        "api", "copilot", "notebooks", notebook, "commands", method="POST", body="{}", headers=headers
    )  # fmt: skip
    assert await status_of(posting) == 403


async def test_a_confirmation_of_another_room_is_not_decided(
    jp_root_dir: Any, notebook: str, connect: Connect, room_socket: Socket
) -> None:
    (jp_root_dir / "other.ipynb").write_bytes((jp_root_dir / notebook).read_bytes())
    await room_socket.command("open_confirmation", confirmation_id="q", title="Go on?")
    elsewhere = await connect("other.ipynb")
    await elsewhere.hello("tab-2")
    await elsewhere.until("live")
    answer = await elsewhere.command("decide", confirmation_id="q", args_hash="x", option="confirm")
    assert answer["code"] == "not_found"


async def test_who_loses_the_right_to_read_is_cut_off_on_demand(
    jp_fetch: Any, notebook: str, connect: Connect, room_socket: Socket, jp_serverapp: Any
) -> None:
    await jp_fetch("api", "copilot", "recheck", method="POST", body="")
    assert (await room_socket.command("post_message", message_id="m", text="hi", run=False))["type"] == "ack"
    authorizer = ReadOnly(parent=jp_serverapp)
    jp_serverapp.web_app.settings["authorizer"] = authorizer
    app = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"].copy().pop()
    await app.copilot_services.connections.recheck()
    assert (await room_socket.until("closing"))["retry"] == "after", "the rights differ: come back with the new ones"
    again = await connect()
    await again.hello()
    authorizer.nothing = True
    assert await app.copilot_services.connections.recheck() == 1
    assert (await again.until("closing"))["code"] == 4001


async def test_a_stream_of_events_is_cut_off_on_demand_and_counted(
    jp_fetch: Any, notebook: str, jp_serverapp: Any
) -> None:
    began = asyncio.Event()
    stream = asyncio.ensure_future(
        jp_fetch(
            "api", "copilot", "notebooks", notebook, "records",
            headers={"Accept": "text/event-stream"}, streaming_callback=lambda chunk: began.set(),
        )
    )  # fmt: skip
    await asyncio.wait_for(began.wait(), scaled(10))
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    assert await app.copilot_services.connections.recheck() == 0 and not stream.done()
    denying = ReadOnly(parent=jp_serverapp)
    denying.nothing = True
    jp_serverapp.web_app.settings["authorizer"] = denying
    assert await app.copilot_services.connections.recheck() == 1
    assert (await asyncio.wait_for(stream, scaled(5))).code == 200, "long before its next beat"
    assert await app.copilot_services.connections.recheck() == 0


async def test_who_signs_out_of_everything_is_cut_off_and_who_has_the_token_is_not(
    jp_fetch: Any, jp_http_port: int, jp_base_url: str, notebook: str, room_socket: Socket, jp_serverapp: Any
) -> None:
    cookie = await cookie_of(jp_fetch, jp_http_port)
    url = f"ws://localhost:{jp_http_port}{jp_base_url}api/copilot/notebooks/{notebook}/channel"
    browser = Socket(await websocket_connect(HTTPRequest(url, headers={"Cookie": cookie})))
    await browser.hello("browser")
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    assert await app.copilot_services.connections.recheck() == 0
    jp_serverapp.web_app.settings["cookie_secret"] = b"another secret voids all cookies"
    assert await app.copilot_services.connections.recheck() == 1
    assert (await browser.until("closing"))["code"] == 4100
    assert (await room_socket.command("post_message", message_id="m", text="hi", run=False))["type"] == "ack"


class TestTheInterval:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any) -> Any:
        jp_server_config.CopilotApp.recheck_interval_s = 0.05
        return jp_server_config

    async def test_who_loses_access_is_cut_off_by_itself(self, room_socket: Socket, jp_serverapp: Any) -> None:
        denying = ReadOnly(parent=jp_serverapp)
        denying.nothing = True
        jp_serverapp.web_app.settings["authorizer"] = denying
        assert (await asyncio.wait_for(room_socket.until("closing"), scaled(10)))["code"] == 4001

    async def test_a_stream_of_events_ends_too(self, jp_fetch: Any, notebook: str, jp_serverapp: Any) -> None:
        began = asyncio.Event()
        stream = asyncio.ensure_future(
            jp_fetch(
                "api", "copilot", "notebooks", notebook, "records",
                headers={"Accept": "text/event-stream"}, streaming_callback=lambda chunk: began.set(),
            )
        )  # fmt: skip
        await asyncio.wait_for(began.wait(), scaled(10))
        assert not stream.done()
        denying = ReadOnly(parent=jp_serverapp)
        denying.nothing = True
        jp_serverapp.web_app.settings["authorizer"] = denying
        assert (await asyncio.wait_for(stream, scaled(10))).code == 200


async def test_one_persons_flood_does_not_slow_another(connect: Connect, jp_serverapp: Any, notebook: str) -> None:
    flood, calm = await connect(), await connect()
    for number, socket in enumerate((flood, calm)):
        await socket.hello(f"tab-{number}")
        await socket.until("live")
    rooms = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"].copy().pop().rooms
    sessions = rooms.sessions()
    # The token makes one person of both; the flood is another person's here.
    from msgspec.structs import replace

    other = next(s for s in sessions if s.actor.client_id == "tab-0")
    other.life = replace(other.life, actor=replace(other.actor, id="somebody-else"))
    other._rate = rooms.rate(other.room, other.actor)
    for number in range(200):
        await flood.send(type="command", command_id=f"f{number}", command={"type": "cancel_run", "run_id": "x"})
    answer = await asyncio.wait_for(calm.command("post_message", message_id="m", text="hi", run=False), scaled(10))
    assert answer["type"] == "ack"
