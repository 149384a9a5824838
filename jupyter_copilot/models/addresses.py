"""The address of a model server, out of what people paste in its place."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

_QUOTES = " \t\r\n\"'`<>“”‘’"
_SCHEME = re.compile(r"^(https?)\s*:?\s*/+", re.IGNORECASE)
_SERVICE = re.compile(r"/(?:chat/completions|completions|chat|responses|embeddings|models|messages)/*$", re.IGNORECASE)
_VERSION = re.compile(r"/v\d+\w*(?:/|$)")
_OLLAMA = re.compile(r"^/api(?:/(?:chat|generate|tags))?$")
# What known providers' addresses end with; a host alone is pasted often.
_PATHS = {
    "api.openai.com": "/v1",
    "api.mistral.ai": "/v1",
    "api.groq.com": "/openai/v1",
    "api.together.xyz": "/v1",
    "api.x.ai": "/v1",
    "api.anthropic.com": "/v1",
    "api.fireworks.ai": "/inference/v1",
    "api.cerebras.ai": "/v1",
    "openrouter.ai": "/api/v1",
    "generativelanguage.googleapis.com": "/v1beta/openai",
}


def tidied(text: str) -> str:
    """The address that is meant, as far as that is beyond doubt; what is no address comes back much as it was.

    Blanks, quotes and slashes around it go, as does the path of a service below it (`/chat/completions`). Without a
    scheme it is `http` on this machine or in a private network, and `https` elsewhere. Known providers get their path,
    and `https`.
    """
    text = text.strip(_QUOTES)
    if not text:
        return ""
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    named = scheme[1].lower() if scheme else ""
    if "://" in rest:
        return text
    parts = urlsplit(f"{named or 'http'}://{rest}")
    host = parts.hostname or ""
    if not named:
        if not re.search(r"[.:/]", rest) and host != "localhost":
            return text  # a word, and no address
        named = "http" if is_near(host) else "https"
    path: str = re.sub(r"/{2,}", "/", parts.path)
    while (shorter := _SERVICE.sub("", path.rstrip("/"))) != path:
        path = shorter
    path = re.sub(r"(/v\d+)(?:/v\d+)+$", r"\1", path)
    if _OLLAMA.match(path) and parts.netloc.endswith(":11434"):
        path = "/v1"
    if host in _PATHS:
        named, path = "https", path or _PATHS[host]
    return str(urlunsplit((named, parts.netloc, path, parts.query, parts.fragment)))


def with_version(base_url: str) -> str | None:
    """The address with the `/v1` that nearly all servers have, or None when it names a version already."""
    parts = urlsplit(base_url)
    return None if _VERSION.search(parts.path) else f"{base_url.rstrip('/')}/v1"


def is_near(host: str) -> bool:
    """Whether the host is this machine, or one that only a private network knows."""
    try:
        return bool(ip_address(host).is_private)
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan"))
