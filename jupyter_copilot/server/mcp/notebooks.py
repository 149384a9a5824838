"""The notebooks of a server for an agent from outside: as far as the person who let it in sees and may make them."""

from __future__ import annotations

from collections import deque
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from tornado import web

from ...protocol.errors import CopilotError
from ..identity import may

MOST_LISTED, MOST_FOLDERS = 200, 500


class Shelf:
    """Jupyter's own contents, asked on behalf of a person who is not here."""

    def __init__(self, handler: JupyterHandler, user: Any) -> None:
        self._handler = handler
        self._contents: Any = handler.contents_manager
        self._user = user

    async def check(self, action: str) -> None:
        """Whether the person may do this to files now. Raises `CopilotError`."""
        if not await may(self._handler, self._user, action, "contents"):
            verb = "see" if action == "read" else "make"
            raise CopilotError(f"The person who let you in may not {verb} notebooks here.", hint="ask people.")

    async def is_free(self, path: str) -> bool:
        """Whether nothing has this path."""
        try:
            return not await ensure_async(self._contents.exists(path))
        except (web.HTTPError, ValueError, OSError):
            return False

    async def listed(self, folder: str) -> str:
        """The notebooks in a folder and below it, those changed last first, and the kernels. Raises `CopilotError`."""
        found: list[tuple[str, str]] = []
        waiting, seen = deque([folder.strip("/")]), 0
        while waiting and seen < MOST_FOLDERS:
            seen += 1
            for entry in await self._entries(waiting.popleft(), is_first=seen == 1):
                if entry["type"] == "directory":
                    waiting.append(entry["path"])
                elif entry["type"] == "notebook":
                    found.append((str(entry["last_modified"]), entry["path"]))
        lines = [path for _, path in sorted(found, reverse=True)[:MOST_LISTED]]
        more = len(found) > MOST_LISTED or bool(waiting)
        told = "\n".join(lines) or "There are no notebooks."
        kernels = ", ".join(sorted(await self._kernels()))
        return f"{told}{chr(10) + 'There are more: name a folder.' if more else ''}\nKernels: {kernels or 'none'}."

    async def _entries(self, folder: str, *, is_first: bool) -> list[dict[str, Any]]:
        try:
            model = await ensure_async(self._contents.get(folder, content=True, type="directory"))
        except (web.HTTPError, ValueError, OSError) as error:
            if is_first:
                raise CopilotError(
                    f"There is no folder {folder!r}.", hint="call list_notebooks without one."
                ) from error
            return []
        entries: list[dict[str, Any]] = model["content"]
        return entries

    async def make(self, path: str, kernel: object) -> str:
        """Make an empty notebook with this kernel, or the server's default; says so. Raises `CopilotError`."""
        await self.check("write")
        if not self._contents.allow_hidden and any(part.startswith(".") for part in path.split("/")):
            raise CopilotError(f"{path!r} would be hidden here.", hint="call open_notebook with another.")
        specs = await self._kernels()
        name = kernel if isinstance(kernel, str) and kernel else self._handler.kernel_manager.default_kernel_name
        if name not in specs:
            known = ", ".join(sorted(specs)) or "none"
            raise CopilotError(f"There is no kernel {name!r}. There are: {known}.", hint="call open_notebook with one.")
        spec = specs[name]["spec"]
        kernelspec = {"name": name, "display_name": spec["display_name"], "language": spec["language"]}
        notebook = {"cells": [], "metadata": {"kernelspec": kernelspec}, "nbformat": 4, "nbformat_minor": 5}
        folder = path.rpartition("/")[0]
        try:
            if folder and not await ensure_async(self._contents.dir_exists(folder)):
                raise CopilotError(
                    f"There is no folder {folder!r}.", hint="call list_notebooks to see which there are."
                )
            await ensure_async(self._contents.save({"type": "notebook", "format": "json", "content": notebook}, path))
        except (web.HTTPError, ValueError, OSError) as error:
            raise CopilotError(
                f"{path!r} could not be made: {error}", hint="call open_notebook with another."
            ) from error
        return f"Made {path!r} with the kernel {spec['display_name']}."

    async def _kernels(self) -> dict[str, Any]:
        specs: dict[str, Any] = await ensure_async(self._handler.kernel_spec_manager.get_all_specs())
        return specs
