"""The examples in the documentation do what the pages say, against a real server."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPError
from traitlets.config import Config

from jupyter_copilot.models.configuration import read_settings

from ..demo.command import running_demo
from ..server.conftest import connect, jp_server_config, notebook
from .pages import DOCS, ROOT, blocks, named

__all__ = ["connect", "jp_server_config", "notebook"]


def configured(page: str) -> Config:
    """What Jupyter knows after it read the page's first Python lines as its configuration file."""
    config = Config()
    exec(blocks(DOCS / page, "python")[0], {"c": config})
    return config


@pytest.mark.parametrize(
    ("page", "choice"),
    [
        ("models.md", ["local", "gpt-5.4-mini"]),
        ("model-servers.md", ["small", "qwen3-coder", "gpt-5.4-mini"]),
    ],
)
def test_the_documented_models_are_what_people_can_choose(page: str, choice: list[str]) -> None:
    app = configured(page).CopilotApp
    names = {"models": "endpoints", "default_model": "default_model", "allowed_models": "allowed_models"}
    config = {name: app[setting] for setting, name in names.items() if setting in app}
    settings = read_settings({"OPENAI_API_KEY": "sk-x", "LAB_API_KEY": "x"}, config)
    assert [spec.name for spec in settings.models()] == choice


def test_the_documented_ways_to_fill_in_are_understood() -> None:
    app = configured("completion.md").CopilotApp
    settings = read_settings({}, {"endpoints": app.models})
    assert {spec.name: settings.find(spec.name)[1].infill for spec in settings.models()} == {
        "qwen3-32b": "",
        "coder": "qwen",
        "ours": "<P>{prefix}<S>{suffix}<M>",
    }
    assert app.completion_model == "coder"


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "models.md"], ids=named)
def test_the_lines_of_each_provider_give_a_model(page: Path) -> None:
    rows = re.findall(r"^\| ([^|]+) \| `export ([^`]+)`", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert {"OpenAI", "Ollama", "vLLM", "LM Studio", "Azure OpenAI"} <= {provider for provider, _ in rows}
    for provider, line in rows:
        values = line.replace("…", "x").replace("https://x ", "https://x.example.org ")
        environ = dict(assignment.split("=", 1) for assignment in values.split())
        if "AZURE_OPENAI_ENDPOINT" in environ and "://" not in environ["AZURE_OPENAI_ENDPOINT"]:
            environ["AZURE_OPENAI_ENDPOINT"] = "https://name.openai.azure.com"
        assert read_settings(environ).models(), provider


class TestTheDocumentedAuthorizer:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any) -> Any:
        jp_server_config.merge(configured("admin.md"))
        return jp_server_config

    async def test_lets_others_ask_and_not_run(self, connect: Any) -> None:
        can = (await (await connect()).hello())["you"]["can"]
        assert "write" in can and "execute" not in can


async def test_the_documented_test_server_plays_its_script() -> None:
    script = blocks(DOCS / "model-servers.md", "python")[1]
    asking: list[asyncio.Task[None]] = []

    def start_jupyter(environ: dict[str, str]) -> None:
        asking.append(asyncio.create_task(ask_three_times(environ)))

    play = compile(script, "model-servers.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(play, {"start_jupyter": start_jupyter})
    with contextlib.suppress(HTTPError):  # the server of the example ends while it still answers
        await asking[0]


async def ask_three_times(environ: dict[str, str]) -> None:
    """As the copilot does: again after a refusal, and then with what a tool returned."""
    for role in ("user", "user", "tool"):
        body = {"messages": [{"role": role, "content": "x"}], "stream": True}
        await AsyncHTTPClient().fetch(
            environ["OPENAI_BASE_URL"] + "/chat/completions", method="POST", body=json.dumps(body), raise_error=False
        )


@pytest.mark.slow
def test_the_documented_client_asks_and_is_answered(tmp_path: Path) -> None:
    (script,) = blocks(DOCS / "write-a-client.md", "python")
    with running_demo(tmp_path) as demo:
        address = {"JUPYTER_URL": demo.url, "JUPYTER_TOKEN": "secret"}
        done = subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, **address}, capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 0, done.stderr
    assert "penguins" in done.stdout
