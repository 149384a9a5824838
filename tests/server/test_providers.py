"""Models that people set up: keys come in and never go out, and what was set up answers at once."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_copilot.testing.fault_server import KEY, MODEL, FaultServer
from jupyter_copilot.testing.replies import answer, status

from .test_completions import Lookers, configured

URL = ("api", "copilot", "providers")


@pytest.fixture
def fault(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[FaultServer]:
    server = FaultServer([])
    jp_asyncio_loop.run_until_complete(server.start())
    yield server
    jp_asyncio_loop.run_until_complete(server.close())


@pytest.fixture
def jp_server_config(jp_server_config: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "AZURE_OPENAI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in getattr(request.function, "config", {}).items():
        jp_server_config[name.split(".")[0]][name.split(".")[1]] = value
    return jp_server_config


def lab(server: FaultServer, **changes: Any) -> dict[str, Any]:
    models = [{"model": MODEL, "context_tokens": 16000}]
    return {"provider": "other", "base_url": server.base_url, "models": models, "key": KEY, **changes}


async def put(jp_fetch: Any, name: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await jp_fetch(*URL, "by-name", name, method="PUT", body=json.dumps(body))
    found: dict[str, Any] = json.loads(response.body)
    return found


async def models(jp_fetch: Any) -> list[str]:
    listed = json.loads((await jp_fetch("api", "copilot", "models")).body)["models"]
    return [model["name"] for model in listed]


async def trial(jp_fetch: Any, body: dict[str, Any]) -> dict[str, Any]:
    response = await jp_fetch(*URL, "test", method="POST", body=json.dumps(body))
    found: dict[str, Any] = json.loads(response.body)
    return found


async def refused(awaitable: Any) -> tuple[int, str]:
    with pytest.raises(HTTPClientError) as caught:
        await awaitable
    assert caught.value.response is not None
    return caught.value.code, caught.value.response.body.decode()


async def test_what_is_set_up_may_be_chosen_at_once_and_its_key_stays_here(
    jp_fetch: Any, fault: FaultServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert await models(jp_fetch) == []
    shown = await put(jp_fetch, "lab", lab(fault))
    assert await models(jp_fetch) == [MODEL]
    listed = json.loads((await jp_fetch(*URL)).body)
    assert shown == listed and listed["saved"][0]["has_key"] and listed["saved"][0]["base_url"] == fault.base_url
    assert KEY not in json.dumps(listed) + caplog.text
    file = tmp_path / "models.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and KEY in file.read_text()
    assert json.loads((await jp_fetch("api", "copilot", "models")).body)["models"][0]["context_tokens"] == 16000


async def test_what_is_removed_is_gone_with_its_key(jp_fetch: Any, fault: FaultServer, tmp_path: Path) -> None:
    await put(jp_fetch, "lab", lab(fault))
    await jp_fetch(*URL, "by-name", "lab", method="DELETE")
    assert await models(jp_fetch) == [] and KEY not in (tmp_path / "models.json").read_text()
    assert (await refused(jp_fetch(*URL, "by-name", "lab", method="DELETE")))[0] == 404


async def test_a_test_says_in_words_what_it_found(jp_fetch: Any, fault: FaultServer) -> None:
    found = await trial(jp_fetch, lab(fault))
    assert found["ok"] and "has 1 models" in found["message"] and found["models"][0]["model"] == MODEL
    fault.add(answer("OK"))
    found = await trial(jp_fetch, lab(fault, model=MODEL))
    assert found["ok"] and "answered in" in found["message"] and "OK" in found["message"]
    assert fault.requests[-1].key == "expected" and await models(jp_fetch) == [], "a test keeps nothing"
    fault.add(status(401))
    found = await trial(jp_fetch, lab(fault, model=MODEL))
    assert not found["ok"] and "API key" in found["message"] and found["hint"] and KEY not in json.dumps(found)


async def test_a_server_that_is_not_there_is_told_in_words(jp_fetch: Any) -> None:
    found = await trial(jp_fetch, {"provider": "ollama", "base_url": "http://127.0.0.1:9/v1"})
    assert not found["ok"] and "cannot be reached" in found["message"] and "Is it running?" in found["hint"]
    found = await trial(jp_fetch, {"provider": "other", "base_url": "nonsense"})
    assert not found["ok"] and "http" in found["message"]


async def test_the_kept_key_goes_to_its_own_host_only(jp_fetch: Any, fault: FaultServer) -> None:
    await put(jp_fetch, "lab", lab(fault))
    fault.add(answer("OK"), answer("OK"))
    kept = {key: value for key, value in lab(fault, name="lab", model=MODEL).items() if key != "key"}
    assert (await trial(jp_fetch, kept))["ok"]
    elsewhere = {**kept, "base_url": fault.base_url.replace("127.0.0.1", "localhost")}
    assert (await trial(jp_fetch, elsewhere))["ok"]
    assert [request.key for request in fault.requests[-2:]] == ["expected", "none"]
    del elsewhere["name"], elsewhere["model"]
    assert not (await put(jp_fetch, "lab", elsewhere))["saved"][0]["has_key"]


async def test_a_body_that_is_refused_is_not_quoted(jp_fetch: Any, caplog: pytest.LogCaptureFixture) -> None:
    code, said = await refused(put(jp_fetch, "lab", {"key": "sk-secret", "more": "sk-secret"}))
    assert code == 400 and "sk-secret" not in said + caplog.text
    code, said = await refused(
        put(
            jp_fetch,
            "lab",
            {"provider": "x", "base_url": "http://h/v1", "key": "sk secret", "models": [{"model": "m"}]},
        )
    )
    assert code == 400 and "sk secret" not in said + caplog.text


@configured(CopilotApp__models_locked=True)
async def test_where_an_administrator_chose_nobody_else_does(jp_fetch: Any, fault: FaultServer) -> None:
    assert not json.loads((await jp_fetch(*URL)).body)["editable"]
    assert (await refused(put(jp_fetch, "lab", lab(fault))))[0] == 403
    assert (await refused(trial(jp_fetch, lab(fault))))[0] == 403
    assert await models(jp_fetch) == []


@configured(ServerApp__authorizer_class=Lookers)
async def test_who_may_only_look_changes_nothing(jp_fetch: Any, fault: FaultServer) -> None:
    assert (await refused(put(jp_fetch, "lab", lab(fault))))[0] == 403


@configured(CopilotApp__decisions_in_browser_only=True)
async def test_where_only_browsers_decide_a_token_sets_up_nothing(jp_fetch: Any, fault: FaultServer) -> None:
    assert (await refused(put(jp_fetch, "lab", lab(fault))))[0] == 403


@configured(CopilotApp__models={"lab": {"base_url": "http://127.0.0.1:9/v1", "models": ["m"]}})
async def test_what_an_administrator_set_up_stays_and_a_model_of_the_same_name_gets_another(
    jp_fetch: Any, fault: FaultServer
) -> None:
    assert (await refused(put(jp_fetch, "lab", lab(fault))))[0] == 400
    await put(jp_fetch, "mine", lab(fault, models=[{"model": "m"}]))
    assert await models(jp_fetch) == ["m", "mine/m"]


async def test_a_damaged_file_is_told_and_not_quoted(jp_fetch: Any, tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text('{"lab": {"key": "sk-secret"')
    code, said = await refused(jp_fetch(*URL))
    assert code == 400 and "models.json" in said and "sk-secret" not in said
