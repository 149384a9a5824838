"""The notebook port: read cells, change them against the versions that were read, run them, interrupt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct

from ..protocol import CellType as CellType
from ..protocol import Change as Change
from ..protocol import DeleteCell as DeleteCell
from ..protocol import InsertCell as InsertCell
from ..protocol import MoveCell as MoveCell
from ..protocol import Operation, OperationReport, Output, Right
from ..protocol import SetSource as SetSource
from ..protocol import SetType as SetType

Elsewhere = Literal["file", "tab"]
"""The saved file, or another open tab."""

UNREADABLE = "unreadable"
"""The code of a notebook that Jupyter itself cannot open, so that nobody can work on it before its file is mended."""


def version_of(source: str, cell_type: str = "code") -> str:
    """The version of a cell: a short digest of its type and source, the same in every adapter and in the browser."""
    return hashlib.sha256(f"{cell_type}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


class Cell(Struct, frozen=True, kw_only=True):
    """A cell as it stands: `outputs` are nbformat 4 output objects, `attachments` MIME bundles by name."""

    cell_id: str
    cell_type: CellType
    source: str
    outputs: list[dict[str, Any]] = []
    execution_count: int | None = None
    metadata: dict[str, Any] = {}
    attachments: dict[str, Any] = {}

    @property
    def version(self) -> str:
        """What an edit names as the version that it read."""
        return version_of(self.source, self.cell_type)


class NotebookInfo(Struct, frozen=True, kw_only=True):
    """What a notebook is called, and what runs it; empty where that is not known.

    `gets_ids` says that whoever saves it gives ids to its cells, as its format demands and its file lacks.
    `instructions` are what its metadata say to agents (`copilot_instructions`).
    """

    name: str = ""
    kernel: str = ""
    language: str = ""
    gets_ids: bool = False
    instructions: str = ""


KERNEL_ENDED = "The code ended the kernel: its variables and imports are gone."


class KernelFacts(Struct, frozen=True, kw_only=True):
    """What is known of a notebook's kernel: whether it runs and is busy, and what it says of itself when it is free.

    `runs` maps the number of each run since it started to the `source_digest` of its code; None where it cannot say.
    `packages` are versions of those that are imported.
    """

    running: bool | None = None
    busy: bool = False
    runs: dict[int, str] | None = None
    packages: dict[str, str] = {}


def source_digest(source: str) -> str:
    """A digest of what a kernel was given to run, whatever line feeds end it."""
    return hashlib.sha256(source.rstrip("\n").encode("utf-8", "surrogatepass")).hexdigest()[:12]


class NextInput(Struct, frozen=True):
    """Code that a run put into the notebook, as `%load` does: into a new cell, or in the place of its own."""

    cell_id: str
    replaced: bool


class RunOutcome(Struct, frozen=True, kw_only=True):
    """How running one cell ended; `outputs` are nbformat 4 output objects.

    `kernel_ended` says that the code ended the kernel (`exit()`), `notes` what else it asked for, in sentences.
    """

    cell_id: str
    status: Literal["ok", "error", "interrupted", "timeout"]
    outputs: list[dict[str, Any]] = []
    execution_count: int | None = None
    next_input: NextInput | None = None
    kernel_ended: bool = False
    notes: list[str] = []


OnOutput = Callable[[Output], None]


class Notebook(Protocol):
    """One notebook through whatever holds it at this moment.

    Methods raise `NotebookMissing`, `CellNotFound`, `StaleCells` or `KernelError`, and change nothing when they raise.
    """

    adapter: str
    """`live_document`, `front_end` or `contents`: written into the record of each call."""

    async def read(self) -> list[Cell]:
        """The cells in order, each with an id, as the people who have it open see them."""

    async def describe(self) -> NotebookInfo:
        """Its name, kernel and language, as they were when it was last read through this adapter."""

    async def kernel_facts(self) -> KernelFacts:
        """What is known of its kernel, without waiting for one that is busy."""
        return KernelFacts()

    async def apply(self, changes: Sequence[Change], exec_id: str) -> None:
        """Make all changes or none, stamp them with `exec_id`, and return once they are where saving will find them.

        Raises `StaleCells` when a version differs.
        """

    async def applied(self, exec_id: str) -> bool:
        """Whether changes with this stamp are in the notebook: the probe after a crash."""

    async def forget(self, exec_ids: Collection[str]) -> None:
        """Take out the stamps of these executions and of their runs, as their results are in the log."""

    async def run(
        self,
        cell_id: str,
        exec_id: str,
        on_output: OnOutput,
        timeout_s: float | None,
        expected: str | None = None,
    ) -> RunOutcome:
        """Run the cell on the notebook's kernel, starting one when there is none.

        With `expected`, raises `StaleCells` before anything runs when the cell is not of that version: what people saw
        is what runs. Outputs go into the notebook as they come, and to `on_output`. Cancelling interrupts the kernel.
        """

    async def ran(self, cell_id: str, exec_id: str) -> RunOutcome | None:
        """What became of this execution, if that can be found out: the probe after a crash."""

    async def elsewhere(self, versions: Mapping[str, str]) -> dict[str, list[Elsewhere]]:
        """Where else cells, given by id with the version read here, are not the same: only those that differ."""
        return {}

    async def evaluate(self, code: str, timeout_s: float) -> str:
        """Run code silently on the running kernel, without history or count, and return what it printed.

        Raises `KernelError` when no kernel runs; it never starts one.
        """

    async def interrupt(self) -> None:
        """Interrupt the kernel; nothing happens when there is none."""

    async def restart(self) -> None:
        """Restart the kernel. Raises `KernelError` when there is none."""


class TabView(Struct, frozen=True):
    """The notebook in nbformat's JSON as one tab shows it, unsaved changes included, and the session of the tab."""

    notebook: dict[str, Any]
    session: str | None = None


class FrontEnd(Protocol):
    """The browser tabs that have the notebook open, as the front-end adapter needs them; the room provides it.

    A tab counts only if its person has the `right` that is asked for: what will run is shown by who may run it.
    """

    def is_open(self, right: Right = "write") -> bool:
        """Whether a tab that can act has the notebook open."""

    async def read(self, prefer: str | None, right: Right = "write") -> TabView:
        """The notebook as a tab shows it, that of the session `prefer` if it can be.

        Raises `NotebookError` when no tab answers.
        """

    async def read_others(self, but: str | None) -> list[TabView]:
        """The notebook as other tabs show it than that session's, as far as they answer soon."""

    async def perform(
        self, call_id: str, operation: Operation, on_output: OnOutput, prefer: str | None
    ) -> OperationReport:
        """Have exactly one tab perform the operation of this call, and return what it reported.

        A tab that dies before it begins is replaced. Raises `InDoubt` when it died after, or reported what cannot be
        read, `NotebookError` when none comes. Cancelling withdraws the offer; a tab that has begun a run is told to
        interrupt.
        """


class Notebooks(Protocol):
    """Finds the adapter that is right for a notebook at this moment."""

    async def open(self, call_id: str | None = None, prefer: str | None = None, right: Right = "write") -> Notebook:
        """The notebook through the adapter that fits now; ask again for each call.

        `call_id` is the call on whose behalf it acts, `prefer` the session that asked, `right` what it takes to agree.
        """
