"""The cells of which the model was told a line at most, as their notebook did not fit into a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ... import protocol as p
from ...ports.notebook import Cell
from .focus import Focus, asked_about


class Outlined(Struct, frozen=True, kw_only=True):
    """The cells that did not fit when the notebook was told with this run, by id, as they were then."""

    run_id: p.RunId = p.RunId("")
    glances: dict[str, tuple[str, int | None, int]] = {}
    """Their versions, last runs, and how many outputs they had."""
    same: frozenset[str] = frozenset()
    """Those that are as they were, and that the model was not told in full since."""
    passed: frozenset[str] = frozenset()
    """Those of them that a request is not about."""

    @staticmethod
    def of(run_id: p.RunId, cells: Sequence[Cell]) -> Outlined:
        """These cells as they are."""
        return Outlined(run_id=run_id, glances={cell.cell_id: _glance(cell) for cell in cells})

    def narrowed(self, seen: Mapping[str, p.ToldCell], cells: Sequence[Cell], focus: Focus) -> Outlined:
        """What a request need not be told again."""
        same = {c.cell_id for c in cells if c.cell_id not in seen and self.glances.get(c.cell_id) == _glance(c)}
        return replace(self, same=frozenset(same), passed=frozenset(same - asked_about(cells, focus)))

    def without_gone(self, cells: Sequence[Cell]) -> Outlined:
        """Only those that are still there."""
        kept = {cell.cell_id for cell in cells}
        return replace(self, glances={cell_id: seen for cell_id, seen in self.glances.items() if cell_id in kept})


def _glance(cell: Cell) -> tuple[str, int | None, int]:
    return cell.version, cell.execution_count, len(cell.outputs)


NONE = Outlined()
