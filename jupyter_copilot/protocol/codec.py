"""Encode and decode; what a later version says is read as far as this one knows it."""

from __future__ import annotations

from typing import cast, get_args

import msgspec

from .actors import Actor
from .base import CommandId, Tagged, Value
from .errors import Rejected
from .events import Event, Record, UnknownEvent
from .frames import (
    Ack,
    ClientFrame,
    Closing,
    CommandBody,
    Heartbeat,
    Live,
    Notice,
    PathChanged,
    PresenceFrame,
    ReadRequest,
    Records,
    Reject,
    ServerFrame,
    Snapshot,
    Welcome,
)
from .parts import JsonObject


class _RawRecord(Value, frozen=True, kw_only=True):
    seq: int
    at: int
    actor: Actor
    event: msgspec.Raw
    command_id: CommandId | None = None


def _enc_hook(value: object) -> object:
    if isinstance(value, UnknownEvent):
        return value.body
    raise NotImplementedError(type(value).__name__)


_encoder = msgspec.json.Encoder(enc_hook=_enc_hook)
_client_frame: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_command_body: msgspec.json.Decoder[CommandBody] = msgspec.json.Decoder(CommandBody)
_event: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_raw_record = msgspec.json.Decoder(_RawRecord)
_body = msgspec.json.Decoder(JsonObject)
_EVENT_NAMES = frozenset(str(e.__struct_config__.tag) for e in get_args(Event))


def encode(value: object) -> bytes:
    """The JSON of a frame, record, event, command or state, in UTF-8."""
    return _encoder.encode(value)


def decode_client_frame(data: bytes | str) -> ClientFrame:
    """Read a client's frame.

    Raises `Rejected` with `bad_frame`, or `unknown_command` for a command with a name that this version lacks.
    """
    try:
        return _client_frame.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _rejected(error) from None


def decode_command_body(data: bytes | str) -> CommandBody:
    """Read the body of a command over REST. Raises `Rejected` as `decode_client_frame` does."""
    try:
        return _command_body.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _rejected(error) from None


def _rejected(error: Exception) -> Rejected:
    if isinstance(error, RecursionError):
        return Rejected("bad_frame", "The frame is nested too deeply.")
    if "Invalid value" in str(error) and "$.command.type" in str(error):
        return Rejected("unknown_command", "This server does not know that command.", hint="Update one of the two.")
    return Rejected("bad_frame", f"The frame could not be read: {error}.")


def decode_event(data: bytes | str | msgspec.Raw) -> Event | UnknownEvent:
    """Read an event; one with an unknown name becomes an `UnknownEvent`. Raises `msgspec.DecodeError`."""
    try:
        return _event.decode(data)
    except msgspec.ValidationError:
        body = _body.decode(data)
        if body.get("type") in _EVENT_NAMES:
            raise
        return UnknownEvent(body)


def decode_record(data: bytes | str | msgspec.Raw) -> Record:
    """Read a record, unknown events included. Raises `msgspec.DecodeError`."""
    raw = _raw_record.decode(data)
    return Record(seq=raw.seq, at=raw.at, actor=raw.actor, event=decode_event(raw.event), command_id=raw.command_id)


class _RawRecords(Tagged, frozen=True, kw_only=True, tag="records"):
    first: int
    records: list[msgspec.Raw]


_server_frame = msgspec.json.Decoder(
    Welcome
    | Snapshot
    | Live
    | _RawRecords
    | Ack
    | Reject
    | PresenceFrame
    | Heartbeat
    | ReadRequest
    | PathChanged
    | Notice
    | Closing
)


def decode_server_frame(data: bytes | str) -> ServerFrame | None:
    """Read a server's frame; None for a frame with a name that this version lacks. Raises `msgspec.DecodeError`."""
    try:
        frame = _server_frame.decode(data)
    except msgspec.ValidationError:
        if _body.decode(data).get("type") in _SERVER_FRAME_NAMES:
            raise
        return None
    if isinstance(frame, _RawRecords):
        return Records(first=frame.first, records=[decode_record(raw) for raw in frame.records])
    return cast(ServerFrame, frame)


_SERVER_FRAME_NAMES = frozenset(str(f.__struct_config__.tag) for f in get_args(ServerFrame))
