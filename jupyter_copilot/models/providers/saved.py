"""What people keep of their providers: a file that only the server's user can read, keys included."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from ...protocol.errors import ModelError
from ..configuration import EndpointTable, ModelTable

CONTEXT_TOKENS = 128_000


class SavedModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model of a provider: its id there, and how much it reads."""

    model: str
    context_tokens: int = CONTEXT_TOKENS


class Saved(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider as a person set it up; `key` never leaves the server."""

    provider: str
    base_url: str
    models: list[SavedModel]
    key: str = ""

    def __repr__(self) -> str:
        return f"Saved({self.provider} at {self.base_url})"

    def endpoint(self, name: str, taken: set[str]) -> EndpointTable:
        """Its part of the configuration; a model whose name is taken goes by the provider's name, too."""
        models: list[str | ModelTable] = [
            ModelTable(
                name=f"{name}/{each.model}" if each.model in taken else each.model,
                model=each.model,
                context_tokens=each.context_tokens,
            )
            for each in self.models
        ]
        return EndpointTable(base_url=self.base_url, api_key=self.key, models=models)


class ProviderFile:
    """The file: read whole, written whole, in one step, with mode 0600."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Saved]:
        """The providers by their names; none when there is no file. Raises `ModelError` with `misconfigured`."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=dict[str, Saved])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError):
            # Without the reason, which might quote a key.
            raise ModelError(
                f"The file of model providers cannot be read: {self.path}.",
                code="misconfigured",
                hint="Correct it, or remove it and set up the models anew.",
            ) from None

    def write(self, providers: dict[str, Saved]) -> None:
        """Replace what was there. Raises `OSError`."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.unlink(missing_ok=True)
        # Never readable by others, not even before it is whole.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(providers)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path)
