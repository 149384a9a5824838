"""The rooms as a service of a real Hub: two people decide by WebSocket there, and nobody's server or kernel does."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.client.socket import channel_url, open_websocket, token_headers
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.protocol.errors import ConnectionLost, Rejected
from tests.hub.hub import Hub
from tests.hub.sign_in import service_cookies

QUESTION = p.ConfirmationId("q")
NOTEBOOK = "shared.ipynb"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A Hub with the service, Alice with a server of her own, and Bob without."""
    running = Hub(tmp_path_factory.mktemp("team"), service=True)
    running.start()
    try:
        for name in ("alice", "bob"):
            running.add(name)
        running.start_server("alice")
        running.write("shared", NOTEBOOK)
        yield running
    finally:
        running.stop()


def _in_browser(team: Hub, name: str) -> Client:
    headers = {"Cookie": service_cookies(team, name), "Origin": team.url.rstrip("/")}
    return Client(open_websocket(team.service, NOTEBOOK, headers), SystemClock(), surface="lab")


def _with(team: Hub, token: str) -> Client:
    return Client(open_websocket(team.service, NOTEBOOK, token_headers(token)), SystemClock(), surface="cli")


async def test_two_people_decide_in_one_room_each_under_their_own_name(team: Hub) -> None:
    async with _in_browser(team, "alice") as alice, _in_browser(team, "bob") as bob:
        await alice.live()
        await bob.live()
        assert alice.you is not None and {"write", "execute", "decide"} <= set(alice.you.can)
        await alice.command(p.OpenConfirmation(confirmation_id=QUESTION, title="Delete 10,000 rows?"))
        await bob.wait(lambda state: QUESTION in state.confirmations)
        await bob.decide(QUESTION, "confirm")
        state = await alice.wait(lambda state: isinstance(state.confirmations[QUESTION], s.Decided))
        decided = state.confirmations[QUESTION]
        assert isinstance(decided, s.Decided)
        assert (decided.by.id, decided.by.name, decided.by.auth) == ("bob", "bob", "browser")
        with pytest.raises(Rejected) as late:
            await alice.decide(QUESTION, "cancel")
        assert late.value.code == "already_decided"


async def test_a_token_of_one_s_own_takes_part_and_says_so(team: Hub) -> None:
    async with _with(team, team.token("bob")) as bob:
        await bob.live()
        await bob.post("By script.", run=False)
        (message,) = [each for each in bob.state.messages.values() if isinstance(each, s.Posted)]  # type: ignore[union-attr]
        assert (message.author.id, message.author.auth) == ("bob", "token")


@pytest.mark.parametrize("whose", ["forged", "server's", "server's with access to the service"])
async def test_what_is_not_a_person_s_opens_no_room(team: Hub, whose: str) -> None:
    token = secrets.token_hex(16) if whose == "forged" else team.server_token("alice")
    if "access" in whose:
        token = team.token("alice", scopes=["access:services!service=copilot", "users:activity!user"])
    async with _with(team, token) as client:
        with pytest.raises(ConnectionLost) as refused:
            await client.live()
    assert refused.value.code == "forbidden"
    decide = {"type": "decide", "confirmation_id": QUESTION, "args_hash": "x", "option": "confirm"}
    for method, path in (("GET", ""), ("GET", "/records"), ("POST", "/commands")):
        answer = requests.request(
            method,
            f"{team.service}api/copilot/notebooks/{NOTEBOOK}{path}",
            headers=token_headers(token),
            json={"command_id": "c", "command": decide} if method == "POST" else None,
            timeout=30,
        )
        assert answer.status_code in (401, 403), (path, answer.status_code)


async def test_a_page_of_elsewhere_cannot_use_somebody_s_cookie(team: Hub) -> None:
    address = channel_url(team.service, NOTEBOOK)
    cookie = service_cookies(team, "bob")
    for foreign in ("https://evil.example", "null"):
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(HTTPRequest(address, headers={"Cookie": cookie, "Origin": foreign}))
        assert refused.value.code == 403


def test_nothing_but_rooms_is_there(team: Hub) -> None:
    headers = token_headers(team.token("bob"))
    for path in ("api/kernels", "api/sessions", f"api/contents/{NOTEBOOK}", "api/terminals", "api/kernelspecs", "lab"):
        answer = requests.get(f"{team.service}{path}", headers=headers, timeout=30)
        assert answer.status_code in (403, 404), (path, answer.status_code)
    answer = requests.post(f"{team.service}api/kernels", headers=headers, json={"name": "python3"}, timeout=30)
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["../alice/secret.ipynb", "%2e%2e/alice/secret.ipynb", "/etc/secret.ipynb"])
def test_a_notebook_out_of_the_shared_folder_has_no_room(team: Hub, path: str) -> None:
    team.write("alice", "secret.ipynb")
    answer = requests.get(
        f"{team.service}api/copilot/notebooks/{path}", headers=token_headers(team.token("bob")), timeout=30
    )
    assert answer.status_code in (403, 404)


def test_who_is_not_signed_in_is_sent_to_the_hub_and_told_when_it_is_done(team: Hub) -> None:
    page = requests.get(f"{team.service}copilot/sign-in", timeout=30)
    assert page.ok and "/hub/login" in page.url
    browser = requests.Session()
    browser.headers["Cookie"] = service_cookies(team, "bob")
    page = browser.get(f"{team.service}copilot/sign-in", timeout=30)
    assert page.url.endswith("copilot/sign-in") and "signed in to the copilot as bob" in page.text


def test_the_command_outside_of_a_hub_says_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    from jupyter_copilot.cli.main import main

    assert main(["hub", "--root", str(Path.cwd())]) == 1
    assert "a JupyterHub starts" in capsys.readouterr().err
