"""Model settings read from environment variables and from Jupyter's configuration: a pure function of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ..ports.model import ModelSpec
from ..protocol import JsonObject
from ..protocol.errors import ModelError
from .addresses import tidied
from .completion.ways import is_infill
from .settings import Endpoint, ModelEntry, ModelSettings, Secret

OPENAI_URL = "https://api.openai.com/v1"
DEFAULT_OPENAI_MODEL = "gpt-5.4-mini"


class ModelTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model in the configuration: the fields of `ModelSpec`, the server's id for it as `model`, and `options`.

    `infill` says how it completes code inside of a line: see `ModelEntry`.
    """

    name: str
    model: str = ""
    label: str = ""
    note: str = ""
    images: bool = True
    context_tokens: int | None = None
    demo: bool = False
    options: JsonObject = {}
    infill: str = ""


class EndpointTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endpoint in the configuration; its key is `api_key`, or in the environment variable `api_key_env`."""

    base_url: str = OPENAI_URL
    api_key: str = ""
    api_key_env: str = ""
    azure_api_version: str = ""
    models: list[str | ModelTable] = []
    connect_s: float = 10.0
    first_chunk_s: float = 300.0
    idle_s: float = 90.0


class ModelsTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole configuration of models."""

    endpoints: dict[str, EndpointTable] = {}
    default_model: str = ""
    allowed_models: list[str] | None = None


def read_settings(environ: Mapping[str, str], config: Mapping[str, Any] | None = None) -> ModelSettings:
    """The settings that the environment (`OPENAI_*`, `AZURE_OPENAI_*`) and a configuration give.

    The configuration has the shape of `ModelsTable`; what it names, the environment does not replace. Raises
    `ModelError` with `misconfigured`, in words that never hold a key.
    """
    try:
        table = msgspec.convert(dict(config or {}), ModelsTable)
    except msgspec.ValidationError as error:
        raise _misconfigured(f"The configuration of models cannot be read: {error}.") from None
    endpoints = [_configured(name, endpoint, environ) for name, endpoint in table.endpoints.items()]
    taken = [entry.spec.name for endpoint in endpoints for entry in endpoint.models]
    twice = next((name for name in taken if taken.count(name) > 1), None)
    if twice is not None:
        raise _misconfigured(f"Two models are called {twice!r}.", "Rename one; its id on the server goes into `model`.")
    for endpoint in filter(None, (_openai(environ), _azure(environ))):
        if endpoint.name not in table.endpoints and endpoint.models[0].spec.name not in taken:
            endpoints.append(endpoint)
            taken.append(endpoint.models[0].spec.name)
    allowed = table.allowed_models
    settings = ModelSettings(
        endpoints=tuple(endpoints),
        default_model=_word(table.default_model),
        allowed_models=None if allowed is None else tuple(allowed),
    )
    if settings.default_model and settings.default_model not in [spec.name for spec in settings.models()]:
        raise _misconfigured(f"The default model {table.default_model!r} is not among the models that may be chosen.")
    return settings


def read_endpoint(name: str, base_url: str, key: str) -> Endpoint:
    """An endpoint that a person describes, without models. Raises `ModelError` when it cannot be meant."""
    url = _base_url(base_url, "The address")
    return Endpoint(name=name, base_url=url, key=_key(key, "the field"), key_source="the key on the Models page")


def _configured(name: str, table: EndpointTable, environ: Mapping[str, str]) -> Endpoint:
    base_url = _base_url(table.base_url.strip() or OPENAI_URL, f"base_url of the endpoint {name!r}")
    source = table.api_key_env or f"api_key of the endpoint {name!r} in the Jupyter configuration"
    return Endpoint(
        name=name,
        base_url=base_url,
        key=_key(table.api_key or environ.get(table.api_key_env, ""), source),
        key_source=source,
        azure_api_version=table.azure_api_version,
        models=tuple(map(_entry, table.models)) or (_whatever_it_has(base_url, name),),
        connect_s=table.connect_s,
        first_chunk_s=table.first_chunk_s,
        idle_s=table.idle_s,
    )


