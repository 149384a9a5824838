"""The AG-UI route itself: who may, what is refused, and that it is the room's rules that hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_copilot.testing.fault_server import FaultServer
from jupyter_copilot.testing.replies import answer

from .conftest import Room
from .test_official_client import asks

URL = ("api", "copilot", "agui", "one.ipynb")


def body(id: str = "m1", text: str = "Hi", **more: Any) -> str:
    asked = {"id": id, "role": "user", "content": text}
    return json.dumps({"threadId": "main", "runId": "r1", "messages": [asked], "tools": [], "context": [], **more})


async def told(jp_fetch: Any, given: str) -> list[dict[str, Any]]:
    text = (await jp_fetch(*URL, method="POST", body=given)).body.decode()
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


async def refused(jp_fetch: Any, given: str) -> tuple[int, str]:
    with pytest.raises(HTTPClientError) as error:
        await jp_fetch(*URL, method="POST", body=given)
    assert error.value.response is not None
    return error.value.code, json.loads(error.value.response.body)["message"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("nonsense", "RunAgentInput"),
        (json.dumps({"threadId": "main"}), "runId"),
        (body(id="no id"), "message_id"),
        (body(text=""), "empty"),
        (body(text=[{"type": "audio", "source": {"type": "url", "value": "https://x.example"}}]), "pictures"),  # type: ignore[arg-type]
        (body(resume=[{"interruptId": "none@1", "status": "resolved"}]), "no such decision"),
    ],
)
async def test_what_cannot_be_understood_is_refused_in_words(
    given: str, says: str, jp_fetch: Any, notebook: str, model: FaultServer
) -> None:
    code, message = await refused(jp_fetch, given)
    assert code in (400, 404) and says in message


async def test_the_same_answer_sent_again_decides_once(jp_fetch: Any, model: FaultServer, people: Room) -> None:
    model.add(asks(), answer("Done."))
    events = await told(jp_fetch, body(text="Insert"))
    (asked,) = events[-1]["outcome"]["interrupts"]
    answers = body(resume=[{"interruptId": asked["id"], "status": "resolved", "payload": {"approved": True}}])
    first, second = await told(jp_fetch, answers), await told(jp_fetch, answers)
    assert first[-1]["outcome"] == second[-1]["outcome"] == {"type": "success"}
    assert second[1]["type"] == "MESSAGES_SNAPSHOT" and second[1]["messages"][-1]["content"] == "Done."


async def test_a_picture_comes_along_and_is_told_back_by_its_address(
    jp_fetch: Any, model: FaultServer, notebook: str
) -> None:
    model.add(answer("A dot."))
    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    picture = {"type": "image", "source": {"type": "data", "value": dot, "mimeType": "image/png"}}
    events = await told(jp_fetch, body(text=[{"type": "text", "text": "What is it?"}, picture]))  # type: ignore[arg-type]
    parts = events[1]["messages"][0]["content"]
    assert parts[0] == {"type": "text", "text": "What is it?"} and parts[1]["source"]["mimeType"] == "image/png"


class Looker(Authorizer):
    """Lets everybody look, and do nothing."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action == "read"


async def test_who_may_only_look_sees_the_chat_and_neither_asks_nor_decides(
    jp_fetch: Any, jp_serverapp: Any, model: FaultServer, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.add(asks())
    (asked,) = (await told(jp_fetch, body(text="Insert")))[-1]["outcome"]["interrupts"]
    monkeypatch.setitem(jp_serverapp.web_app.settings, "authorizer", Looker(parent=jp_serverapp))
    looking = json.dumps({"threadId": "main", "runId": "r2", "messages": [], "tools": [], "context": []})
    assert (await told(jp_fetch, looking))[-1]["outcome"]["type"] == "interrupt"
    assert (await refused(jp_fetch, body(id="m2")))[0] == 403
    entry = {"interruptId": asked["id"], "status": "resolved", "payload": {"approved": True}}
    assert (await refused(jp_fetch, body(resume=[entry])))[0] == 403


async def test_no_token_of_a_kernel_opens_it(jp_fetch: Any, http_server_client: Any, notebook: str) -> None:
    for headers in ({"X-Copilot-Kernel-Token": "made-up"}, {"Authorization": "Bearer made-up"}):
        response = await http_server_client.fetch(
            "/a%40b/api/copilot/agui/one.ipynb", method="POST", body=body(), headers=headers, raise_error=False
        )
        assert response.code == 403
