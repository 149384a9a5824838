"""What a model server complained of: status, code, parameter, words and wait, out of whatever shape it chose."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from msgspec import Struct

MAX_WORDS = 400

_MESSAGE_KEYS = ("message", "detail", "error_description", "msg", "title", "error")
_CODE_KEYS = ("code", "type", "status", "reason")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


class Complaint(Struct, frozen=True, kw_only=True):
    """A server's complaint; `words` is its own text, short enough to be shown, and may be empty.

    `codes` are its machine-readable codes and types in lower case. `status` is the HTTP status, or the one that an
    error inside a stream names. `retry_after_s` is the wait that it asks for in seconds.
    """

    status: int | None = None
    codes: frozenset[str] = frozenset()
    param: str = ""
    words: str = ""
    retry_after_s: float | None = None
    is_page: bool = False

    def says(self, *phrases: str) -> bool:
        """Whether any of these lower-case phrases stands in the words or in one of the codes."""
        texts = (self.words.lower(), *self.codes)
        return any(phrase in text for phrase in phrases for text in texts)


def complaint(status: int | None, body: object, headers: Mapping[str, str], now_ms: int) -> Complaint:
    """Read a complaint from an error's body: an object, a list of objects, a string, JSON in a string, or a web page.

    `headers` are looked up in lower case; `now_ms` is the wall-clock time against which dates are read.
    """
    if isinstance(body, str) and body.lstrip()[:1] in ("{", "["):
        body = _parsed(body)
    parts = list(_objects(body))
    codes = [str(part[key]).lower() for part in parts for key in _CODE_KEYS if isinstance(part.get(key), (str, int))]
    page = isinstance(body, str) and body.lstrip()[:1] == "<"
    wait = retry_after(headers, now_ms)
    return Complaint(
        status=status or next((int(code) for code in codes if code.isdecimal() and 400 <= int(code) <= 599), None),
        codes=frozenset(codes),
        param=next((part["param"] for part in parts if isinstance(part.get("param"), str)), ""),
        words=_shorten(_page_title(body) if page else _words(body)),
        retry_after_s=wait if wait is not None else _wait_in_body(parts),
        is_page=page,
    )


def context_limit(said: Complaint) -> int | None:
    """The number of tokens that the server says it can read, if it names one."""
    found = next(filter(None, (pattern.search(said.words) for pattern in _LIMITS)), None)
    return int(re.sub(r"[^0-9]", "", found[1])) if found else None


_NUMBER = r"(\d[\d,_ ]{2,12}\d|\d{3,9})"
_LIMITS = tuple(
    re.compile(pattern.replace("NUMBER", _NUMBER), re.IGNORECASE)
    for pattern in (
        r"(?:maximum|max|model's)[\w' ]*context (?:length|window|size)[\w ]*?(?: is| of|:|=)?[ (]*NUMBER",
        r"context (?:length|window|size)[^\d]{0,40}NUMBER",
        r"n_ctx\W*NUMBER",
        r"maximum prompt length(?: is)? NUMBER",
        r"max size: NUMBER",
        r"(?:>|exceeds?|must be <=|less than|up to|at most|maximum(?: \w+){0,4}(?: is| of)?)[^\d>]{0,40}NUMBER",
        r"NUMBER(?: tokens?)? (?:maximum|limit)",
    )
)


def retry_after(headers: Mapping[str, str], now_ms: int) -> float | None:
    """The wait in seconds that `retry-after-ms` or `retry-after` (seconds or an HTTP date) ask for; never negative."""
    wait = _seconds(headers.get("retry-after-ms"), scale=0.001)
    wait = wait if wait is not None else _seconds(headers.get("retry-after"))
    return wait if wait is not None else _until(headers.get("retry-after"), now_ms)


def _until(date: str | None, now_ms: int) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date or "").timestamp() - now_ms / 1000)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _seconds(value: str | None, scale: float = 1.0) -> float | None:
    try:
        seconds = float(value or "") * scale
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _objects(body: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The JSON objects in an error's body, outer ones first; Gemini wraps them in a list, and puts `details` inside."""
    if depth > 4:
        return
    if isinstance(body, list):
        for entry in body:
            yield from _objects(entry, depth + 1)
    elif isinstance(body, dict):
        yield body
        for key in ("error", "details", "detail", "innererror", "metadata"):
            yield from _objects(body.get(key), depth + 1)


def _words(body: object) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(filter(None, map(_words, body)))
    if isinstance(body, dict):
        found = (_words(body.get(key)) for key in _MESSAGE_KEYS)
        return next(filter(None, found), "")
    return ""


def _wait_in_body(parts: list[dict[str, Any]]) -> float | None:
    """Gemini's `retryDelay` (`"34s"`) among the details of its errors."""
    delays = (part["retryDelay"] for part in parts if isinstance(part.get("retryDelay"), str))
    return next((_seconds(delay.removesuffix("s")) for delay in delays), None)


def _page_title(page: object) -> str:
    title = _TITLE.search(str(page))
    return title.group(1) if title else ""


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 1] + "…"
