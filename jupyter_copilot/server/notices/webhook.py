"""Webhooks: a notice as a signed POST, as https://www.standardwebhooks.com has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.netutil import DefaultLoopResolver, Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from typing_extensions import override

from ...ports.notifier import NotDelivered, Notice

TIMEOUT_S = 10.0
_GONE = 410


class Webhook:
    """Posts notices to `url`. Unless `private` is set, it takes https and an address that is open to the world.

    The address is looked at when the connection is made, so that no name can point to another one in between;
    redirects are not followed.
    """

    def __init__(self, url: str, secret: bytes, *, private: bool = False, now: Callable[[], float] = time.time) -> None:
        parts = urlsplit(url)
        if parts.scheme not in (("http", "https") if private else ("https",)) or not parts.hostname:
            raise ValueError("its url must begin with https:// (http:// takes private = true) and name a host")
        if not secret:
            raise ValueError("it needs a secret to sign with: secret_env or secret_file")
        self._url = url
        self._secret = secret
        self._private = private
        self._now = now

    async def deliver(self, notice: Notice) -> None:
        """Post the notice; anything but a 2xx is no delivery, and a 410 ends the attempts."""
        body = msgspec.json.encode({"type": _TYPES[notice.kind], "timestamp": notice.at, "data": data_of(notice)})
        sent_at = str(int(self._now()))
        request = HTTPRequest(
            self._url,
            method="POST",
            body=body,
            headers={
                "Content-Type": "application/json",
                "webhook-id": notice.notice_id,
                "webhook-timestamp": sent_at,
                "webhook-signature": signature(self._secret, notice.notice_id, sent_at, body),
            },
            request_timeout=TIMEOUT_S,
            connect_timeout=TIMEOUT_S,
            follow_redirects=False,
        )
        client = SimpleAsyncHTTPClient(force_instance=True, resolver=None if self._private else PublicResolver())
        try:
            await client.fetch(request)
        except HTTPClientError as error:
            wait = error.response.headers.get("Retry-After", "") if error.response is not None else ""
            after_s = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else 0.0
            raise NotDelivered(f"HTTP {error.code}", retry=error.code != _GONE, retry_after_s=after_s) from None
        except PrivateAddress as error:
            raise NotDelivered(str(error), retry=False) from None
        except OSError as error:
            raise NotDelivered(type(error).__name__) from None
        finally:
            client.close()


_TYPES = {"decision": "decision.waiting", "mention": "person.mentioned"}


def data_of(notice: Notice) -> dict[str, Any]:
    """What a notice says: where and for whom, and its content only where there is some."""
    said: dict[str, Any] = {
        "id": notice.notice_id,
        "about": notice.about,
        "notebook": notice.path,
        "thread_id": notice.thread_id,
        "to": notice.to,
    }
    if notice.content is not None:
        said["content"] = msgspec.to_builtins(notice.content)
    return said


def signature(secret: bytes, notice_id: str, sent_at: str, body: bytes) -> str:
    """The value of `webhook-signature`: HMAC-SHA256 over `id.timestamp.body`."""
    digest = hmac.new(secret, f"{notice_id}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class PrivateAddress(OSError):
    """The host has an address that is not open to the world."""


class PublicResolver(Resolver):
    """Finds the addresses of a host, and refuses it when one of them is not open to the world."""

    def initialize(self) -> None:
        """Ask the loop."""
        self._resolver = DefaultLoopResolver()

    @override
    async def resolve(self, host: str, port: int, family: Any = 0) -> list[tuple[int, Any]]:
        """The addresses to connect to. Raises `PrivateAddress`."""
        found: list[tuple[int, Any]] = await self._resolver.resolve(host, port, family)
        for _, address in found:
            if not is_public(str(address[0])):
                raise PrivateAddress("The address is private; the policy must say private = true for it.")
        return found


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    ip = ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return bool(ip.is_global and not ip.is_multicast)
