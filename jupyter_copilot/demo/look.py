"""Steps that several skills begin with: read the notebook, see what the kernel holds, run what has not run yet."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from .cells import CellView, read_cells
from .code import data_frames, defined, imported, to_run_first
from .conversation import DemoConversation, DemoRequest
from .names import mentioned
from .outcome import Call, Outcome
from .script import ScriptStep
from .variables import Frame, Variable, read_frame, read_variables
from .verdict import mishap

T = TypeVar("T")
Look = Generator[ScriptStep, list[Outcome], T]

_NUMBER = re.compile(r"\bcells?\s*#?\s*(\d+)\b|\bzelle\s*(\d+)\b", re.IGNORECASE)


class Scene(Struct, frozen=True, kw_only=True):
    """What a skill works with: the notebook's cells, and the kernel's variables."""

    cells: list[CellView]
    variables: list[Variable] = []

    @property
    def known(self) -> set[str]:
        """The names that the kernel knows, as far as one can see.

        Imported modules are not listed among its variables: where there are variables, the imports of cells that have
        run count too.
        """
        ran = [cell for cell in self.cells if cell.ran and self.variables]
        return {variable.name for variable in self.variables} | {name for c in ran for name in imported(c.source)}

    @property
    def last_id(self) -> str | None:
        """The id of the last cell; None in an empty notebook."""
        return self.cells[-1].cell_id if self.cells else None

    def cell(self, request: DemoRequest) -> CellView | None:
        """The cell that a request is about: the one that it numbers, or attaches, or comes from."""
        numbers = [int(a or b) for a, b in _NUMBER.findall(request.text)]
        by_number = next((cell for cell in self.cells if cell.number in numbers[:1]), None)
        ids = [*request.cells, request.active_cell]
        return by_number or next((cell for i in ids for cell in self.cells if cell.cell_id == i), None)


def look_around(thought: str, text: str = "") -> Look[Scene]:
    """Read the notebook and list the kernel's variables, in one step."""
    calls = [Call("read_notebook"), Call("inspect_variables")]
    notebook, variables = yield ScriptStep(thought=thought, text=text, calls=calls)
    return Scene(cells=read_cells(notebook.result), variables=read_variables(variables.result))


def find_frame(conversation: DemoConversation, scene: Scene, also: Iterable[str] = ()) -> Look[Frame | None]:
    """The data frame that the request is about, run into being when the kernel does not hold it yet.

    The names in `also` are run into being with it, where cells define them.
    """
    name = _frame_name(conversation.request, scene)
    ready = (yield from run_first(scene, [name, *also])) if name else None
    if name is None or ready is None:
        return None
    [shown] = yield ScriptStep(thought=f"What is in `{name}`?", calls=[Call("inspect_variable", {"name": name})])
    return read_frame(name, shown.result)


def run_first(scene: Scene, wanted: Iterable[str]) -> Look[Scene | None]:
    """Run the cells that define the wanted names and have not run yet; None when that did not go well.

    Returns the scene with the names that are known then. Where nothing has to run, nobody is asked.
    """
    cells = to_run_first(scene.cells, wanted, scene.known)
    if not cells:
        return scene
    [outcome] = yield ScriptStep(
        thought="The kernel does not know all of these names, so the cells that define them have to run first.",
        text=f"The kernel has not run {_listed(cells)} yet, and what comes next needs {_it(cells)}:",
        calls=[Call("run_cells", {"cell_ids": [cell.cell_id for cell in cells]})],
    )
    if mishap(outcome):
        return None
    made = [
        Variable(name=name, type="DataFrame" if name in data_frames(cell.source) else "")
        for cell in cells
        for name in sorted(defined(cell.source))
    ]
    return Scene(cells=scene.cells, variables=[*scene.variables, *made])


def _frame_name(request: DemoRequest, scene: Scene) -> str | None:
    """The frame that is attached or named, else the largest one, else one that a cell would load."""
    frames = sorted((v for v in scene.variables if v.is_frame), key=lambda v: -v.rows)
    in_source = [name for cell in scene.cells if cell.trouble is None for name in sorted(data_frames(cell.source))]
    names = list(dict.fromkeys([*(v.name for v in frames), *in_source]))
    chosen = [name for name in request.variables if name in names] or mentioned(request.text, names) or names
    return chosen[0] if chosen else None


def _it(cells: Sequence[CellView]) -> str:
    return "it" if len(cells) == 1 else "them"


def _listed(cells: Sequence[CellView]) -> str:
    numbers = [str(cell.number) for cell in cells]
    return f"cell {numbers[0]}" if len(numbers) == 1 else f"cells {', '.join(numbers[:-1])} and {numbers[-1]}"
