"""What the cells of notebooks without ids are called, agreed on with the tabs that have one open."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct
from tornado import web

from ..core import state as s
from ..notebooks.cell_ids import CellIds
from ..ports.notebook import version_of
from ..protocol.errors import Rejected
from ..room.room import Room
from .rest import CopilotHandler, authorised


class RoomCellIds:
    """The `CellIds` of each open room's notebook."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[Room, CellIds] = WeakKeyDictionary()

    def of(self, room: Room) -> CellIds:
        """Those of this room, the same each time."""
        found = self._of.get(room)
        if found is None:
            state = room.state
            found = self._of[room] = CellIds(lambda: recorded(state))
        return found


def recorded(state: s.RoomState) -> dict[str, str]:
    """The id of the cell that a call left with a version, as far as the log's state still knows."""
    return {
        version_of(diff.after, diff.cell_type): diff.cell_id
        for call in state.calls.values()
        if isinstance(call, s.CallDone) and call.effect != "read" and not call.is_error
        for diff in call.preview.cells
        if diff.after is not None
    }


class ShownCells(Struct, frozen=True, forbid_unknown_fields=True):
    """The cells that a tab shows, in order: their versions, and what the tab calls them if it knows already."""

    versions: list[str]
    ids: list[str] | None = None


class CellIdsHandler(CopilotHandler):
    """`POST …/notebooks/<path>/cell_ids`: agree on what the cells of a notebook are called whose file has no ids."""

    cell_ids: RoomCellIds

    def initialize(self, services: object, cell_ids: RoomCellIds) -> None:  # type: ignore[override]
        """Take the extension's services, and the ids of all rooms."""
        super().initialize(services)  # type: ignore[arg-type]
        self.cell_ids = cell_ids

    @web.authenticated
    @authorised
    async def post(self, path: str) -> None:
        """Answer the ids of the cells; those that the tab names are everybody's from now on."""
        if not self.visitor.may_show_documents:
            raise Rejected("forbidden", "This takes the right to write.")
        try:
            shown = msgspec.json.decode(self.body, type=ShownCells)
        except msgspec.MsgspecError as error:
            raise Rejected("bad_frame", f"The cells cannot be read: {error}.") from error
        ids = self.cell_ids.of(await self.room_at(path))
        if shown.ids is None:
            self.answer({"ids": ids.named(shown.versions)})
            return
        if len(set(shown.ids)) != len(shown.versions) or len(shown.ids) != len(shown.versions):
            raise Rejected("bad_frame", "Each cell needs an id of its own.")
        ids.learn(shown.ids, shown.versions)
        self.answer({"ids": shown.ids})
