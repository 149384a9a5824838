"""`agents.md`: its commands run as they stand, and its table has the lines that people are given."""

from __future__ import annotations

import json
import re
import shlex

from traitlets.config import Config

from jupyter_copilot.agent.acp.configuration import KNOWN, read_agents
from jupyter_copilot.cli.skill import PLUGIN, SKILL
from jupyter_copilot.server.guests.clients import CLIENTS
from jupyter_copilot.tools.mcp.configuration import read_servers

from ..cli.test_commands import Cli
from ..cli.test_commands import address as address
from ..cli.test_commands import cli as cli
from ..cli.test_commands import jp_server_config as jp_server_config
from ..cli.test_commands import notebook as notebook
from ..cli.test_commands import token as token
from .pages import DOCS, blocks

PAGE = DOCS / "agents.md"


async def test_the_commands_of_the_page_run_as_they_stand(cli: Cli, notebook: str) -> None:
    lines = [line for block in blocks(PAGE, "bash") for line in block.splitlines()]
    assert len(lines) >= 4
    for line in lines:
        words = shlex.split(line)
        assert words[:2] == ["jupyter", "copilot"]
        code, out, err = (await cli(*words[2:])) if words[2] != "skill" else (0, "", "")
        assert code == 0, (line, out, err)


def test_the_table_has_the_lines_of_each_agent() -> None:
    guests, _, _ = PAGE.read_text(encoding="utf-8").partition("## Agents that answer in the room")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (.+) \|$", guests, re.MULTILINE)
    told = {name: (where.strip("`"), re.findall(r"`([^`]+)`", what)) for name, where, what in rows}
    for client in CLIENTS:
        where, texts = told[client.name]
        wanted = client.text.replace("{url}", "U").replace("{token}", "T")
        if client.kind == "file":
            assert json.loads(texts[0]) == json.loads(wanted)
            assert client.where in (where, "the client's MCP configuration")
        else:
            assert set(wanted.splitlines()) == set(texts)


def test_the_skill_has_the_shape_that_agents_read() -> None:
    head, _, text = SKILL.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    assert fields["name"] == SKILL.parent.name and re.fullmatch(r"[a-z0-9-]{1,64}", fields["name"])
    assert 50 < len(fields["description"]) <= 1024 and "<" not in fields["description"]
    for tool in ("read_outline", "edit_notebook", "propose_together", "call_status", "ask_user"):
        assert f"`{tool}`" in text


def test_the_plugin_has_the_shape_that_claude_code_reads() -> None:
    plugin = json.loads((PLUGIN / ".claude-plugin" / "plugin.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"[a-z0-9-]+", plugin["name"]) and re.fullmatch(r"\d+\.\d+\.\d+", plugin["version"])
    assert plugin["description"] and plugin["author"]["name"]
    (server,) = json.loads((PLUGIN / ".mcp.json").read_text(encoding="utf-8"))["mcpServers"].values()
    assert server["url"] == "${NOTEBOOK_URL}" and "${NOTEBOOK_TOKEN}" in server["headers"]["Authorization"]


def test_the_agents_of_the_page_are_known_and_its_configuration_is_read() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for id, agent in KNOWN.items():
        ids = f"`{id}`, `{id}-files`" if agent.confined is not None else f"`{id}`"
        assert f"| {agent.name} | {ids} | `{agent.install}` |" in text
    config = Config()
    exec(blocks(PAGE, "python")[1], {"c": config})
    agents, problems = read_agents(config.CopilotApp.acp_agents)
    assert not problems and agents["claude"].version == "0.101.0" and agents["claude"].mode == "default"
    assert agents["mine"].mode == "ask" and set(config.CopilotApp.allowed_agents) <= set(agents)


def test_the_servers_of_the_page_are_read() -> None:
    config = Config()
    exec(blocks(PAGE, "python")[0], {"c": config})
    servers, problems = read_servers(config.CopilotApp.mcp_servers)
    assert list(servers) == ["docs", "git", "time"] and not problems
    assert servers["time"].trust == ["get_current_time"]