def _openai(environ: Mapping[str, str]) -> Endpoint | None:
    key, url = environ.get("OPENAI_API_KEY", ""), environ.get("OPENAI_BASE_URL", "").strip()
    if not key.strip() and not url:
        return None
    base_url = _base_url(url or OPENAI_URL, "OPENAI_BASE_URL")
    model = _word(environ.get("OPENAI_MODEL", "")) or ("" if url else DEFAULT_OPENAI_MODEL)
    return Endpoint(
        name="openai",
        base_url=base_url,
        key=_key(key, "OPENAI_API_KEY"),
        key_source="OPENAI_API_KEY",
        models=(_entry(model) if model else _whatever_it_has(base_url),),
    )


def _azure(environ: Mapping[str, str]) -> Endpoint | None:
    """Azure's endpoint: with OPENAI_API_VERSION in the versioned way, else by its OpenAI-compatible address."""
    # Its portal shows the address of the deployment, from which the rest follows.
    url = environ.get("AZURE_OPENAI_ENDPOINT", "").strip().partition("/openai")[0]
    deployment = _word(environ.get("AZURE_OPENAI_DEPLOYMENT", ""))
    if not url or not deployment:
        return None
    version = environ.get("OPENAI_API_VERSION", "").strip()
    base_url = _base_url(url, "AZURE_OPENAI_ENDPOINT")
    return Endpoint(
        name="azure",
        base_url=base_url if version else f"{base_url}/openai/v1",
        key=_key(environ.get("AZURE_OPENAI_API_KEY", ""), "AZURE_OPENAI_API_KEY"),
        key_source="AZURE_OPENAI_API_KEY",
        azure_api_version=version,
        models=(_entry(deployment),),
    )


def _entry(model: str | ModelTable) -> ModelEntry:
    table = ModelTable(name=model) if isinstance(model, str) else model
    name = _word(table.name)
    if not name:
        raise _misconfigured("A model in the configuration has an empty name.")
    spec = ModelSpec(
        name=name,
        label=table.label or name,
        note=table.note,
        images=table.images,
        context_tokens=table.context_tokens or ModelSpec(name=name).context_tokens,
        demo=table.demo,
    )
    if table.infill and not is_infill(table.infill):
        raise _misconfigured(
            f"The model {name!r} has an `infill` that is not known: {table.infill!r}.",
            "Take `suffix`, `chat`, a family such as `qwen`, or a prompt with {prefix} and {suffix} in it.",
        )
    server_id = _word(table.model) or name
    sized = table.context_tokens is not None or table.demo
    return ModelEntry(spec=spec, server_id=server_id, options=table.options, infill=table.infill, sized=sized)


def _whatever_it_has(base_url: str, name: str = "") -> ModelEntry:
    host = urlsplit(base_url).netloc
    return ModelEntry(spec=ModelSpec(name=name or host, label=f"The model at {host}"), server_id=None, sized=False)


def _base_url(url: str, source: str) -> str:
    """The address, tidied up. Raises `ModelError` when none can be meant."""
    tidy = tidied(url)
    try:
        parts = urlsplit(tidy)
        port_is_valid = parts.port != 0
    except ValueError:
        parts, port_is_valid = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid or " " in parts.netloc:
        raise _misconfigured(f"{source} must begin with http:// or https:// and name a host.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _misconfigured(f"{source} must be an address alone, without user, password or query.")
    return tidy.rstrip("/")


def _key(value: str, source: str) -> Secret:
    key = value.strip().strip("\"'`").removeprefix("Bearer ").strip()
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise _misconfigured(f"The key in {source} holds characters that no key has.")
    return Secret(key)


def _word(text: str) -> str:
    """A name without the blanks and quotes that came with it."""
    return text.strip().strip("\"'`").strip()


def _misconfigured(message: str, hint: str = "Correct the Jupyter configuration or the environment.") -> ModelError:
    return ModelError(message, code="misconfigured", hint=hint)
