"""Pictures that a request to the model names by their digest, put in place when it is known which are sent."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from ... import protocol as p
from ...core.pictures import MENTION
from ...protocol.errors import StoreError
from ...room.room import Room

GONE = "(A picture stood here that is no longer kept.)"
TOO_MANY = "(A picture stood here; there were too many for one request.)"
MOST_BYTES = 8 << 20
"""Of the pictures of one request, the latest first: naming one again costs whoever does it nothing, and would us."""


async def with_pictures(messages: Sequence[p.JsonObject], room: Room) -> list[p.JsonObject]:
    """The messages with the room's pictures in the place of their digests, or a note."""
    left = MOST_BYTES
    whole: list[p.JsonObject] = []
    for message in reversed(messages):
        content = message.get("content")
        if isinstance(content, list):
            parts: list[p.JsonObject] = []
            for part in content:
                shown, size = await _part(part, room, left)
                parts.append(shown)
                left -= size
            message = {**message, "content": parts}
        whole.append(message)
    return whole[::-1]


async def _part(part: p.JsonObject, room: Room, most: int) -> tuple[p.JsonObject, int]:
    """The part as it is sent, and the bytes of the picture that was put into it."""
    url = part["image_url"]["url"] if part.get("type") == "image_url" else ""
    if not url.startswith(MENTION):
        return part, 0
    if most <= 0:
        return {"type": "text", "text": TOO_MANY}, 0
    try:
        picture = await room.picture(url.removeprefix(MENTION))
    except StoreError:  # what people said is worth an answer without it
        picture = None
    if picture is None:
        return {"type": "text", "text": GONE}, 0
    data = base64.b64encode(picture.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{picture.mime};base64,{data}"}}, len(picture.data)
