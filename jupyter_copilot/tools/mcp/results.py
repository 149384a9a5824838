"""What a server's tool returned, as text and pictures; nothing that it links to is fetched."""

from __future__ import annotations

from typing import Any

import msgspec

from ...core.untrusted_text import as_data
from ...protocol import CallResult, Image

MAX_TEXT = 60_000
MAX_IMAGES = 8
MAX_IMAGE_CHARS = 2_000_000


def result_of(content: list[Any], structured: Any) -> CallResult:
    """The content blocks of a result, in their order; structured content is told where no text says the same."""
    texts: list[str] = []
    images: list[Image] = []
    for block in content:
        match getattr(block, "type", ""):
            case "text":
                texts.append(block.text)
            case "image" if len(images) < MAX_IMAGES and len(block.data) <= MAX_IMAGE_CHARS:
                images.append(Image(mime=block.mime_type, data=block.data))
            case "resource":
                texts.append(_resource(block.resource))
            case "resource_link":
                texts.append(f"(A link, not fetched: {block.name}, {block.uri})")
            case other:
                texts.append(f"({other or 'Something'} that cannot be shown.)")
    if structured is not None and not any(texts):
        texts.append(msgspec.json.encode(structured).decode())
    text = "\n".join(texts)
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + f"\n… ({len(text) - MAX_TEXT} more characters)"
    return CallResult(text=text or "Done; it returned nothing.", images=images)


def _resource(resource: Any) -> str:
    text = getattr(resource, "text", None)
    return as_data("resource", text) if isinstance(text, str) else f"(A file, not shown: {resource.uri})"
