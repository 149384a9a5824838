"""A guest's token on every route of the server: nothing but its own door takes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from ..conftest import connect as connect
from ..conftest import jp_server_config as jp_server_config
from ..conftest import notebook as notebook
from ..mcp.conftest import Admit, Room
from ..mcp.conftest import admit as admit
from ..mcp.conftest import base_url as base_url
from ..mcp.conftest import people as people

JUPYTER = ["api/contents/one.ipynb", "api/kernels", "api/sessions", "api/me", "api/config/x", "tree", "files/one.ipynb"]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def own_routes(serverapp: Any) -> list[str]:
    """Each address of the extension, with the notebook where a path belongs; the door itself left out."""
    app = serverapp.extension_manager.extension_apps["jupyter_copilot"].copy().pop()
    patterns = [handler[0] for handler in app.handlers]
    found = [pattern.replace("(.+)", "one.ipynb") for pattern in patterns]
    return [route.lstrip("/") for route in found if "api/copilot" in route and "/mcp" not in route]


async def test_no_route_takes_a_guests_token_in_any_header_or_place(
    admit: Admit, people: Room, jp_serverapp: Any, base_url: str
) -> None:
    guest = await admit()
    routes = [*own_routes(jp_serverapp), *JUPYTER]
    assert len(routes) > 15 and any(route.endswith("/commands") for route in routes)
    before = (await people.state())["seq"]
    for route in routes:
        for method in METHODS:
            for headers, query in (
                ({"Authorization": f"Bearer {guest.token}"}, ""),
                ({"Authorization": f"token {guest.token}"}, ""),
                ({"X-Copilot-Kernel-Token": guest.token}, ""),
                ({}, f"?token={guest.token}"),
            ):
                url = f"{base_url}{route}{query}"
                body = "{}" if method in ("POST", "PUT", "PATCH") else None
                request = HTTPRequest(url, method=method, headers=headers, body=body, follow_redirects=False)
                response = await AsyncHTTPClient().fetch(request, raise_error=False)
                assert response.code in (302, 403, 404, 405), (method, url, response.code)
                if response.code == 302:
                    assert "/login" in response.headers["Location"]
    assert (await people.state())["seq"] == before


@pytest.mark.parametrize("channel", ["api/copilot/notebooks/one.ipynb/channel", "api/copilot/kernel/channel"])
async def test_no_socket_takes_a_guests_token(channel: str, admit: Admit, base_url: str) -> None:
    guest = await admit()
    for headers in ({"Authorization": f"Bearer {guest.token}"}, {"X-Copilot-Kernel-Token": guest.token}):
        with pytest.raises(HTTPClientError) as caught:
            await websocket_connect(HTTPRequest(base_url.replace("http", "ws", 1) + channel, headers=headers))
        assert caught.value.code == 403


@pytest.mark.parametrize(
    "name", ["decide", "set_mode", "admit_guest", "revoke_guest", "add_rule", "retry_run", "post_message"]
)
async def test_no_command_of_people_is_a_method_or_a_tool_of_the_door(name: str, admit: Admit) -> None:
    guest = await admit()
    assert (await guest.ask(name, option="approve"))["error"]["code"] == -32601
    assert (await guest.call(name, option="approve"))["isError"]
    assert name not in json.dumps([tool["name"] for tool in (await guest.ask("tools/list"))["result"]["tools"]])
