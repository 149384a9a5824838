"""Models without an administrator: set up, tested and removed over HTTP. A key comes in, and never goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from tornado import web

from ..models.configuration import read_endpoint
from ..models.providers.known import KNOWN, Known
from ..models.providers.saved import ProviderFile, Saved, SavedModel
from ..models.providers.trial import MakeClient, Trial, try_out
from ..models.settings import ModelSettings
from ..ports.clock import Clock
from ..protocol.errors import ModelError, Rejected
from .rest import CopilotHandler, authorised
from .services import Services

MAX_MODELS = 50


class Shown(Struct, frozen=True, kw_only=True):
    """A provider as people see it; of its key, whether there is one."""

    name: str
    provider: str
    base_url: str
    models: list[SavedModel]
    has_key: bool


class ProviderList(Struct, frozen=True, kw_only=True):
    """All of the page; `editable` says whether this person may change it, `configured` what an administrator set."""

    editable: bool
    reason: str
    known: list[Known]
    saved: list[Shown]
    configured: list[str]


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider as a person fills it in. Without `key` the kept one stays, as long as the host is the same."""

    provider: str
    base_url: str
    models: list[SavedModel] = []
    key: str | None = None
    name: str = ""
    model: str = ""


class Providers:
    """The providers that people set up, kept in their file; `apply` is told of each change."""

    def __init__(
        self,
        file: ProviderFile,
        configured: Mapping[str, Any],
        settings_of: Callable[[Mapping[str, Saved]], ModelSettings],
        apply: Callable[[ModelSettings], None],
        clock: Clock,
        make: MakeClient,
        *,
        is_locked: bool,
    ) -> None:
        self._file = file
        self._configured = configured
        self._settings_of = settings_of
        self._apply = apply
        self._clock = clock
        self._make = make
        self.is_locked = is_locked

    def listed(self, *, may_edit: bool) -> ProviderList:
        """What the page shows."""
        reason = ""
        if self.is_locked:
            reason = "An administrator chose the models of this server."
        elif not may_edit:
            reason = "Setting up models takes the rights to execute and to decide here."
        saved = {} if self.is_locked else self._file.read()
        return ProviderList(
            editable=not reason,
            reason=reason,
            known=list(KNOWN),
            saved=[
                Shown(
                    name=name,
                    provider=each.provider,
                    base_url=each.base_url,
                    models=each.models,
                    has_key=bool(each.key),
                )
                for name, each in saved.items()
            ],
            configured=sorted(self._configured),
        )

    def put(self, name: str, given: Given) -> None:
        """Keep it and use it. Raises `Rejected` with `invalid_value`, and `ModelError` for what cannot be meant."""
        if name in self._configured:
            raise Rejected("invalid_value", f"An administrator set up {name!r}; take another name.")
        if not given.models or len(given.models) > MAX_MODELS:
            raise Rejected("invalid_value", f"Choose at least one model, and {MAX_MODELS} at most.")
        saved = self._file.read()
        endpoint = read_endpoint(name, given.base_url, self._key(given, saved.get(name)))
        kept = Saved(
            provider=given.provider, base_url=endpoint.base_url, models=given.models, key=endpoint.key.reveal()
        )
        self._keep({**saved, name: kept})

    def delete(self, name: str) -> None:
        """Forget it, its key included. Raises `Rejected` with `not_found`."""
        saved = self._file.read()
        if saved.pop(name, None) is None:
            raise Rejected("not_found", f"There is no provider {name!r}.")
        self._keep(saved)

    async def test(self, given: Given) -> Trial:
        """Whether it answers, in words; nothing is kept."""
        try:
            key = self._key(given, self._file.read().get(given.name))
            endpoint = read_endpoint(given.name or given.provider, given.base_url, key)
        except ModelError as error:
            return Trial(ok=False, message=error.message, hint=error.hint)
        return await try_out(endpoint, given.model, self._clock, self._make)

    def _keep(self, saved: dict[str, Saved]) -> None:
        settings = self._settings_of(saved)  # first, as it may raise
        self._file.write(saved)
        self._apply(settings)

    def _key(self, given: Given, saved: Saved | None) -> str:
        """The key that was given, else the kept one; a key goes to no other host than the one that it was given for."""
        if given.key is not None or saved is None:
            return given.key or ""
        same = urlsplit(given.base_url.strip()).netloc == urlsplit(saved.base_url).netloc
        return saved.key if same else ""


class _ProviderHandler(CopilotHandler):
    def initialize(self, services: Services, providers: Providers) -> None:  # type: ignore[override]
        """Take the extension's services."""
        super().initialize(services)
        self.providers = providers

    @property
    def may_edit(self) -> bool:
        """Whether this person may: it spends money, and code in a kernel shall not where only browsers decide."""
        return {"execute", "decide"} <= self.visitor.rights

    def given(self) -> Given:
        """The request's body, of who may change what there is."""
        if self.providers.is_locked:
            raise Rejected("forbidden", "An administrator chose the models of this server.")
        if not self.may_edit:
            raise Rejected("forbidden", "Setting up models takes the rights to execute and to decide here.")
        if self.request.method == "DELETE":
            return Given(provider="", base_url="")
        try:
            return msgspec.json.decode(self.body, type=Given)
        except msgspec.MsgspecError:
            # Not its words, which might quote a key.
            raise Rejected("bad_frame", "This does not describe a provider.") from None

    def refuse_model(self, error: ModelError) -> None:
        """Answer with what is wrong with the values."""
        self.refuse(None, Rejected("invalid_value", error.message, hint=error.hint))


class ProvidersHandler(_ProviderHandler):
    """`GET api/copilot/providers`: the page."""

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """Known and kept providers; never a key."""
        try:
            self.answer(self.providers.listed(may_edit=self.may_edit))
        except ModelError as error:
            self.refuse_model(error)


class ProviderTestHandler(_ProviderHandler):
    """`POST api/copilot/providers/test`: try one out before it is kept."""

    @web.authenticated
    @authorised
    async def post(self) -> None:
        """Whether it answers, in words, and its models."""
        self.answer(await self.providers.test(self.given()))


class ProviderHandler(_ProviderHandler):
    """`PUT`, `DELETE api/copilot/providers/by-name/<name>`."""

    @web.authenticated
    @authorised
    async def put(self, name: str) -> None:
        """Keep it and use it."""
        try:
            self.providers.put(name, self.given())
        except ModelError as error:
            self.refuse_model(error)
        else:
            self.answer(self.providers.listed(may_edit=True))

    @web.authenticated
    @authorised
    async def delete(self, name: str) -> None:
        """Forget it, its key included."""
        self.given()
        try:
            self.providers.delete(name)
        except ModelError as error:
            self.refuse_model(error)
        else:
            self.answer(self.providers.listed(may_edit=True))
