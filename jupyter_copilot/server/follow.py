"""Rooms follow their notebooks: renames, moves and deletions in the contents manager are told to the rooms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server import JUPYTER_SERVER_EVENTS_URI

from ..protocol.errors import CopilotError
from ..room.registry import Rooms
from .paths import NotebookPaths

CONTENTS_EVENTS = f"{JUPYTER_SERVER_EVENTS_URI}/contents_service/v1"


def follow_notebooks(serverapp: Any, rooms: Rooms, paths: NotebookPaths, log: Any) -> Callable[[], None]:
    """Listen to the contents manager from now on; returns how to stop.

    A copy needs nothing: the new notebook has no room, and gets a fresh one when somebody comes.
    """

    async def on_event(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        try:
            await _follow(data, rooms, paths)
        except CopilotError as error:
            log.error("jupyter-collaborative-copilot: the room of %s was not moved: %s", data.get("path"), error)

    listener: Callable[..., Awaitable[None]] = on_event
    serverapp.event_logger.add_listener(schema_id=CONTENTS_EVENTS, listener=listener)
    return lambda: serverapp.event_logger.remove_listener(schema_id=CONTENTS_EVENTS, listener=listener)


async def _follow(data: dict[str, Any], rooms: Rooms, paths: NotebookPaths) -> None:
    match data.get("action"):
        case "rename":
            await rooms.moved(paths.key(data["source_path"]), paths.key(data["path"]))
        case "delete":
            await rooms.deleted(paths.key(data["path"]))
        case _:
            pass
