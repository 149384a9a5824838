"""`jupyter copilot connect`: lets an agent in, and prints lines that work as they stand."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from jupyter_copilot.cli.main import main
from jupyter_copilot.server.guests.clients import CLIENTS

from .test_commands import Cli
from .test_commands import address as address
from .test_commands import cli as cli
from .test_commands import jp_server_config as jp_server_config
from .test_commands import notebook as notebook
from .test_commands import token as token


def addressed(text: str, url: str, token: str) -> None:
    """The lines name the address, and carry the token in a header or a variable, never in the address."""
    assert url in text and token in text and f"{url}?" not in text
    assert "?token=" not in text


async def test_every_agent_gets_lines_with_the_address_and_the_token(cli: Cli, notebook: str, address: str) -> None:
    code, out, _ = await cli("connect", notebook, "--name", "Helper", "--json")
    told = json.loads(out)
    assert code == 0 and told["url"] == f"{address}api/copilot/mcp/one.ipynb"
    assert [each["id"] for each in told["clients"]] == [client.id for client in CLIENTS]
    for each in told["clients"]:
        addressed(each["text"], told["url"], told["token"])
        if each["kind"] == "file":
            assert json.loads(each["text"]) and each["where"]
        else:
            assert all(shlex.split(line) for line in each["text"].splitlines())


async def test_people_read_who_comes_in_until_when_and_what_it_may_do(cli: Cli, notebook: str) -> None:
    code, out, _ = await cli("connect", notebook, "--client", "claude")
    assert code == 0 and "Claude Code may come into one.ipynb until" in out and "people decide" in out
    assert "claude mcp add --transport http notebook" in out and "codex" not in out


async def test_guests_are_listed_without_what_is_kept_of_their_token_and_sent_away(cli: Cli, notebook: str) -> None:
    told = json.loads((await cli("connect", notebook, "--name", "Helper", "--read-only", "--json"))[1])
    listed = (await cli("connect", notebook, "--list"))[1]
    assert told["guest_id"] in listed and "Helper" in listed and "never used" in listed and "read" in listed
    (plain,) = json.loads((await cli("connect", notebook, "--list", "--json"))[1])
    assert "digest" not in plain and plain["scope"] == "read"
    assert (await cli("connect", notebook, "--revoke", told["guest_id"]))[0] == 0
    assert json.loads((await cli("connect", notebook, "--list", "--json"))[1]) == []


async def test_what_is_refused_is_told_with_its_code_and_the_exit_code_1(cli: Cli, notebook: str) -> None:
    code, out, _ = await cli("connect", notebook, "--revoke", "nobody", "--json")
    assert code == 1 and json.loads(out)["error"]["code"] == "not_found"
    code, _, err = await cli("connect", notebook, "--client", "netscape")
    assert code == 1 and "claude" in err


async def test_an_agent_in_a_shell_reads_json(cli: Cli, notebook: str) -> None:
    code, out, _ = await cli("ask", notebook, "What is this?", "--json")
    told = json.loads(out)
    assert code == 1 and told["outcome"] == "failed" and told["error"]["code"] == "no_model"
    assert json.loads((await cli("rooms", "--json"))[1])[0]["path"] == "one.ipynb"
    assert json.loads((await cli("decide", notebook, "--json"))[1]) == []


def test_the_skill_is_printed_and_the_plugin_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["skill"]) == 0 and "name: jupyter-notebook" in capsys.readouterr().out
    folder = tmp_path / "plugin"
    assert main(["skill", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"folder": str(folder)}
    assert (folder / ".claude-plugin" / "plugin.json").exists() and list(folder.rglob("SKILL.md"))
    assert main(["skill", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "already_exists"


async def test_without_a_notebook_the_agent_gets_a_pass_that_is_listed_and_revoked(cli: Cli, address: str) -> None:
    told = json.loads((await cli("connect", "--name", "Helper", "--json"))[1])
    assert told["url"] == f"{address}api/copilot/mcp"
    for each in told["clients"]:
        addressed(each["text"], told["url"], told["token"])
    listed = (await cli("connect", "--list"))[1]
    assert told["pass_id"] in listed and "Helper" in listed and "never used" in listed
    code, out, _ = await cli("connect", "--client", "claude")
    assert code == 0 and "may open notebooks here" in out and "claude mcp add" in out
    assert (await cli("connect", "--revoke", told["pass_id"]))[0] == 0
    assert told["pass_id"] not in [
        each["pass_id"] for each in json.loads((await cli("connect", "--list", "--json"))[1])
    ]
