"""Which addresses are of the public internet, checked where a connection is made: after names are resolved."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from tornado.netutil import DefaultLoopResolver
from typing_extensions import override

_UNICAST = ipaddress.ip_network("2000::/3")
_TUNNELS = [ipaddress.ip_network(each) for each in ("2001::/23", "2002::/16", "192.88.99.0/24")]
"""Teredo and 6to4: behind them may be any address, also a private one."""

IsPublic = Callable[[str], bool]


def is_public(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet could reach; what is no address is not."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip not in _UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _TUNNELS if net.version == ip.version)


class PrivateAddress(OSError):
    """A name that leads into a private network."""


class GuardedResolver(DefaultLoopResolver):
    """Resolves names to public addresses only; the connection goes to the very address that was checked."""

    @override
    def initialize(self, is_public: IsPublic = is_public) -> None:
        self._is_public = is_public

    @override
    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        found = await super().resolve(host, port, family)
        # One private address among them is enough: which one is taken is not for the name's owner to choose.
        if not all(self._is_public(address[0]) for _, address in found):
            raise PrivateAddress(f"{host} is in a private network")
        return found
