"""Who comes with the server's token is one participant, whatever they come through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_copilot.server.sign_in import SignIns

from .conftest import Connect


async def author(jp_fetch: Any, notebook: str, **headers: str) -> dict[str, Any]:
    """How the server records who posts over REST."""
    count = len(json.loads((await jp_fetch("api", "copilot", "notebooks", notebook, "records")).body)["records"])
    body = {"command_id": f"c{count}", "command": {"type": "post_message", "message_id": f"m{count}", "text": "hi",
            "run": False}}  # fmt: skip
    await jp_fetch(
        "api", "copilot", "notebooks", notebook, "commands", method="POST", body=json.dumps(body), headers=headers
    )
    records = json.loads((await jp_fetch("api", "copilot", "notebooks", notebook, "records")).body)["records"]
    actor: dict[str, Any] = records[-1]["actor"]
    return actor


async def test_requests_and_sockets_are_one_participant(
    jp_fetch: Any, notebook: str, connect: Connect, jp_serverapp: Any
) -> None:
    first, second = await author(jp_fetch, notebook), await author(jp_fetch, notebook)
    socket = await connect()
    you = (await socket.hello())["you"]
    assert first["id"] == second["id"] == you["id"]
    assert (first["name"], first["auth"]) == ("Token holder", "token")
    assert jp_serverapp.identity_provider.token not in first["id"]


async def test_who_asked_over_rest_takes_it_back_over_a_socket_and_may_not_decide_it(
    jp_fetch: Any, notebook: str, connect: Connect
) -> None:
    asking = {"type": "open_confirmation", "confirmation_id": "q", "title": "Go on?", "not_opener": True}
    await jp_fetch(
        "api", "copilot", "notebooks", notebook, "commands", method="POST",
        body=json.dumps({"command_id": "ask", "command": asking}),
    )  # fmt: skip
    socket = await connect()
    await socket.hello()
    snapshot = await socket.until("snapshot")
    asked = snapshot["state"]["confirmations"]["q"]
    answer = await socket.command("decide", confirmation_id="q", args_hash=asked["args_hash"], option="confirm")
    assert answer["code"] == "forbidden"
    assert (await socket.command("withdraw_confirmation", confirmation_id="q"))["type"] == "ack"


async def test_requests_share_one_rate(jp_fetch: Any, notebook: str, jp_serverapp: Any) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    await author(jp_fetch, notebook)
    (room,) = app.rooms.loaded()
    (holder,) = {message.author.id for message in room.state.messages.values()}
    rate = app.rooms.rate(room, next(iter(room.state.messages.values())).author)
    rate._per_s = 1e-6  # what is spent does not come back, however slow the machine is
    rate.spend(rate._left)
    response = await jp_fetch(
        "api", "copilot", "notebooks", notebook, "commands", method="POST", raise_error=False,
        body=json.dumps({"command_id": "x", "command": {"type": "post_message", "message_id": "x", "text": "hi"}}),
    )  # fmt: skip
    assert response.code == 429, holder


async def test_the_copilot_sells_no_cookie_for_a_token_that_would_make_somebody_else_of_its_holder(
    jp_fetch: Any, notebook: str
) -> None:
    response = await jp_fetch("api", "copilot", "notebooks", notebook)
    assert not [value for value in response.headers.get_list("Set-Cookie") if value.startswith("username-")]


async def test_who_has_a_cookie_keeps_the_name_of_the_cookie(jp_fetch: Any, notebook: str) -> None:
    bought = await jp_fetch("api", "me")
    cookie = "; ".join(value.split(";")[0] for value in bought.headers.get_list("Set-Cookie"))
    me = json.loads(bought.body)["identity"]["username"]
    assert (await author(jp_fetch, notebook, Cookie=cookie))["id"] == me


@pytest.mark.parametrize(("secret", "same"), [(b"kept", True), (b"another", False)])
async def test_a_restart_keeps_the_participant_where_token_and_secret_are_kept(
    secret: bytes, same: bool, jp_serverapp: Any
) -> None:
    class Request:
        token_authenticated = True
        token = "t" * 20

        def get_secure_cookie(self, name: str, **options: Any) -> None:
            return None

    provider = jp_serverapp.identity_provider
    provider.get_cookie_name = lambda handler: "username-x"
    before = SignIns(provider, browser_decides=False, secret=b"kept").holder_of(Request(), None)  # type: ignore[arg-type]
    after = SignIns(provider, browser_decides=False, secret=secret).holder_of(Request(), None)  # type: ignore[arg-type]
    assert (before == after) is same
