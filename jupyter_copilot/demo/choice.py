"""Which model a demo uses: the one that is configured, else one of a local Ollama, else the demo model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from msgspec import Struct

from ..models.configuration import read_settings
from .server import LABEL, MODEL

OLLAMA = "http://127.0.0.1:11434"
PROBE_S = 0.5
_NO_CHAT = ("embed", "bge-", "minilm", "rerank")


class Configured(Struct, frozen=True):
    """A model that the environment names, such as with `OPENAI_API_KEY`."""

    label: str


class Ollama(Struct, frozen=True):
    """A model of the Ollama on this machine."""

    model: str


class Demo(Struct, frozen=True):
    """The demo model."""


Choice = Configured | Ollama | Demo


def choose(environ: Mapping[str, str], ollama_models: Callable[[], list[str]]) -> Choice:
    """The model to use; Ollama is only asked when nothing is configured. Raises `ModelError` for a wrong setting."""
    configured = read_settings(environ).models()
    if configured:
        return Configured(configured[0].label)
    chatting = [name for name in ollama_models() if not any(part in name.lower() for part in _NO_CHAT)]
    return Ollama(chatting[0]) if chatting else Demo()


def find_ollama_models(url: str = OLLAMA) -> list[str]:
    """The names of the models that an Ollama on this machine has; none when there is no Ollama."""
    try:
        # This machine is reached without a proxy.
        with build_opener(ProxyHandler({})).open(f"{url}/api/tags", timeout=PROBE_S) as answer:
            return [str(model["name"]) for model in json.load(answer)["models"]]
    except (URLError, OSError, ValueError, LookupError, TypeError):
        return []


def ollama_endpoint(model: str, url: str = OLLAMA) -> dict[str, Any]:
    """The configuration of the server for a model of Ollama."""
    label = f"{model} (Ollama on this machine)"
    return {"ollama": {"base_url": f"{url}/v1", "models": [{"name": model, "label": label}]}}


def demo_endpoint(url: str, token: str) -> dict[str, Any]:
    """The configuration of the server for the demo model at this address."""
    note = "A few rules that show how the copilot works. Set OPENAI_API_KEY or OPENAI_BASE_URL for a real model."
    model = {"name": MODEL, "label": LABEL, "note": note, "images": False, "demo": True}
    return {"demo": {"base_url": url, "api_key": token, "models": [model]}}
