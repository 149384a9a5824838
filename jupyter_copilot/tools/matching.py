"""Searching texts line by line, with regular expressions that cannot hold up the server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence

from msgspec import Struct

from ..errors import ToolError

TIMEOUT_S = 5.0

# A model's regular expression may take for ever, and `re` cannot be stopped: so it runs where it can be killed.
_SEARCH = """\
import json, re, sys
pattern, texts = json.load(sys.stdin)
try:
    compiled = re.compile(pattern, re.IGNORECASE)
except (re.error, OverflowError, RecursionError) as error:
    sys.exit(str(error))
lines = [(i, n, line) for i, text in enumerate(texts) for n, line in enumerate(text.splitlines(), 1)]
json.dump([found for found in lines if compiled.search(found[2])], sys.stdout)
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
    if not regex:
        wanted = query.casefold()
        return [match for match in _lines(texts) if wanted in match.text.casefold()]
    return await asyncio.to_thread(_search_apart, query, list(texts))


def _lines(texts: Sequence[str]) -> list[Match]:
    return [
        Match(index, number, line)
        for index, text in enumerate(texts)
        for number, line in enumerate(text.splitlines(), 1)
    ]


def _search_apart(pattern: str, texts: list[str]) -> list[Match]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _SEARCH],
            input=json.dumps([pattern, texts]),
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
    return [Match(index, line, text) for index, line, text in json.loads(done.stdout)]
