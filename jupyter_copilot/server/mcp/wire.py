"""The wire of the Model Context Protocol over HTTP: both generations of the specification, read from one body.

The handshake generation (until 2025-11-25) begins with `initialize`; the stateless one (2026-07-28) carries its version
in each request. No session is kept for either: what a client needs to know again stands in the room.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ...protocol import JsonObject

MODERN = "2026-07-28"
HANDSHAKE = ("2025-11-25", "2025-06-18", "2025-03-26")
SUPPORTED = [MODERN, *HANDSHAKE]

PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_FOUND, HEADER_MISMATCH, UNSUPPORTED_VERSION = -32002, -32020, -32022

_VERSION = "io.modelcontextprotocol/protocolVersion"
_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
_NAMED = {"tools/call": "name", "resources/read": "uri", "prompts/get": "name"}
"""Methods whose target is repeated in the header `Mcp-Name`."""


class WireError(Exception):
    """An answer of the protocol that is no result: `status` is HTTP's, `id` that of the request, once it is known."""

    def __init__(self, code: int, message: str, data: Any = None, status: int = 200) -> None:
        super().__init__(message)
        self.id: str | int | None = None
        self.code = code
        self.message = message
        self.data = data
        self.status = status


class Message(Struct, frozen=True, kw_only=True):
    """A request, or without `id` a notification or somebody's response, which is answered by nothing."""

    method: str = ""
    params: JsonObject = {}
    id: str | int | None = None
    modern: bool = False

    @property
    def progress_token(self) -> str | int | None:
        """What the client wants progress to be told under, if it wants any."""
        meta = self.params.get("_meta")
        token = meta.get("progressToken") if isinstance(meta, dict) else None
        return token if isinstance(token, str | int) else None

    def result(self, result: JsonObject) -> JsonObject:
        """The response with this result."""
        whole = {"resultType": "complete", **result} if self.modern else result
        return {"jsonrpc": "2.0", "id": self.id, "result": whole}


def read(body: bytes, headers: Mapping[str, str]) -> Message:
    """The message in a body. Raises `WireError`."""
    try:
        whole = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WireError(PARSE_ERROR, "The body is not JSON.", status=400) from None
    if not isinstance(whole, dict) or whole.get("jsonrpc") != "2.0":
        raise WireError(INVALID_REQUEST, "The body must be one JSON-RPC 2.0 object.", status=400)
    method, params, id = whole.get("method"), whole.get("params"), whole.get("id")
    if method is None and ("result" in whole or "error" in whole):
        return Message()
    if not isinstance(method, str) or not isinstance(params, dict | None):
        raise WireError(INVALID_REQUEST, "A request has a method, and an object of params.", status=400)
    if "id" not in whole:
        return Message(method=method, params=params or {})
    if not isinstance(id, str | int) or isinstance(id, bool):
        raise WireError(INVALID_REQUEST, "The id of a request is a string or a number.", status=400)
    message = Message(method=method, params=params or {}, id=id, modern=_is_modern(params, headers))
    try:
        _check_version(message, headers)
    except WireError as error:
        error.id = id
        raise
    return message


def error_body(error: WireError) -> JsonObject:
    """The response that tells an error."""
    told: JsonObject = {"code": error.code, "message": error.message}
    return {"jsonrpc": "2.0", "id": error.id, "error": told if error.data is None else {**told, "data": error.data}}


def _is_modern(params: Any, headers: Mapping[str, str]) -> bool:
    meta = params.get("_meta") if isinstance(params, dict) else None
    return isinstance(meta, dict) and _VERSION in meta


def _check_version(message: Message, headers: Mapping[str, str]) -> None:
    given = headers.get("MCP-Protocol-Version")
    if not message.modern:
        if given is not None and given not in HANDSHAKE and message.method != "initialize":
            raise _unsupported(given)
        return
    meta = message.params["_meta"]
    version = meta[_VERSION]
    if _CAPABILITIES not in meta:
        raise WireError(INVALID_PARAMS, f"params._meta must have {_CAPABILITIES}.", status=400)
    if given != version or headers.get("Mcp-Method") != message.method:
        raise WireError(HEADER_MISMATCH, "The headers say another version or method than the body.", status=400)
    key = _NAMED.get(message.method)
    wanted = message.params.get(key) if key is not None else None
    if wanted is not None and _decoded(headers.get("Mcp-Name")) != wanted:
        raise WireError(HEADER_MISMATCH, f"The header Mcp-Name says another {key} than the body.", status=400)
    if version != MODERN:
        raise _unsupported(version)


def _unsupported(version: object) -> WireError:
    data = {"supported": SUPPORTED, "requested": version}
    return WireError(UNSUPPORTED_VERSION, f"Protocol version {version!r} is not spoken here.", data, status=400)


def _decoded(value: str | None) -> str | None:
    """A header's value, which is wrapped in base64 where a header cannot carry it."""
    if value is None or not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    try:
        return base64.b64decode(value[len("=?base64?") : -2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def handshake(params: JsonObject) -> str:
    """The version that a handshake agrees on: the client's own where it is spoken here, else the newest."""
    wanted = params.get("protocolVersion")
    return wanted if wanted in HANDSHAKE else HANDSHAKE[0]
