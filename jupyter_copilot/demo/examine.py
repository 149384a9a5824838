"""Steps that the skills for errors share: which cell failed, and what exists around it."""

from __future__ import annotations

from .cells import CellView, Trouble, read_cells
from .code import needed
from .conversation import DemoRequest
from .fixes import Case
from .look import Look, Scene
from .outcome import Call
from .script import ScriptStep
from .variables import read_files, read_frame


def failed_cell(request: DemoRequest, scene: Scene) -> CellView | None:
    """The cell in question if it failed, else the last one that did."""
    asked = scene.cell(request)
    if asked is not None and asked.trouble is not None:
        return asked
    return next((cell for cell in reversed(scene.cells) if cell.trouble is not None), None)


def examine(cell: CellView, scene: Scene) -> Look[Case]:
    """The cell as it stands now, and what it works with: all that one step can find out."""
    frames = [v.name for v in scene.variables if v.is_frame and v.name in needed(cell.source)]
    files = [Call("list_files")] if cell.trouble and cell.trouble.name == "FileNotFoundError" else []
    looks = [*(Call("inspect_variable", {"name": name}) for name in frames), *files]
    read, *shown = yield ScriptStep(
        thought=f"I read {cell.name} with its whole traceback" + (", and what it works with." if looks else "."),
        calls=[Call("read_cell", {"cell_id": cell.cell_id}), *looks],
    )
    now = next(iter(read_cells(read.result)), cell)
    data = [read_frame(str(o.call.args["name"]), o.result) for o in shown if o.call.name == "inspect_variable"]
    return Case(
        source=now.source,
        trouble=now.trouble or cell.trouble or Trouble(name="", value="", traceback=""),
        names=frozenset(scene.known),
        columns=[name for frame in data if frame is not None for name in frame.names],
        files=[path for o in shown if o.call.name == "list_files" for path in read_files(o.result)],
    )
