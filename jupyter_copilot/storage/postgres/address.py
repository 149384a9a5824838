"""Where a PostgreSQL store is: one address for queries, and one for the listener where a pooler stands between."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from ...protocol.errors import StoreUnavailable

LISTEN = "listen"
"""The query parameter with the host and port of the database itself, where the address is a pooler's."""


class Address(NamedTuple):
    """How to connect: for queries, and for the listener, which needs a connection of its own past any pooler."""

    queries: str
    listener: str
    name: str
    """Host and database, to be shown to people; never the password."""

    @property
    def is_pooled(self) -> bool:
        """Whether a pooler stands between, which may give each statement another connection."""
        return self.queries != self.listener


def read_address(address: str) -> Address:
    """Read a `postgresql://` URL. Raises `StoreUnavailable` when it names no database.

    Beyond this machine the server must prove who it is (`sslmode=verify-full`), unless the URL says otherwise.
    `?listen=HOST:PORT` is the database behind a pooler.
    """
    url = urlsplit(address)
    if not url.path.strip("/"):
        raise StoreUnavailable(
            "The copilot's store address names no database.", hint="Write postgresql://USER@HOST:PORT/DATABASE."
        )
    parameters = dict(parse_qsl(url.query, keep_blank_values=True))
    direct = parameters.pop(LISTEN, None)
    if "sslmode" not in parameters and not _is_here(url.hostname or parameters.get("host", "")):
        parameters["sslmode"] = "verify-full"
    queries = url._replace(query=urlencode(parameters))
    listener = queries if direct is None else queries._replace(netloc=_at(url, direct))
    return Address(urlunsplit(queries), urlunsplit(listener), f"{url.hostname or 'localhost'}{url.path}")


def _at(url: SplitResult, place: str) -> str:
    """The same user at another host."""
    user = url.netloc.rpartition("@")[0]
    return f"{user}@{place}" if user else place


def _is_here(host: str) -> bool:
    """Whether the host is this machine: a socket's folder, `localhost` or a loopback address."""
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
