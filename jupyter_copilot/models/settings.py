"""Which models there are and how their servers are reached. Only the server reads this; keys are `Secret`s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import urlsplit

from ..ports.model import ModelSpec
from ..protocol import JsonObject
from ..protocol.errors import ModelError
from .addresses import is_near


class Secret:
    """A key that shows itself only to `reveal`: it prints as stars, and no encoder takes it."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value.strip()

    def reveal(self) -> str:
        """The key itself: for the request's header and for nothing else."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)" if self else "Secret()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is not to be stored or sent.")


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """A model of an endpoint: what people see, the id that its server knows it by, and further request parameters.

    Without `server_id` the server is asked at the first use which model it has. `infill` says how it fills in the
    middle: `suffix`, `chat`, the name of a template or a template of its own; empty: find out.
    """

    spec: ModelSpec
    server_id: str | None
    options: JsonObject = field(default_factory=dict)
    infill: str = ""
    sized: bool = True
    """Whether `spec` says how much it reads, so that its server need not be asked."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A server that speaks Chat Completions; times are in seconds.

    `first_chunk_s` limits the wait for an answer's first chunk (a local server may load the model then), `idle_s`
    the silence between two chunks. `key_source` says where the key comes from, for hints. With `azure_api_version`
    the server is asked in Azure's older, versioned way.
    """

    name: str
    base_url: str
    key: Secret = field(default_factory=Secret)
    key_source: str = ""
    azure_api_version: str = ""
    models: tuple[ModelEntry, ...] = ()
    connect_s: float = 10.0
    first_chunk_s: float = 300.0
    idle_s: float = 90.0

    @property
    def host(self) -> str:
        """Host and port: what the server is called in messages."""
        return urlsplit(self.base_url).netloc

    @property
    def is_loopback(self) -> bool:
        """Whether the server runs on this machine: it needs no key then, and is reached without a proxy."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    @property
    def is_near(self) -> bool:
        """Whether the server runs on this machine or in a private network: asking it costs no money."""
        return is_near(urlsplit(self.base_url).hostname or "")


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """Every endpoint, the model that is taken without a choice, and the name patterns that an administrator allows."""

    endpoints: tuple[Endpoint, ...] = ()
    default_model: str = ""
    allowed_models: tuple[str, ...] | None = None

    def models(self) -> list[ModelSpec]:
        """The models that may be chosen, the default first; empty when nothing is configured."""
        specs = [entry.spec for _, entry in self._allowed()]
        return sorted(specs, key=lambda spec: spec.name != self.default_model)

    def find(self, name: str) -> tuple[Endpoint, ModelEntry]:
        """The endpoint and entry of a model. Raises `ModelError` with `no_model` or `model_unknown`."""
        found = {entry.spec.name: (endpoint, entry) for endpoint, entry in self._allowed()}
        if not found:
            raise ModelError(
                "No model is configured.",
                code="no_model",
                hint="Set OPENAI_API_KEY, or OPENAI_BASE_URL and OPENAI_MODEL, and start the server again.",
            )
        if name not in found:
            raise ModelError(
                f"There is no model {name!r} here.", code="model_unknown", hint=f"Choose one of: {', '.join(found)}."
            )
        return found[name]

    def _allowed(self) -> Iterator[tuple[Endpoint, ModelEntry]]:
        patterns = self.allowed_models
        for endpoint in self.endpoints:
            for entry in endpoint.models:
                if patterns is None or any(fnmatchcase(entry.spec.name, pattern) for pattern in patterns):
                    yield endpoint, entry
