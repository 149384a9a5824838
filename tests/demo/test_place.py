"""The demo's folder, and the choice of its model."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from jupyter_copilot.demo.choice import (
    Choice,
    Configured,
    Demo,
    Ollama,
    choose,
    demo_endpoint,
    find_ollama_models,
    ollama_endpoint,
)
from jupyter_copilot.demo.place import EXAMPLE, Place
from jupyter_copilot.models.configuration import read_settings
from jupyter_copilot.protocol.errors import ModelError


@pytest.mark.parametrize("example", ["", "demo"])
def test_everything_that_a_demo_needs_is_in_its_folder(tmp_path: Path, example: str) -> None:
    place = Place(root=tmp_path, example=example)
    place.prepare(demo_endpoint("http://127.0.0.1:1/v1", "secret"))
    assert sorted(path.name for path in (tmp_path / example).iterdir() if path.is_file()) == sorted(EXAMPLE)
    assert place.page == f"/lab/tree/{example}/penguins.ipynb".replace("//", "/")
    config = json.loads((tmp_path / ".jupyter" / "jupyter_server_config.json").read_text())
    assert config["LabApp"]["default_url"] == place.page
    kept = [
        config["CopilotApp"]["store_path"],
        config["SQLiteYStore"]["db_path"],
        config["BaseFileIdManager"]["db_path"],
    ]
    assert all(path.startswith(str(tmp_path / ".jupyter")) for path in kept)


def test_the_token_of_the_model_is_for_this_person_alone(tmp_path: Path) -> None:
    Place(root=tmp_path).prepare(demo_endpoint("http://127.0.0.1:1/v1", "secret"))
    config = tmp_path / ".jupyter" / "jupyter_server_config.json"
    assert "secret" in config.read_text()
    assert stat.S_IMODE(config.stat().st_mode) == 0o600


def test_what_a_person_changed_is_kept_and_the_model_is_the_new_one(tmp_path: Path) -> None:
    place = Place(root=tmp_path)
    place.prepare(demo_endpoint("http://127.0.0.1:1/v1", "first"))
    mine = [tmp_path / "penguins.ipynb", *(tmp_path / ".jupyter" / "lab").rglob("*.jupyterlab-*")]
    assert len(mine) == 3
    for path in mine:
        path.write_text("mine")
    place.prepare({})
    assert [path.read_text() for path in mine] == ["mine"] * 3
    assert "models" not in json.loads((tmp_path / ".jupyter" / "jupyter_server_config.json").read_text())["CopilotApp"]


def test_the_servers_settings_name_the_demo_model_as_what_it_is() -> None:
    (spec,) = read_settings({}, {"endpoints": demo_endpoint("http://127.0.0.1:1/v1", "secret")}).models()
    assert (spec.name, spec.label, spec.demo) == ("demo", "Demo model — no language model", True)
    (spec,) = read_settings({}, {"endpoints": ollama_endpoint("llama3.2:latest")}).models()
    assert (spec.name, spec.label, spec.demo) == ("llama3.2:latest", "llama3.2:latest (Ollama on this machine)", False)


@pytest.mark.parametrize(
    ("environ", "ollama", "expected"),
    [
        ({}, [], Demo()),
        ({"OPENAI_API_KEY": "sk", "OPENAI_MODEL": "m"}, ["llama3.2"], Configured("m")),
        ({"OPENAI_BASE_URL": "http://x:1/v1"}, [], Configured("The model at x:1")),
        ({"OPENAI_API_KEY": " "}, ["llama3.2"], Ollama("llama3.2")),
        ({}, ["nomic-embed-text", "bge-m3", "qwen3"], Ollama("qwen3")),
        ({}, ["nomic-embed-text"], Demo()),
    ],
)
def test_a_configured_model_comes_first_then_ollama_then_the_demo_model(
    environ: dict[str, str], ollama: list[str], expected: Choice
) -> None:
    assert choose(environ, lambda: ollama) == expected


def test_ollama_is_not_asked_when_a_model_is_configured() -> None:
    def asked() -> list[str]:
        raise AssertionError("asked")

    assert choose({"OPENAI_API_KEY": "sk", "OPENAI_MODEL": "m"}, asked) == Configured("m")


def test_a_wrong_setting_is_said_and_not_skipped() -> None:
    with pytest.raises(ModelError, match="OPENAI_BASE_URL must begin with http"):
        choose({"OPENAI_BASE_URL": "nonsense"}, list)


@contextmanager
def answering(body: bytes, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/api/tags"
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("body", "status", "models"),
    [
        (b'{"models": [{"name": "qwen3:8b"}, {"name": "nomic-embed-text"}]}', 200, ["qwen3:8b", "nomic-embed-text"]),
        (b'{"models": []}', 200, []),
        (b'{"models": null}', 200, []),
        (b"<html>", 200, []),
        (b"[]", 200, []),
        (b"{}", 500, []),
    ],
)
def test_the_models_of_an_ollama_are_found_and_other_servers_ignored(
    body: bytes, status: int, models: list[str]
) -> None:
    with answering(body, status) as url:
        assert find_ollama_models(url) == models


def test_without_an_ollama_there_are_no_models() -> None:
    with answering(b"") as url:
        gone = url
    assert find_ollama_models(gone) == []
