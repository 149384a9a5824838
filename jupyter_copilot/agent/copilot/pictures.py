"""Pictures that a request to the model names by their digest, put in place when it is known which are sent."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from ... import protocol as p
from ...core.pictures import MENTION
from ...protocol.errors import StoreError
from ...room.room import Room

GONE = "(A picture stood here that is no longer kept.)"


async def with_pictures(messages: Sequence[p.JsonObject], room: Room) -> list[p.JsonObject]:
    """The messages with the room's pictures in the place of their digests, or a note."""
    return [await _whole(message, room) for message in messages]


async def _whole(message: p.JsonObject, room: Room) -> p.JsonObject:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [await _part(part, room) for part in content]}


async def _part(part: p.JsonObject, room: Room) -> p.JsonObject:
    url = part["image_url"]["url"] if part.get("type") == "image_url" else ""
    if not url.startswith(MENTION):
        return part
    try:
        picture = await room.picture(url.removeprefix(MENTION))
    except StoreError:  # what people said is worth an answer without it
        picture = None
    if picture is None:
        return {"type": "text", "text": GONE}
    data = base64.b64encode(picture.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{picture.mime};base64,{data}"}}
