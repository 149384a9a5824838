"""Searching texts line by line, with regular expressions that cannot hold up the server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence

from msgspec import Struct

from ....protocol.errors import ToolError
from ...render.data import lines_of

TIMEOUT_S = 5.0

# A model's regular expression may take for ever, and `re` cannot be stopped: so it runs where it can be killed.
_SEARCH = """\
import json, re, sys
pattern, lines = json.load(sys.stdin)
try:
    compiled = re.compile(pattern, re.IGNORECASE)
except (re.error, OverflowError, RecursionError) as error:
    sys.exit(str(error))
json.dump([place for place, line in enumerate(lines) if compiled.search(line)], sys.stdout)
"""


class Match(Struct, frozen=True):
    """A line that was found: the text it is in, its number from 1, and what it says."""

    index: int
    line: int
    text: str


async def search(query: str, texts: Sequence[str], regex: bool) -> list[Match]:
    """The lines that contain the query, or match it as a regular expression, whatever their case.

    Raises `ToolError` for an expression that is wrong or takes longer than `TIMEOUT_S`.
    """
    lines = [
        Match(index, number, line) for index, text in enumerate(texts) for number, line in enumerate(lines_of(text), 1)
    ]
    if not regex:
        wanted = query.casefold()
        return [match for match in lines if wanted in match.text.casefold()]
    found = await asyncio.to_thread(_search_apart, query, [match.text for match in lines])
    return [lines[place] for place in found]


def _search_apart(pattern: str, lines: list[str]) -> list[int]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _SEARCH],
            input=json.dumps([pattern, lines]),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError("The regular expression takes too long.", hint="Use a simpler one, or a plain text.") from error
    except subprocess.CalledProcessError as error:
        problem = error.stderr.strip()[-300:]
        raise ToolError(
            f"The regular expression is wrong: {problem}.", hint="Correct it, or search without `regex`."
        ) from error
    places: list[int] = json.loads(done.stdout)
    return places
