"""Why a notebook could not be read or saved, in a sentence for people: no path of the server's, nothing of Python's."""

from __future__ import annotations

import errno
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ..ports.notebook import UNREADABLE
from ..protocol.errors import NotebookError, NotebookMissing
from .services import Contents

log = logging.getLogger(__name__)

_CONFLICT = re.compile(r"<<<<<<< .*^=======\r?$.*^>>>>>>> ", re.DOTALL | re.MULTILINE)
_MEND = "Mend the file, for instance from a checkpoint or from version control, then ask again."


def missing(path: str) -> NotebookMissing:
    """There is no such file."""
    return NotebookMissing(f"There is no notebook {path!r}.", hint="It may have been renamed or deleted.")


async def not_read(contents: Contents, path: str, error: Exception) -> NotebookError:
    """What `contents` raised when it was to read this notebook, in words; it looks into the file for that."""
    status = error.status_code if isinstance(error, HTTPError) else None
    if status == 404:
        return missing(path)
    if status == 403:
        return NotebookError(f"The notebook {path!r} may not be read by this server.", code="forbidden")
    if status is not None and status != 400:
        log.error("The notebook %s could not be read", path, exc_info=error)
        return NotebookError(f"The notebook {path!r} could not be read.", hint="The server's log says why.")
    try:
        model = await ensure_async(contents.get(path, content=True, type="file", require_hash=False))
    except Exception:
        model = {}
    text = model.get("content") if model.get("format") == "text" else None
    return NotebookError(f"The notebook {path!r} cannot be opened: {why(text)}.", code=UNREADABLE, hint=_MEND)


def not_saved(path: str, error: Exception) -> NotebookError:
    """What the contents manager raised when it was to save this notebook, in words."""
    status = error.status_code if isinstance(error, HTTPError) else None
    if status == 404:
        return missing(path)
    if status == 403:
        return NotebookError(f"The notebook {path!r} may not be written by this server.", code="forbidden")
    return _not_written(f"The notebook {path!r} could not be saved", error)


def not_stored(path: str, error: Exception) -> NotebookError:
    """What the store of a shared document raised when it was to hold this notebook, in words."""
    return _not_written(f"The shared notebook {path!r} could not be stored", error)


_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def _not_written(what: str, error: Exception) -> NotebookError:
    codes = {each.errno for each in _chain(error) if isinstance(each, OSError)}
    if codes & _FULL:
        return NotebookError(f"{what}: the disk is full.", hint="Free some space, then ask again.")
    if errno.EROFS in codes:
        return NotebookError(f"{what}: its disk can only be read.", hint="Make it writable, then ask again.")
    log.error("%s", what, exc_info=error)
    return NotebookError(f"{what}.", hint="The server's log says why.")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came of, as Jupyter wraps what the system says."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def why(text: str | None) -> str:
    """What is wrong with the text of a notebook's file that Jupyter does not open; None when it is no text."""
    if text is None:
        return "its file is not text in UTF-8"
    if not text.strip():
        return "its file is empty"
    if text.startswith("\ufeff"):
        return "its file begins with a byte order mark, which Jupyter does not take"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        if _CONFLICT.search(text):
            return "its file has an unresolved merge conflict"
        place = f", at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        return f"its file is damaged, as it is not valid JSON{place}"
    return _flaw(found)


def _flaw(found: Any) -> str:
    if not isinstance(found, dict):
        return "its file holds no notebook"
    if isinstance(found.get("nbformat"), int) and found["nbformat"] > 4:
        return f"it is of format {found['nbformat']}, which is newer than this server's Jupyter"
    cells = found.get("cells")
    if "nbformat" in found and not isinstance(cells, list) and "worksheets" not in found:
        return "its file has no list of cells"
    if "nbformat" not in found:
        return "its file holds no notebook"
    if not isinstance(found.get("metadata"), dict):
        return "the metadata of the notebook is missing in its file"
    for number, cell in enumerate(cells or [], 1):
        flaw = _flaw_of_cell(cell)
        if flaw:
            return f"in its file, cell {number} {flaw}"
    return "its file lacks something that Jupyter needs"


def _flaw_of_cell(cell: Any) -> str:
    if not isinstance(cell, dict):
        return "is no cell"
    if "cell_type" not in cell:
        return "has no type"
    if not isinstance(cell.get("metadata"), dict):
        return "has no metadata"
    if cell["cell_type"] == "code" and not _are_outputs(cell.get("outputs", [])):
        return "has no list of outputs"
    try:
        json.dumps(cell, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "has half of a character (a lone surrogate), which cannot be saved"
    return ""


def _are_outputs(outputs: Any) -> bool:
    return isinstance(outputs, list) and all(isinstance(output, dict) for output in outputs)
