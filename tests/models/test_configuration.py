"""Settings from the environment and from Jupyter's configuration."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_copilot.models.configuration import DEFAULT_OPENAI_MODEL, OPENAI_URL, read_settings
from jupyter_copilot.models.settings import ModelSettings, Secret
from jupyter_copilot.protocol.errors import ModelError

KEY = "sk-0123456789abcdef"
LOCAL = {"base_url": "http://localhost:11434/v1", "models": ["qwen3", "llama4"]}


def names(settings: ModelSettings) -> list[str]:
    return [spec.name for spec in settings.models()]


def test_without_key_and_address_there_is_no_model() -> None:
    assert names(read_settings({})) == []
    assert names(read_settings({"OPENAI_MODEL": "gpt-5.4", "OPENAI_API_KEY": " "})) == []


def test_a_key_alone_means_openai() -> None:
    settings = read_settings({"OPENAI_API_KEY": f" {KEY}\n"})
    endpoint, entry = settings.find(DEFAULT_OPENAI_MODEL)
    assert (endpoint.base_url, endpoint.key, entry.server_id) == (OPENAI_URL, Secret(KEY), DEFAULT_OPENAI_MODEL)


def test_an_address_alone_means_whatever_model_it_has() -> None:
    (spec,) = read_settings({"OPENAI_BASE_URL": "http://localhost:11434/v1/"}).models()
    assert spec.label == "The model at localhost:11434"


def test_the_model_of_the_environment_is_the_one_that_is_offered() -> None:
    assert names(read_settings({"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "gpt-6-sol"})) == ["gpt-6-sol"]


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        (" http://lab:8000/v1 \n", "http://lab:8000/v1"),
        ('"http://lab:8000/v1"', "http://lab:8000/v1"),
        ("http://lab:8000/v1/chat/completions", "http://lab:8000/v1"),
        ("http://lab:8000/v1/chat/completions/", "http://lab:8000/v1"),
        ("http://lab:8000/v1/completions", "http://lab:8000/v1"),
        ("http://lab:8000/v1/responses", "http://lab:8000/v1"),
        ("http://lab:8000/v1/models", "http://lab:8000/v1"),
        ("http://lab:8000//v1//", "http://lab:8000/v1"),
        ("http://lab:8000/v1/v1", "http://lab:8000/v1"),
        ("http:/lab:8000/v1", "http://lab:8000/v1"),
        ("HTTP://lab:8000/v1", "http://lab:8000/v1"),
        ("localhost:8000/v1", "http://localhost:8000/v1"),
        ("127.0.0.1:1234/v1", "http://127.0.0.1:1234/v1"),
        ("[::1]:1234/v1", "http://[::1]:1234/v1"),
        ("192.168.1.20:1234/v1", "http://192.168.1.20:1234/v1"),
        ("gpu.example.org/v1", "https://gpu.example.org/v1"),
        ("http://localhost:11434/api/chat", "http://localhost:11434/v1"),
        ("api.openai.com", "https://api.openai.com/v1"),
        ("http://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://openrouter.ai/api/v1/chat/completions", "https://openrouter.ai/api/v1"),
        ("https://openrouter.ai", "https://openrouter.ai/api/v1"),
        ("https://generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/v1beta/openai"),
        ("https://lab.example.org/llm/chat", "https://lab.example.org/llm"),
    ],
)
def test_what_was_pasted_for_an_address_is_tidied_up(pasted: str, meant: str) -> None:
    for settings in (
        read_settings({"OPENAI_BASE_URL": pasted, "OPENAI_MODEL": "m"}),
        read_settings({}, {"endpoints": {"lab": {"base_url": pasted, "models": ["m"]}}}),
    ):
        assert settings.find("m")[0].base_url == meant


@pytest.mark.parametrize("key", [f" {KEY} ", f'"{KEY}"', f"'{KEY}'\n", f"Bearer {KEY}"])
def test_blanks_and_quotes_around_a_key_and_a_model_go(key: str) -> None:
    settings = read_settings({"OPENAI_API_KEY": key, "OPENAI_MODEL": ' "gpt" '})
    endpoint, entry = settings.find("gpt")
    assert (endpoint.key, entry.server_id) == (Secret(KEY), "gpt")
    settings = read_settings({}, {"endpoints": {"lab": {**LOCAL, "models": [" qwen3\n"]}}, "default_model": "qwen3 "})
    assert names(settings) == ["qwen3"]


def test_the_address_of_a_deployment_is_enough_for_azure() -> None:
    environ = {
        "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=1",
        "AZURE_OPENAI_DEPLOYMENT": "gpt",
    }
    assert read_settings(environ).find("gpt")[0].base_url == "https://mine.openai.azure.com/openai/v1"


def test_azure_is_reached_by_its_compatible_address_unless_a_version_is_named() -> None:
    environ = {
        "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com/",
        "AZURE_OPENAI_API_KEY": KEY,
        "AZURE_OPENAI_DEPLOYMENT": "gpt",
    }
    assert read_settings(environ).find("gpt")[0].base_url == "https://mine.openai.azure.com/openai/v1"
    versioned, _ = read_settings({**environ, "OPENAI_API_VERSION": "2026-01-01"}).find("gpt")
    assert (versioned.base_url, versioned.azure_api_version) == ("https://mine.openai.azure.com", "2026-01-01")


def test_several_endpoints_have_models_of_their_own() -> None:
    lab = {
        "base_url": "https://lab.example.org/v1",
        "api_key_env": "LAB_KEY",
        "models": [{"name": "big", "model": "b-1"}],
    }
    settings = read_settings({"LAB_KEY": KEY}, {"endpoints": {"local": LOCAL, "lab": lab}, "default_model": "big"})
    assert names(settings) == ["big", "qwen3", "llama4"]
    endpoint, entry = settings.find("big")
    assert (endpoint.name, endpoint.key, endpoint.key_source, entry.server_id) == ("lab", Secret(KEY), "LAB_KEY", "b-1")
    assert not settings.find("qwen3")[0].key


def test_the_configuration_comes_before_the_environment() -> None:
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "gpt"}
    assert names(read_settings(environ, {"endpoints": {"local": LOCAL}})) == ["qwen3", "llama4", "gpt"]
    assert names(read_settings(environ, {"endpoints": {"openai": LOCAL}})) == ["qwen3", "llama4"]
    assert names(read_settings(environ, {"endpoints": {"mine": {"models": ["gpt"]}}})) == ["gpt"]


def test_an_administrator_restricts_the_models_by_names_and_patterns() -> None:
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "gpt"}
    settings = read_settings(environ, {"endpoints": {"local": LOCAL}, "allowed_models": ["qwen*", "gpt"]})
    assert names(settings) == ["qwen3", "gpt"]
    with pytest.raises(ModelError) as raised:
        settings.find("llama4")
    assert raised.value.code == "model_unknown"
    assert names(read_settings(environ, {"allowed_models": []})) == []


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"endpoints": {"lab": {"base_urll": "http://x"}}}, "base_urll"),
        ({"endpoints": {"lab": {"models": [{"label": "No name"}]}}}, "name"),
        ({"endpoints": {"lab": {"models": [{"name": "m", "images": "no"}]}}}, "images"),
        ({"endpoints": {"lab": {"base_url": "ftp://localhost:8000"}}}, "lab"),
        ({"endpoints": {"lab": {"base_url": "http://localhost:port/v1"}}}, "lab"),
        ({"endpoints": {"lab": {"base_url": "my server"}}}, "lab"),
        ({"endpoints": {"lab": {"models": [" "]}}}, "empty name"),
        ({"endpoints": {"lab": {"base_url": "http://me:secret-word@lab/v1"}}}, "lab"),
        ({"endpoints": {"lab": {"base_url": "http://lab/v1?key=secret-word"}}}, "lab"),
        ({"endpoints": {"lab": {"api_key": "secret-word\u2014"}}}, "lab"),
        ({"endpoints": {"a": {"models": ["m"]}, "b": {"models": ["m"]}}}, "'m'"),
        ({"default_model": "nothing"}, "nothing"),
        ({"endpoints": ["lab"]}, "endpoints"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named_without_its_secret(config: dict[str, Any], named: str) -> None:
    with pytest.raises(ModelError) as raised:
        read_settings({}, config)
    assert raised.value.code == "misconfigured"
    assert named in raised.value.message
    assert "secret-word" not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("localhost:1234", True),
        ("127.0.0.1", True),
        ("127.1.2.3:80", True),
        ("[::1]:8000", True),
        ("model.localhost", True),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_servers_on_this_machine_are_recognised(host: str, is_loopback: bool) -> None:
    settings = read_settings({}, {"endpoints": {"e": {"base_url": f"http://{host}/v1", "models": ["m"]}}})
    assert settings.find("m")[0].is_loopback is is_loopback


def test_settings_show_no_key_however_they_are_printed_or_encoded() -> None:
    settings = read_settings({"OPENAI_API_KEY": KEY})
    endpoint = settings.endpoints[0]
    shown = f"{settings} {settings!r} {endpoint} {endpoint.key} {endpoint.key!r} {vars(endpoint)}"
    assert KEY not in shown
    with pytest.raises(TypeError):
        msgspec.json.encode(settings)
    with pytest.raises(TypeError):
        pickle.dumps(settings)


def test_the_documented_configuration_is_understood() -> None:
    page = (Path(__file__).parents[2] / "docs" / "model-servers.md").read_text()
    example = re.search(r"```python\n(c\.CopilotApp\.models.*?)```", page, re.DOTALL)
    assert example is not None

    class CopilotApp:
        models: dict[str, Any]
        default_model: str
        allowed_models: list[str]

    exec(example.group(1), {"c": type("Config", (), {"CopilotApp": CopilotApp})})
    config = {
        "endpoints": CopilotApp.models,
        "default_model": CopilotApp.default_model,
        "allowed_models": CopilotApp.allowed_models,
    }
    assert names(read_settings({}, config)) == ["small", "qwen3-coder", "gpt-5.4-mini"]
