"""The models of this server: the configured ones with those that people set up, and all that asks them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from .. import protocol as p
from ..models.live import LiveModelClient
from ..models.providers.saved import ProviderFile
from ..models.settings import ModelSettings
from ..ports.clock import Clock
from ..protocol.errors import ModelError
from .completions import Completions
from .compose import model_settings, new_completer, new_model_client, with_saved
from .providers import Providers


class ModelConfig(Struct, frozen=True, kw_only=True):
    """What the configuration says of models; `locked`: that people set up none."""

    endpoints: dict[str, Any]
    default_model: str
    allowed_models: list[str] | None
    locked: bool
    file: Path
    completion_model: str
    completes: bool

    @property
    def table(self) -> dict[str, Any]:
        """The part that settings are read from."""
        return {
            "endpoints": self.endpoints,
            "default_model": self.default_model,
            "allowed_models": self.allowed_models,
        }


class ServerModels:
    """The client, the completer and the page's providers; a change by people reaches all of them at once."""

    def __init__(self, config: ModelConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._file = ProviderFile(config.file)
        settings, self.problems = self._settings()
        self.client = LiveModelClient(settings, self._make)
        completer = new_completer(settings, clock, config.completion_model)
        self.completions = Completions(completer, clock, is_allowed=config.completes)
        self.providers = Providers(
            self._file,
            config.endpoints,
            lambda saved: with_saved(config.table, saved),
            self._use,
            clock,
            self._make,
            is_locked=config.locked,
        )

    def _settings(self) -> tuple[ModelSettings, list[p.Problem]]:
        settings, problems = model_settings(self._config.table)
        if self._config.locked or problems:
            return settings, problems
        try:
            return with_saved(self._config.table, self._file.read()), []
        except ModelError as error:
            return settings, [p.Problem(code=error.code, message=error.message, hint=error.hint)]

    def _make(self, settings: ModelSettings) -> Any:
        return new_model_client(settings, self._clock)

    def _use(self, settings: ModelSettings) -> None:
        self.client.use(settings)
        self.completions.use(new_completer(settings, self._clock, self._config.completion_model))
