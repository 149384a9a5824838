"""The channels on which people are told: webhooks, and notifiers of installed packages, as the policy names them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from msgspec import Struct

from ... import protocol as p
from ...core.notices import Terms
from ...ports.notifier import Notifier, NotifierFactory
from .webhook import Webhook

ENTRY_POINTS = "jupyter_copilot.notifiers"
"""The group in which packages offer a `NotifierFactory`, named by its kind."""


class ChannelTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel in the policy file: `[[channels]]`.

    `kind` is `webhook`, with a `url` and a secret in an environment variable or a file, or the name of an entry point,
    which gets `options`. Decisions are told once they wait for `after_s` seconds. With `content`, what the notice is
    about goes along; by default it is named by id alone.
    """

    name: str
    kind: str = "webhook"
    url: str = ""
    secret_env: str = ""
    secret_file: str = ""
    private: bool = False
    notices: tuple[p.NoticeKind, ...] = ("decision", "mention")
    path: str = "*"
    after_s: float = 30.0
    content: bool = False
    options: dict[str, Any] = {}


class Channel(Struct, frozen=True):
    """A channel as it is used: what it is told, how, and whether with the content."""

    terms: Terms
    notifier: Notifier
    content: bool


def open_channels(
    tables: list[ChannelTable], environ: Mapping[str, str] = os.environ
) -> tuple[list[Channel], list[p.Problem]]:
    """The channels that can be used, and what is wrong with the others."""
    channels, problems = [], []
    for table in tables:
        try:
            notifier = _notifier(table, environ)
        except Exception as error:  # what a package of somebody else raises
            reason = str(error) or type(error).__name__
            problems.append(
                p.Problem(code="bad_channel", message=f"The channel {table.name!r} cannot be used: {reason}.", hint="")
            )
            continue
        terms = Terms(channel=table.name, kinds=table.notices, path=table.path, after_s=table.after_s)
        channels.append(Channel(terms, notifier, table.content))
    return channels, problems


def _notifier(table: ChannelTable, environ: Mapping[str, str]) -> Notifier:
    if table.kind == "webhook":
        return Webhook(table.url, _secret(table, environ), private=table.private)
    point = next((one for one in metadata.entry_points(group=ENTRY_POINTS) if one.name == table.kind), None)
    if point is None:
        raise ValueError(f"no installed package offers notifiers of the kind {table.kind!r}")
    factory: NotifierFactory = point.load()
    return factory(table.options)


def _secret(table: ChannelTable, environ: Mapping[str, str]) -> bytes:
    if table.secret_file:
        return Path(table.secret_file).expanduser().read_bytes().strip()
    return environ.get(table.secret_env, "").encode()


class Channels:
    """The channels of the policy that is in force; opened anew when that is another one."""

    def __init__(self, tables: Callable[[], list[ChannelTable]]) -> None:
        self._tables = tables
        self._opened: list[ChannelTable] | None = None
        self._channels: list[Channel] = []
        self.problems: list[p.Problem] = []

    def __call__(self) -> list[Channel]:
        """The channels now."""
        tables = self._tables()
        if tables is not self._opened:
            self._opened = tables
            self._channels, self.problems = open_channels(tables)
        return self._channels
