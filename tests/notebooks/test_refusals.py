"""What Jupyter does not open is said in a sentence for people, without paths of the server and names of Python."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tornado.web import HTTPError

from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.notebooks.refusals import not_saved
from jupyter_copilot.ports.notebook import UNREADABLE
from jupyter_copilot.protocol.errors import NotebookError

from .conftest import PATH

CELL: dict[str, Any] = {
    "id": "c",
    "cell_type": "code",
    "source": "x",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
}
CONFLICT = '{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> other\n]}'


def notebook(*cells: Any, **fields: Any) -> str:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields})


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "its file is empty"),
    "only white space": (" \n", "its file is empty"),
    "merge conflict": (CONFLICT, "its file has an unresolved merge conflict"),
    "merge conflict, CRLF": (CONFLICT.replace("\n", "\r\n"), "its file has an unresolved merge conflict"),
    "merge conflict within a line": (
        '{"cells": [{"source": <<<<<<< HEAD\n"a"\n=======\n"b"\n>>>>>>> other\n}]}',
        "its file has an unresolved merge conflict",
    ),
    "half a file": (notebook(CELL)[:60], "its file is damaged, as it is not valid JSON, at line 1"),
    "other text": ("hello", "its file is damaged, as it is not valid JSON, at line 1"),
    "not UTF-8": (notebook(CELL).encode("utf-16"), "its file is not text in UTF-8"),
    "byte order mark": (
        b"\xef\xbb\xbf" + notebook().encode(),
        "its file begins with a byte order mark, which Jupyter does not take",
    ),
    "a list": ("[1, 2]", "its file holds no notebook"),
    "an object": ("{}", "its file holds no notebook"),
    "null cells": (notebook(cells=None), "its file has no list of cells"),
    "a newer format": (notebook(nbformat=5), "it is of format 5, which is newer than this server's Jupyter"),
    "no metadata": (notebook(metadata=None), "the metadata of the notebook is missing in its file"),
    "null cell": (notebook(CELL, None), "in its file, cell 2 is no cell"),
    "no type": (notebook({"source": "x", "metadata": {}}), "in its file, cell 1 has no type"),
    "null metadata of a cell": (notebook({**CELL, "metadata": None}), "in its file, cell 1 has no metadata"),
    "null outputs": (notebook({**CELL, "outputs": None}), "in its file, cell 1 has no list of outputs"),
    "text as output": (notebook({**CELL, "outputs": ["x"]}), "in its file, cell 1 has no list of outputs"),
    "lone surrogate": (
        notebook(CELL, {**CELL, "id": "d", "source": "\ud83d"}),
        "in its file, cell 2 has half of a character (a lone surrogate), which cannot be saved",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_file_that_is_no_notebook_is_refused_in_plain_words(
    picker: NotebookPicker, file: Path, content: str | bytes, why: str
) -> None:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    opened = await picker.open()
    with pytest.raises(NotebookError) as caught:
        await opened.read()
    assert caught.value.code == UNREADABLE
    assert caught.value.message == f"The notebook {PATH!r} cannot be opened: {why}."
    assert str(file.parent) not in str(caught.value)
    assert not re.search(r"Error|Traceback|NoneType|object", str(caught.value))
    assert file.read_bytes() == (content if isinstance(content, bytes) else content.encode())


def _wrapped(code: int) -> HTTPError:
    """What the contents manager makes of an error of the system."""
    try:
        try:
            raise OSError(code, "whatever the system says of /srv/secret/nb.ipynb")
        except OSError as error:
            raise HTTPError(500, f"Unexpected error while saving file: {error}") from error
    except HTTPError as error:
        return error


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "could not be saved: the disk is full. Free some space, then ask again."),
        (errno.EROFS, "could not be saved: its disk can only be read. Make it writable, then ask again."),
    ],
)
def test_a_disk_that_takes_nothing_is_told_as_such_and_without_its_paths(code: int, why: str) -> None:
    told = not_saved(PATH, _wrapped(code))
    assert f"{told.message} {told.hint}" == f"The notebook {PATH!r} {why}"


def test_what_is_said_to_stand_in_the_log_stands_there(caplog: pytest.LogCaptureFixture) -> None:
    told = not_saved(PATH, _wrapped(errno.EIO))
    assert told.hint == "The server's log says why." and "/srv/secret" not in told.message
    assert "/srv/secret" in caplog.text
