"""What `auth: browser` promises: somebody signed in, and no token did it for them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from jupyter_server.auth.security import passwd
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httputil import HTTPServerRequest
from tornado.websocket import websocket_connect

from jupyter_copilot.server.sign_in import SignIns

from .conftest import Socket

PASSWORD = "correct horse"


@pytest.fixture
def jp_server_config(jp_server_config: Any) -> Any:
    jp_server_config.PasswordIdentityProvider.hashed_password = passwd(PASSWORD)
    jp_server_config.CopilotApp.decisions_in_browser_only = True
    return jp_server_config


class Visit:
    """A program that keeps cookies, as a browser or a script does."""

    def __init__(self, jp_serverapp: Any, port: int, base_url: str) -> None:
        self.app = jp_serverapp
        self.host = f"localhost:{port}"
        self.base_url = base_url
        self.cookies: dict[str, str] = {}

    async def fetch(self, path: str, *, token: bool = False, form: dict[str, str] | None = None) -> Any:
        headers = {"Cookie": self.cookie}
        if token:
            headers["Authorization"] = f"token {self.app.identity_provider.token}"
        body = None if form is None else urlencode({**form, "_xsrf": self.cookies.get("_xsrf", "")})
        response = await AsyncHTTPClient().fetch(
            f"http://{self.host}{self.base_url}{path}",
            headers=headers, method="GET" if form is None else "POST", body=body, follow_redirects=False,
            raise_error=False,
        )  # fmt: skip
        for value in response.headers.get_list("Set-Cookie"):
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return response

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def signs_in(self, **form: str) -> None:
        await self.fetch("login")
        assert (await self.fetch("login", form=form)).code == 302

    async def enters(self, notebook: str) -> Socket:
        url = f"ws://{self.host}{self.base_url}api/copilot/notebooks/{notebook}/channel"
        socket = Socket(await websocket_connect(HTTPRequest(url, headers={"Cookie": self.cookie})))
        self.can = (await socket.hello())["you"]["can"]
        await socket.until("live")
        return socket


@pytest.fixture
def visit(jp_serverapp: Any, http_server_client: Any, jp_http_port: int, jp_base_url: str) -> Visit:
    return Visit(jp_serverapp, jp_http_port, jp_base_url)


async def said(socket: Socket) -> Any:
    """How the server recorded the person behind a socket."""
    await socket.send(type="command", command_id="t", command={"type": "create_thread", "thread_id": "t", "title": "T"})
    while True:
        frame = await socket.until("records")
        for record in frame["records"]:
            if record["event"]["type"] == "thread_created":
                return record["actor"].get("auth")


async def test_a_password_makes_a_browser(visit: Visit, notebook: str) -> None:
    await visit.signs_in(password=PASSWORD)
    socket = await visit.enters(notebook)
    assert "decide" in visit.can and await said(socket) == "browser"


@pytest.mark.parametrize("way", ["header", "url", "form", "form_twice"])
async def test_a_cookie_that_the_token_bought_stays_a_token(
    way: str, visit: Visit, notebook: str, jp_serverapp: Any
) -> None:
    token = jp_serverapp.identity_provider.token
    match way:
        case "header":
            await visit.fetch("api/me", token=True)
        case "url":
            await visit.fetch(f"api/me?token={token}")
        case "form":
            await visit.signs_in(password=token)
        case "form_twice":
            await visit.signs_in(password=token)
            await visit.signs_in(password=token)
    socket = await visit.enters(notebook)
    assert "decide" not in visit.can and await said(socket) == "token"


async def test_a_password_that_the_token_set_makes_no_browser(visit: Visit, notebook: str, jp_serverapp: Any) -> None:
    provider = jp_serverapp.identity_provider
    await visit.signs_in(password=provider.token, new_password="mine now")
    stranger = Visit(jp_serverapp, int(visit.host.rpartition(":")[2]), visit.base_url)
    await stranger.fetch("login")
    answer = await stranger.fetch("login", form={"password": "mine now"})
    assert answer.code != 302, "the sign-in page changes no password where decisions take a browser"


async def test_nor_does_it_where_changing_the_password_is_allowed(
    visit: Visit, notebook: str, jp_serverapp: Any, tmp_path: Any
) -> None:
    provider = jp_serverapp.identity_provider
    provider.allow_password_change = True
    jp_serverapp.web_app.settings["config_dir"] = str(tmp_path)
    await visit.signs_in(password=provider.token, new_password="mine now")
    stranger = Visit(jp_serverapp, int(visit.host.rpartition(":")[2]), visit.base_url)
    await stranger.signs_in(password="mine now")
    await stranger.enters(notebook)
    assert "decide" not in stranger.can


async def test_the_mark_of_one_session_is_worth_nothing_in_another(
    visit: Visit, notebook: str, jp_serverapp: Any
) -> None:
    await visit.signs_in(password=PASSWORD)
    mark = {name: value for name, value in visit.cookies.items() if name.startswith("copilot-signed-in")}
    assert len(mark) == 1
    thief = Visit(jp_serverapp, int(visit.host.rpartition(":")[2]), visit.base_url)
    await thief.fetch("api/me", token=True)
    thief.cookies |= mark
    await thief.enters(notebook)
    assert "decide" not in thief.can
    login = next(name for name in thief.cookies if name.startswith("username-"))
    thief.cookies[next(iter(mark))] = thief.cookies[login]
    await thief.enters(notebook)
    assert "decide" not in thief.can, "a login cookie is no mark"


DECIDE = {"type": "decide", "confirmation_id": "q", "args_hash": "x", "option": "confirm"}


@pytest.mark.parametrize(
    "command",
    [
        {"type": "set_mode", "thread_id": "main", "mode": "auto_edit"},
        {"type": "retry_run", "run_id": "m.r1"},
        {"type": "claim_call", "call_id": "c", "fence": 1},
        {"type": "renew_claim", "call_id": "c", "fence": 1},
        {"type": "release_claim", "call_id": "c", "fence": 1},
        {"type": "report_output", "call_id": "c", "fence": 1, "output": {"kind": "stdout", "text": "x"}},
        {"type": "report_call", "call_id": "c", "fence": 1, "result": {"status": "ok"}},
        DECIDE,
        {"type": "decide_all", "decisions": [DECIDE]},
        {"type": "grant_rule", "grant": {"rule_id": "r", "scope": {"effect": "edit"}}},
        {"type": "admit_guest", "guest_id": "g", "name": "Agent", "thread_id": "guest.g", "digest": "0" * 64},
    ],
    ids=lambda command: str(command["type"]),
)
async def test_whatever_widens_what_happens_takes_a_browser(
    command: dict[str, Any], visit: Visit, notebook: str
) -> None:
    await visit.fetch("api/me", token=True)
    socket = await visit.enters(notebook)
    await socket.command("post_message", message_id="m", text="hi")
    answer = await socket.command(**command)
    assert answer["code"] == "forbidden" and "password" in answer["message"]
    body = json.dumps({"command_id": "rest", "command": command})
    over_rest = await AsyncHTTPClient().fetch(
        f"http://{visit.host}{visit.base_url}api/copilot/notebooks/{notebook}/commands",
        headers={"Authorization": f"token {visit.app.identity_provider.token}"}, method="POST", body=body,
        raise_error=False,
    )  # fmt: skip
    assert over_rest.code == 403


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [
        ("POST", "notebooks/{notebook}/guests", {"name": "Agent"}),
        ("PUT", "providers/by-name/mine", {"provider": "openai", "base_url": "https://api.example/v1", "key": "k"}),
        ("DELETE", "providers/by-name/mine", None),
        ("POST", "providers/test", {"provider": "openai", "base_url": "https://api.example/v1", "key": "k"}),
        ("POST", "mcp_servers", {"type": "reconnect", "server": "x"}),
        ("POST", "mcp_servers", {"type": "trust", "server": "x", "tool": "t", "pin": "", "trusted": True}),
    ],
)
async def test_so_does_every_page_that_widens_it(
    method: str, route: str, body: dict[str, Any] | None, visit: Visit, notebook: str
) -> None:
    response = await AsyncHTTPClient().fetch(
        f"http://{visit.host}{visit.base_url}api/copilot/{route.format(notebook=notebook)}",
        headers={"Authorization": f"token {visit.app.identity_provider.token}"},
        method=method, body=None if body is None else json.dumps(body), raise_error=False,
    )  # fmt: skip
    assert response.code == 403, response.body


class TestWithoutAuthentication:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any) -> Any:
        jp_server_config.PasswordIdentityProvider.hashed_password = ""
        jp_server_config.IdentityProvider.token = ""
        jp_server_config.ServerApp.disable_check_xsrf = True
        return jp_server_config

    async def test_nobody_counts_as_signed_in(self, visit: Visit, notebook: str) -> None:
        visit.app.identity_provider.token = ""
        await visit.fetch("api/me")
        socket = await visit.enters(notebook)
        assert "decide" not in visit.can and await said(socket) is None


class _FromAProxy:
    """An identity provider of another kind: no login cookie of Jupyter's."""

    auth_enabled = True

    def __init__(self) -> None:
        self.get_secure_cookie_kwargs: dict[str, Any] = {}

    def set_login_cookie(self, handler: Any, user: Any) -> None:
        raise AssertionError

    def get_cookie_name(self, handler: Any) -> str:
        return "username-x"


@pytest.mark.parametrize(("session", "auth"), [("s1", "browser"), (None, "token"), ("", "token")])
def test_a_hubs_user_is_a_browser_when_a_session_of_the_hub_brought_them(session: Any, auth: str) -> None:
    class Handler:
        token_authenticated = False

    user = SimpleNamespace(hub_user={"name": "ada", "session_id": session})
    assert SignIns(_FromAProxy(), browser_decides=True).auth_of(Handler(), user) == auth  # type: ignore[arg-type]


def test_another_provider_than_jupyters_own_is_believed() -> None:
    class Handler:
        token_authenticated = False
        request: HTTPServerRequest | None = None

        def get_secure_cookie(self, name: str) -> bytes | None:
            return None

    class User:
        username = "ada"

    assert SignIns(_FromAProxy(), browser_decides=True).auth_of(Handler(), User()) == "browser"  # type: ignore[arg-type]
