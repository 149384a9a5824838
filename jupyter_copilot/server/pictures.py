"""Pictures by their digest: a room's records and state name them so."""

from __future__ import annotations

import re

from tornado import web

from .rest import CopilotHandler, authorised

_DRAWN = re.compile(r"image/(png|jpeg|gif|webp|avif|bmp|svg\+xml)")
"""Types that a browser draws; whatever else somebody says that a picture is, it is only bytes."""


class PictureHandler(CopilotHandler):
    """`GET …/notebooks/<path>/pictures/<digest>`: a picture that a record of this room names."""

    @web.authenticated
    @authorised
    async def get(self, path: str, digest: str) -> None:
        """The picture's bytes. Opened by itself it runs and fetches nothing, as an SVG would."""
        room = await self.room_at(path)
        picture = await room.picture(digest)
        if picture is None:
            raise web.HTTPError(404, "This picture is no longer kept.")
        is_drawn = _DRAWN.fullmatch(picture.mime)
        self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Disposition", "attachment")
        self.set_header("Cache-Control", "private, max-age=31536000, immutable")
        await self.finish(picture.data, set_content_type=picture.mime if is_drawn else "application/octet-stream")
