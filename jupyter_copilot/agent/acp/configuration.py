"""Which agents there are: the known ones that are found on the server's path, and those of `acp_agents`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from ...protocol import COPILOT, GUESTS, JsonObject, Problem

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
FILES = "-files"
"""Ends the id under which an agent answers that may use files and a shell."""


class AgentConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agent: its `command`, and how it is held to asking people.

    `mode` is the mode in which it asks before it acts; `asks` says that it does so without having modes, as its own
    settings say. `confined` are settings of a session (`_meta`) with which it has no tools but ours: without them it is
    offered with files and a shell only. `env` is added to its environment, and `pass_env` names what it gets of the
    server's. `version` pins it: another one is not started.
    """

    command: list[str] = []
    name: str = ""
    icon: str = ""
    env: dict[str, str] = {}
    pass_env: list[str] = []
    mode: str = ""
    asks: bool = False
    confined: JsonObject | None = None
    version: str = ""
    account: str = ""
    install: str = ""
    login: str = ""
    sign_in: str = ""
    """The id of the way to sign in that it is told to take, where it wants to be told."""

    @property
    def is_found(self) -> bool:
        """Whether its program is on the server's path now."""
        return bool(self.command) and shutil.which(self.command[0]) is not None


KNOWN: dict[str, AgentConfig] = {
    "claude": AgentConfig(
        command=["claude-agent-acp"],
        name="Claude Code",
        mode="default",
        env={"ENABLE_TOOL_SEARCH": "false"},
        pass_env=["ANTHROPIC_*", "CLAUDE_*"],
        confined={"disableBuiltInTools": True},
        account="the Anthropic account of the server's user",
        install="npm install -g @agentclientprotocol/claude-agent-acp",
        login="claude /login",
    ),
    "codex": AgentConfig(
        command=["codex-acp"],
        name="Codex",
        mode="read-only",
        pass_env=["OPENAI_*", "CODEX_*"],
        account="the OpenAI account of the server's user",
        install="npm install -g @agentclientprotocol/codex-acp",
        login="codex login",
    ),
    "gemini": AgentConfig(
        command=["gemini", "--acp"],
        name="Gemini CLI",
        mode="default",
        env={"GEMINI_CLI_NO_RELAUNCH": "true"},
        pass_env=["GEMINI_*", "GOOGLE_*"],
        account="the Google account of the server's user",
        install="npm install -g @google/gemini-cli",
        login="gemini",
    ),
    "qwen": AgentConfig(
        command=["qwen", "--acp"],
        name="Qwen Code",
        mode="default",
        pass_env=["OPENAI_*", "QWEN_*", "DASHSCOPE_*"],
        account="the account of the server's user",
        install="npm install -g @qwen-code/qwen-code",
        login="qwen",
    ),
    "opencode": AgentConfig(
        command=["opencode", "acp"],
        name="opencode",
        asks=True,
        env={"OPENCODE_CONFIG_CONTENT": '{"permission": {"edit": "ask", "bash": "ask", "webfetch": "ask"}}'},
        pass_env=["OPENCODE_*"],
        account="the account of the server's user",
        install="npm install -g opencode-ai",
        login="opencode auth login",
    ),
}
"""Agents that were tried with this server. Their modes are those in which nothing but people approves for people."""


def read_agents(config: Mapping[str, Any]) -> tuple[dict[str, AgentConfig], list[Problem]]:
    """The agents by id, known ones first; a broken entry is left out, and becomes a problem.

    A known one is there when its program is, or the configuration names it.
    """
    found = {id: agent for id, agent in KNOWN.items() if agent.is_found}
    problems: list[Problem] = []
    for id, entry in config.items():
        try:
            given = msgspec.convert(dict(entry), AgentConfig)
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            problems.append(_broken(id, str(error)))
            continue
        both = AgentConfig(**{**_known(id), **{name: value for name, value in asdict(given).items() if value}})
        if not isinstance(id, str) or not _ID.fullmatch(id) or id == COPILOT or id.startswith(GUESTS):
            problems.append(_broken(id, "its name must be 1 to 30 small letters, digits or -"))
        elif not both.command:
            problems.append(_broken(id, "it needs a command"))
        else:
            found[id] = both
    return found, problems


def _known(id: object) -> dict[str, Any]:
    agent = KNOWN.get(id) if isinstance(id, str) else None
    return {} if agent is None else asdict(agent)


def _broken(id: object, problem: str) -> Problem:
    return Problem(
        code="acp_agents",
        message=f"The agent {id!r} cannot be used: {problem.rstrip('.')}.",
        hint="Correct c.CopilotApp.acp_agents.",
    )
