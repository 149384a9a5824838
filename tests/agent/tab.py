"""A browser tab as the engine sees it: present, asked for its notebook, and performing what it claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.notebooks.changes import apply_changes
from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.stamps import stamped
from jupyter_copilot.ports.notebook import Cell, Change
from jupyter_copilot.protocol.errors import Rejected, StaleCells
from jupyter_copilot.room.room import Room

from ..builders import ALL, person


class Tab:
    """A tab that does with offers what the test says: claim, start, perform, report, or vanish in between."""

    def __init__(self, room: Room, name: str, cells: Sequence[Cell]) -> None:
        self.room = room
        self.actor = person(name, client=name)
        self.cells = list(cells)
        self.performed: list[str] = []
        self._commands = 0

    def open(self) -> None:
        self.room.presence.join(
            self,
            p.Participant(
                client_id=self.client_id, kind="person", id="1", name="x", surface="lab", document="open"
            ),
        )  # fmt: skip
        self.room.tabs.join(self, self._read, self.client_id)

    def close(self) -> None:
        self.room.presence.leave(self)
        self.room.tabs.leave(self)

    @property
    def client_id(self) -> p.ClientId:
        assert self.actor.client_id is not None
        return self.actor.client_id

    async def _read(self, request_id: str) -> p.ReadReply:
        return p.ReadReply(request_id=request_id, notebook=with_cells({"metadata": {}, "cells": []}, self.cells))

    async def offered(self, call_id: str, type: str = "", fence: int = 0) -> s.Claim:
        """Wait for an offer of this call, under at least this fence."""

        def claim(state: s.RoomState) -> s.Claim | None:
            call = state.calls.get(call_id)
            held = call.claim if isinstance(call, s.CallRunning) else None
            fits = held is not None and held.fence >= fence and held.operation["type"].startswith(type)
            return held if fits else None

        await self.room.wait(lambda state: claim(state) is not None)
        found = claim(self.room.state)
        assert found is not None
        return found

    async def _do(self, command: p.Command) -> None:
        self._commands += 1
        await self.room.submit(command, self.actor, ALL, p.CommandId(f"{self.client_id}.{self._commands}"))

    async def claim(self, call_id: str, fence: int) -> bool:
        """Whether this tab got it."""
        try:
            await self._do(p.ClaimCall(call_id=p.CallId(call_id), fence=fence))
        except Rejected:
            return False
        return True

    async def start(self, call_id: str, fence: int) -> None:
        await self._do(p.RenewClaim(call_id=p.CallId(call_id), fence=fence, started=True))

    async def report(self, call_id: str, fence: int, **result: Any) -> None:
        await self._do(p.ReportCall(call_id=p.CallId(call_id), fence=fence, result=result))

    async def perform(self, call_id: str, type: str = "") -> bool:
        """Claim an offer and, if this tab was first, do it and report."""
        claim = await self.offered(call_id, type)
        if not await self.claim(call_id, claim.fence):
            return False
        await self.start(call_id, claim.fence)
        await self.report(call_id, claim.fence, **self._perform(claim.operation))
        return True

    def _perform(self, operation: p.JsonObject) -> dict[str, Any]:
        self.performed.append(operation["type"])
        if operation["type"] == "apply":
            changes = msgspec.convert(operation["changes"], list[Change])
            try:
                self.cells = apply_changes(self.cells, changes, operation["exec_id"])
            except StaleCells as error:
                return {"status": "stale", "cells": error.cells}
            return {"status": "ok"}
        (place,) = (n for n, each in enumerate(self.cells) if each.cell_id == operation["cell_id"])
        output = {"output_type": "stream", "name": "stdout", "text": "from the tab"}
        self.cells[place] = msgspec.structs.replace(
            self.cells[place],
            outputs=[output],
            execution_count=1,
            metadata=stamped(self.cells[place].metadata, operation["exec_id"], "ok"),
        )
        return {"status": "ok", "outputs": [output], "execution_count": 1}
