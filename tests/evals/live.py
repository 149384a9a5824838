"""A live model for the jobs: the one that the environment names, as the product reaches it."""

from __future__ import annotations

import os

from jupyter_copilot.models.configuration import read_settings
from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.ports.model import ModelClient


def live_model(name: str) -> ModelClient:
    """A client for this model at `OPENAI_BASE_URL`. Raises `ModelError`."""
    environ = {**os.environ, "OPENAI_MODEL": name}
    return OpenAIModelClient(read_settings(environ, {}), SystemClock())
