"""Whom the door for agents from outside opens for."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from .conftest import Admit, Room, text_of


@pytest.mark.parametrize("path", ["one.ipynb", "missing.ipynb"])
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
async def test_without_a_guests_token_nobody_comes_in_nor_learns_what_is_there(
    method: str, path: str, base_url: str, notebook: str, jp_serverapp: Any
) -> None:
    own = jp_serverapp.identity_provider.token
    for token in ("", f"token {own}", f"Bearer {own}", "Bearer jcg_a.b.c", f"Bearer jcg_r.g.{'x' * 43}"):
        request = HTTPRequest(
            f"{base_url}api/copilot/mcp/{path}",
            method=method,
            headers={"Authorization": token} if token else {},
            body="{}" if method == "POST" else None,
            follow_redirects=False,
        )
        response = await AsyncHTTPClient().fetch(request, raise_error=False)
        assert response.code == 401 and response.headers["WWW-Authenticate"] == "Bearer"
        assert "jupyter copilot connect" in json.loads(response.body)["error"]["message"]


async def test_a_page_of_a_browser_is_never_a_guest(admit: Admit) -> None:
    response = await (await admit()).post({"jsonrpc": "2.0", "id": 1, "method": "ping"}, Origin="http://evil.example")
    assert response.code == 403


async def test_a_token_opens_its_own_notebook_only(admit: Admit, jp_root_dir: Path) -> None:
    nbformat.write(nbformat.v4.new_notebook(), jp_root_dir / "two.ipynb")
    guest = await admit()
    for other in ("two.ipynb", "missing.ipynb"):
        guest.url = guest.url.rpartition("/")[0] + "/" + other
        response = await guest.post({"jsonrpc": "2.0", "id": 1, "method": "ping"})
        assert response.code == 403 and "api/copilot/mcp/one.ipynb" in response.body.decode()


async def test_a_guest_that_people_send_away_is_out_at_once(admit: Admit, people: Room) -> None:
    guest = await admit()
    calling = asyncio.create_task(guest.call("insert_cell", after=None, source="x = 41 + 1"))
    await people.asked()
    await people.do("revoke_guest", guest_id=guest.id)
    result = await calling
    assert result["isError"] and "disconnected the guest" in text_of(result)
    assert (await guest.post({"jsonrpc": "2.0", "id": 1, "method": "ping"})).code == 401


async def test_the_token_is_told_once_and_kept_nowhere(
    admit: Admit, people: Room, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    guest = await admit()
    await guest.call("read_notebook")
    secret = guest.token.rpartition(".")[2].encode()
    assert secret not in json.dumps(await people.state()).encode()
    assert all(secret not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret.decode() not in caplog.text


@pytest.mark.parametrize("wanted", [{"name": ""}, {"scope": "decide"}, {"days": 0}, {"days": 9999}, {"token": "mine"}])
async def test_a_guest_cannot_be_let_in_with_what_there_is_not(admit: Admit, wanted: dict[str, Any]) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await admit(**wanted)
    assert caught.value.code == 400
