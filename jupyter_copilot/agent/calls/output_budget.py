"""How much of what a call puts out is recorded and shown beside it; the notebook keeps all of it."""

from __future__ import annotations

from ... import protocol as p

MAX_TEXT_CHARS = 500_000
MAX_IMAGE_CHARS = 4 << 20
"""Base64 characters of all pictures together."""
MAX_PIECES = 400
"""Pieces of output; text of one stream that follows on is one."""
NOTE = "\n[More output is in the notebook.]\n"


class OutputBudget:
    """Lets output pass until there is enough of it, and then says once that there is more."""

    def __init__(self) -> None:
        self._text = MAX_TEXT_CHARS
        self._images = MAX_IMAGE_CHARS
        self._pieces = MAX_PIECES
        self._last = ""

    def take(self, output: p.Output) -> p.Output | None:
        """The output if there is room for it, the note if there is none for the first time, else None."""
        if self._is_spent():
            return None
        self._text -= len(output.text)
        self._images -= 0 if output.image is None else len(output.image.data)
        goes_on = output.kind in ("stdout", "stderr") and output.kind == self._last
        self._pieces -= not goes_on
        self._last = output.kind
        return p.Output(kind="stderr", text=NOTE, cell_id=output.cell_id) if self._is_spent() else output

    def _is_spent(self) -> bool:
        return min(self._text, self._images, self._pieces) < 0
