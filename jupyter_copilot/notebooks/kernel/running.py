"""Running one cell: the source goes to the kernel, and what comes back goes into the notebook and to who watches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from ...core.permissions.locks import lock_of
from ...ports.notebook import KERNEL_ENDED, Cell, NextInput, OnOutput, RunOutcome
from ...protocol import Output
from ...protocol.errors import CellLocked, CellNotFound, KernelError, NotebookError, StaleCells
from ..stamps import RunState
from .kernel import NotebookKernel
from .output_writer import OutputWriter, Turns
from .outputs import Append, OutputArea, OutputEdit, error_output, pieces_of
from .payloads import NextCode, read_payloads


class RunningCell(Protocol):
    """The place in a notebook where the outputs of a run go."""

    async def begin(self) -> str:
        """Mark the cell as running, without outputs, and return its source.

        Raises `CellNotFound`, `StaleCells` or `NotebookError`, and then nothing runs.
        """

    async def write(self, edits: Sequence[OutputEdit], outputs: list[dict[str, Any]]) -> None:
        """Take over these edits, after which the cell's outputs are `outputs`."""

    async def finish(self, state: RunState, outputs: list[dict[str, Any]], execution_count: int | None) -> None:
        """Mark how the run ended, and return once it is where saving will find it."""

    async def put_next(self, text: str, replace: bool) -> str | None:
        """Put code in the place of the cell's, or into a new cell below it.

        Returns the id of the cell that has it, or None when the cell is gone.
        """


async def run_cell(
    kernel: NotebookKernel,
    kernel_name: str | None,
    place: RunningCell,
    cell_id: str,
    exec_id: str,
    on_output: OnOutput,
    timeout_s: float | None,
) -> RunOutcome:
    """Run a cell to its end, and return how it ended; `exec_id` is the message id that the kernel sees.

    The notebook is marked only when the kernel is free, so that a run that never began leaves no trace. Raises what
    `begin` raises, `KernelError` when the kernel dies, and `InDoubt` when it cannot be stopped.
    """
    async with kernel.connect(await kernel.start(kernel_name)) as connection:
        await connection.free()
        area = OutputArea()
        writer, turns = OutputWriter(place.write, area.outputs), Turns()

        async def receive(message: dict[str, Any]) -> None:
            await turns.give_way()
            writer.add(area.add(message))
            for piece in pieces_of(message, cell_id):
                on_output(piece)

        source = await place.begin()
        try:
            reply = await connection.execute(source, exec_id, receive, cell_id=cell_id, timeout_s=timeout_s)
            if reply.status == "aborted":
                raise KernelError("The kernel skipped the cell.", hint="An earlier cell failed; run it again.")
        except KernelError as error:
            failed = error_output("KernelError", error.message)
            area.outputs.append(failed)
            writer.add([Append(failed)])
            await writer.flush()
            await place.finish("error", area.outputs, None)
            raise
        except asyncio.CancelledError:
            await writer.flush()
            await place.finish("interrupted" if connection.idle else "running", area.outputs, None)
            raise
        asked = read_payloads(reply.payload)
        for page in asked.pages:
            await receive({"msg_type": "display_data", "content": {"data": page, "metadata": {}}})
        await writer.flush()
        await place.finish(reply.status, area.outputs, reply.execution_count)
        next_input = None if asked.next_code is None else await _put_next(place, asked.next_code)
        if asked.ends_kernel:
            on_output(Output(kind="stderr", text=f"{KERNEL_ENDED}\n", cell_id=cell_id))
            await connection.ended()
    return RunOutcome(
        cell_id=cell_id,
        status=reply.status,
        outputs=area.outputs,
        execution_count=reply.execution_count,
        next_input=next_input,
        kernel_ended=asked.ends_kernel,
        notes=asked.notes,
    )


async def _put_next(place: RunningCell, code: NextCode) -> NextInput | None:
    cell_id = await place.put_next(code.text, code.replace)
    return None if cell_id is None else NextInput(cell_id, code.replace)


def runnable(cells: Sequence[Cell], cell_id: str, expected: str | None) -> Cell:
    """The code cell with this id and version. Raises `CellNotFound`, `StaleCells`, `CellLocked`, or if not code."""
    cell = next((cell for cell in cells if cell.cell_id == cell_id), None)
    if cell is None:
        raise CellNotFound(cell_id)
    if expected is not None and cell.version != expected:
        raise StaleCells({cell_id: cell.version})
    if cell.cell_type != "code":
        raise NotebookError(f"Cell {cell_id!r} is {cell.cell_type}, not code.", code="not_code")
    if lock_of(cell.metadata) == "locked":
        raise CellLocked(cell_id, "locked")
    return cell
