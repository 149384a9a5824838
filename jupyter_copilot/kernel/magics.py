# mypy: disable-error-code="no-untyped-call, untyped-decorator"
"""`%copilot`, `%%copilot` and `%copilot_fix`: the copilot from a cell, by a word."""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from .. import protocol as p
from .ask import PendingAnswer, ask

_TRACEBACK_CHARS = 20_000
_QUESTION = re.compile(r"^%(copilot|copilot_fix)\s+(\S.*\?)\s*$")


def load(shell: Any) -> None:
    """Register the magics and the completion of their options."""
    shell.register_magics(CopilotMagics)
    for name in ("%copilot", "%%copilot", "%copilot_fix"):
        shell.set_hook("complete_command", _complete, re_key=rf"^\s*{name}\b", str_key=name)
    if questions not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(questions)


def questions(lines: list[str]) -> list[str]:
    """Lines that ask the copilot, with the call of the magic written out.

    IPython takes a question mark at the end of a line for a wish for help with the last word. `%copilot?` stays one.
    """
    return [_QUESTION.sub(lambda found: _called(*found.groups()), line) for line in lines]


def _called(magic: str, line: str) -> str:
    return f"get_ipython().run_line_magic({magic!r}, {line!r})\n"


def _complete(shell: Any, event: Any) -> list[str]:
    return ["--thread", "--model", "--wait"]


def _with_options(magic: Any) -> Any:
    """The options that all magics have."""
    for option in (
        argument("--wait", "-w", action="store_true", help="Wait for the whole answer. It cannot run cells meanwhile."),
        argument("--model", "-m", default=None, help="The model that answers; by default the server's."),
        argument("--thread", "-t", default=p.MAIN_THREAD, help="The thread to ask in; by default the main one."),
    ):
        magic = option(magic)
    return magic_arguments()(magic)


@magics_class
class CopilotMagics(Magics):
    """The shared copilot of this notebook."""

    @line_cell_magic
    @_with_options
    @argument("question", nargs="*", help="What to ask.")
    def copilot(self, line: str, cell: str | None = None) -> PendingAnswer:
        """Ask the copilot.

        `%copilot why is cell 4 empty?` asks this. `%%copilot` asks what stands in the cell below it; with a question
        on its first line, the question is about the code in the cell, which is not run.
        """
        options = _options(self.copilot, line)
        question = " ".join(options.question)
        if cell and cell.strip():
            question = f"{question}\n\n```python\n{cell.rstrip()}\n```" if question else cell.strip()
        if not question:
            raise UsageError("%copilot needs a question, such as: %copilot what does this notebook do?")
        return ask(question, thread=options.thread, model=options.model, wait=options.wait)

    @line_magic
    @_with_options
    @argument("hint", nargs="*", help="What to say about the error.")
    def copilot_fix(self, line: str) -> PendingAnswer:
        """Ask the copilot to fix the last error of this kernel; it is told the traceback and the code."""
        options = _options(self.copilot_fix, line)
        problem = _last_error()
        if problem is None:
            raise UsageError("There is no error to fix: nothing has failed in this kernel yet.")
        text = " ".join(options.hint) or "Fix this error."
        return ask(f"{text}\n\n{problem}", thread=options.thread, model=options.model, wait=options.wait)


def _options(magic: Any, line: str) -> Any:
    """The options and the words of a line; quotes and apostrophes are part of the words, as in sentences."""
    return magic.parser.parse_args(line.split())


def _last_error() -> str | None:
    """The last error's traceback without what lies in IPython itself, and the source of the cell that failed."""
    error = getattr(sys, "last_value", None)
    if error is None:
        return None
    steps = [
        step
        for step in traceback.extract_tb(error.__traceback__)
        if "/IPython/" not in step.filename.replace("\\", "/")
    ]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(steps)]
    lines += traceback.format_exception_only(type(error), error)
    said = "".join(lines)[-_TRACEBACK_CHARS:]
    source = "".join(linecache.getlines(steps[0].filename)) if steps else ""
    code = f"The cell:\n```python\n{source.rstrip()}\n```\n\n" if source else ""
    return f"{code}```\n{said.rstrip()}\n```"
