"""A page of the web: fetched from one host, of bounded size, as text."""

from __future__ import annotations

import re
from email.message import Message
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from ....protocol.errors import ToolError
from ...render.data import quoted
from ...render.markup import text_in
from ..served_files import size_of
from .addresses import GuardedResolver, IsPublic, PrivateAddress

MAX_BYTES = 2 << 20
TIMEOUT_S = 20.0
MAX_REDIRECTS = 5
MAX_URL = 2_000
AGENT = "jupyter-collaborative-copilot"
_PORTS = {"http": 80, "https": 443}
_TEXT = re.compile(r"text/.*|application/(.*\+)?(json|xml|yaml|toml|javascript|x-ndjson|csv)")
_HTML = frozenset(["text/html", "application/xhtml+xml"])


class Address(Struct, frozen=True, kw_only=True):
    """Where a page is. `host` is in ASCII, as it is asked for, with the port where that is not the usual one."""

    scheme: str
    host: str
    target: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"


class Page(Struct, frozen=True, kw_only=True):
    """What was found at an address, as text."""

    address: Address
    kind: str
    text: str


def address_of(url: str) -> Address:
    """The parts of an address. Raises `ToolError` for what is no plain address of the web."""
    problem = None
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError):
        raise _no_address(url, "it cannot be read") from None
    if len(url) > MAX_URL or re.search(r"[\s\\\x00-\x1f\x7f]", url):
        problem = "it is too long, or has blanks or backslashes"
    elif parts.scheme not in _PORTS:
        problem = "it must begin with https:// or http://"
    elif not name or "@" in parts.netloc:
        problem = "it needs a host, and no user name"
    if problem is not None:
        raise _no_address(url, problem)
    host = f"[{name}]" if ":" in name else name
    host = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
    return Address(scheme=parts.scheme, host=host, target=quote(target, safe="/%:@!$&'()*+,;=~-._?"))


async def fetch(address: Address, is_public: IsPublic) -> Page:
    """What is there; redirects are followed on the same host. Raises `ToolError`, in words for the model."""
    resolver = GuardedResolver(is_public=is_public)
    client = SimpleAsyncHTTPClient(force_instance=True, resolver=resolver, max_body_size=MAX_BYTES)
    try:
        at = address
        for _ in range(MAX_REDIRECTS + 1):
            response = await _get(client, at)
            location = response.headers.get("Location")
            if response.code not in (301, 302, 303, 307, 308) or location is None:
                return _page(at, response)
            at = _same_host(at, address_of(urljoin(str(at), location)))
        raise ToolError(f"{quoted(str(address))} redirects without end.", hint="Try another address.")
    finally:
        client.close()
        resolver.close()


async def _get(client: SimpleAsyncHTTPClient, at: Address) -> HTTPResponse:
    request = HTTPRequest(
        str(at),
        headers={"Accept": "text/html, text/*, application/json", "Accept-Encoding": "identity"},
        user_agent=AGENT,
        follow_redirects=False,
        decompress_response=False,
        connect_timeout=TIMEOUT_S,
        request_timeout=TIMEOUT_S,
    )
    try:
        return await client.fetch(request, raise_error=False)
    except PrivateAddress:
        raise ToolError(
            f"{quoted(at.host)} is in a private network, of which nothing is fetched.",
            hint="Tell people; what they may reach there, code in a cell can fetch for them.",
        ) from None
    except (HTTPClientError, OSError) as error:
        raise ToolError(
            f"{quoted(str(at))} cannot be read: {_first_line(error)}.",
            hint=f"Check the address. At most {size_of(MAX_BYTES)} are read, within {TIMEOUT_S:g} seconds.",
        ) from error


def _same_host(before: Address, now: Address) -> Address:
    """The address that a page redirects to. Raises `ToolError` on another host: people agreed to this one."""
    if now.host != before.host or (before.scheme, now.scheme) == ("https", "http"):
        raise ToolError(
            f"{quoted(str(before))} redirects to {quoted(str(now))}.",
            hint="If that is what you want, call web_fetch with it: people decide on each host.",
            code="redirect",
        )
    return now


def _page(at: Address, response: HTTPResponse) -> Page:
    if not 200 <= response.code < 300:
        said = f"{response.code} {response.reason}"[:80]
        raise ToolError(f"{quoted(str(at))} was answered with {quoted(said)}.", hint="Check the address.")
    header = Message()
    header["Content-Type"] = response.headers.get("Content-Type", "text/plain")
    kind = header.get_content_type()
    if not _TEXT.fullmatch(kind) or response.headers.get("Content-Encoding", "identity") != "identity":
        what = f"{quoted(kind)}, {size_of(len(response.body))}"
        raise ToolError(f"{quoted(str(at))} is no text but {what}.", hint="Load it with code in a cell.")
    text = _decoded(response.body, header.get_content_charset())
    return Page(address=at, kind=kind, text=text_in(text) if kind in _HTML else text)


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8", "replace")
    except LookupError:
        return body.decode(errors="replace")


def _first_line(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text.splitlines()[0][:200].rstrip(".")


def _no_address(url: str, why: str) -> ToolError:
    return ToolError(f"{quoted(url[:200])} is no address that can be fetched: {why}.", hint="Pass a plain https URL.")
