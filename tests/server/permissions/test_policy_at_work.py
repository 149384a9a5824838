"""The policy file at work in a real server: what it leaves of models and tools, why, and how budgets stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_copilot import protocol as p
from jupyter_copilot.core.permissions.house import ToolKind
from jupyter_copilot.server.permissions import policy_file
from jupyter_copilot.server.permissions.house import refusals
from jupyter_copilot.server.permissions.ledger import Ledger, by_people
from jupyter_copilot.server.permissions.policy_file import PolicyFile, read_policy

from ...builders import Fold, running
from ..conftest import notebook as notebook

WHOLE = """
[models]
allowed = ["small-*"]
default = "small-b"
own = false
because = "Paid by the institute."

[tools]
refused = ["shell_*"]
because = "No shell here."

[mcp_servers]
allowed = ["git"]

[modes]
allowed = ["plan", "ask"]
because = "Exam."

[[budgets]]
per = "person"
within = "day"
tokens = 1000
because = "A class shares one key."

[prices.small-b]
prompt = 1.0
completion = 2.0
"""
TOOLS = {
    "shell_run": ToolKind(definition="1", effect="execute"),
    "read_notebook": ToolKind(definition="2", effect="read"),
    "git_log": ToolKind(definition="3", effect="read", server="git"),
    "jira_get": ToolKind(definition="4", effect="read", server="jira"),
}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(WHOLE)
    return path


@pytest.fixture
def jp_server_config(jp_server_config: Any, policy: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(policy_file, "LOOK_EVERY_S", 0.0)
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.CopilotApp.store_path = str(policy.with_name("rooms.sqlite3"))
    jp_server_config.CopilotApp.policy_file = str(policy)
    jp_server_config.CopilotApp.models = {
        "one": {"base_url": "http://127.0.0.1:1/v1", "models": ["large", "small-a", "small-b"]}
    }
    return jp_server_config


async def fetched(jp_fetch: Any, *path: str) -> Any:
    return json.loads((await jp_fetch("api", "copilot", *path)).body)


async def models(jp_fetch: Any) -> list[str]:
    return [model["name"] for model in (await fetched(jp_fetch, "models"))["models"]]


async def test_models_are_those_that_it_leaves_and_it_is_read_anew(jp_fetch: Any, policy: Path) -> None:
    assert await models(jp_fetch) == ["small-b", "small-a"]
    policy.write_text('[models]\nrefused = ["large"]\n')
    assert await models(jp_fetch) == ["small-a", "small-b"]
    policy.write_text("[models\n")
    assert await models(jp_fetch) == ["small-a", "small-b"]
    told = await fetched(jp_fetch, "policy")
    assert told["problems"][0]["code"] == "bad_policy"


async def test_people_see_why(jp_fetch: Any) -> None:
    told = await fetched(jp_fetch, "policy")
    assert told["models"]["because"] == "Paid by the institute." and told["modes"]["because"] == "Exam."
    assert "channels" not in told


async def test_budgets_stand_as_the_log_says(jp_fetch: Any, notebook: str) -> None:
    (standing,) = (await fetched(jp_fetch, "notebooks", notebook, "budgets"))["budgets"]
    assert (standing["token_limit"], standing["tokens"], standing["share"]) == (1000, 0, 0.0)
    assert standing["because"] == "A class shares one key." and "today" in standing["name"]


async def test_models_of_ones_own_are_locked(jp_fetch: Any) -> None:
    body = json.dumps({"provider": "other", "base_url": "http://127.0.0.1:1/v1", "models": ["x"]})
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch("api", "copilot", "providers", "by-name", "mine", method="PUT", body=body)
    assert refused.value.code == 403


def test_tools_are_refused_by_name_and_by_server_with_the_reason(policy: Path) -> None:
    found = {term.match.tool: term.because for term in refusals(read_policy(policy), TOOLS)}
    assert found == {"shell_run": "No shell here.", "jira_get": ""}
    assert list(refusals(PolicyFile(), TOOLS)) == []


def test_an_agent_is_refused_by_its_name() -> None:
    found = list(refusals(PolicyFile(agents=policy_file.Allowed(refused=["guest:*"])), {}))
    assert [term.match.agent for term in found] == ["guest:*"]


def test_the_ledger_counts_what_a_person_spent_in_other_rooms() -> None:
    def room(path: str, tokens: int) -> Any:
        fold = Fold()
        run_id = running(fold)
        fold.tell(p.RunCharged(run_id=run_id, person_id="alice", model="m", tokens=tokens))

        class Room:
            def __init__(self) -> None:
                self.path, self.state = path, fold.state

        return Room()

    one, two, three = room("one", 10), room("two", 20), room("three", 30)
    ledger = Ledger(lambda: [one, two, three])
    (total,) = [each for each in ledger.elsewhere("one").values() if each.day is None]
    assert total.tokens == 50 and total.id == "alice"
    assert by_people(one.state).keys() == ledger.elsewhere("one").keys()
