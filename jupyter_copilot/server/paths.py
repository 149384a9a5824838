"""From a URL's path to a notebook: is it there, may it be seen, and under which key does its room stand?"""

from __future__ import annotations

import os
import posixpath
from typing import Any

from jupyter_server.utils import ensure_async, url_unescape
from tornado import web

DRIVE = "RTC:"
"""The prefix that jupyter-collaboration gives to paths in the browser."""


class NotebookPaths:
    """Looks notebooks up in a contents manager."""

    def __init__(self, contents_manager: Any) -> None:
        self._contents = contents_manager

    async def find(self, path: str) -> tuple[str, str]:
        """The API path and the room's key of the notebook at a URL's path.

        Raises a 404 for what is not there, is hidden, is outside the root, or is no notebook; nothing is created.
        """
        api_path = clean(path)
        if not api_path.endswith(".ipynb") or not await self._is_visible(api_path):
            raise web.HTTPError(404, f"There is no notebook {api_path!r} here.")
        return api_path, self.key(api_path)

    async def _is_visible(self, api_path: str) -> bool:
        contents = self._contents
        if ".." in api_path.split("/"):
            return False
        try:
            if not contents.allow_hidden and await ensure_async(contents.is_hidden(api_path)):
                return False
            return bool(await ensure_async(contents.file_exists(api_path)))
        except (web.HTTPError, ValueError, OSError):
            return False

    def key(self, api_path: str) -> str:
        """The key of a room: the real path, so that links and different roots lead to the same room.

        Where a link leads out of the root, the path that people use is kept from there on: only by it can the notebook
        be opened here.
        """
        os_path = getattr(self._contents, "_get_os_path", None)
        if os_path is None:
            return f"contents:{api_path}"
        real: str = os.path.realpath(os_path(api_path)).replace(os.sep, "/")
        if not api_path or self._below_root(real) is not None:
            return real
        folder, _, name = api_path.rpartition("/")
        return f"{self.key(folder)}/{name}"

    def api_path(self, key: str) -> str | None:
        """The API path of a key, or None when it lies outside this server's root."""
        if key.startswith("contents:"):
            return key.removeprefix("contents:")
        return self._below_root(key)

    def _below_root(self, key: str) -> str | None:
        os_path = getattr(self._contents, "_get_os_path", None)
        if os_path is None:
            return None
        root: str = os.path.realpath(os_path("")).replace(os.sep, "/")
        relative = posixpath.relpath(key, root)
        return None if relative == ".." or relative.startswith("../") else relative


def clean(path: str) -> str:
    """A URL's path as the contents API writes it: no drive, no slashes at the ends."""
    return path.strip("/").removeprefix(DRIVE).strip("/")


def unescape(path: str) -> str:
    """Undo a URL's percent escapes."""
    return str(url_unescape(path))
