"""What models write instead of JSON: fences, quotes of other kinds, trailing commas, Python's words, comments."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MAX_CHARS = 1_000_000
_FENCED = re.compile(r"\s*(```+|~~~+)[ \t]*\w*[ \t]*\n(.*?)\n?[ \t]*\1\s*", re.DOTALL)
_TOKEN = re.compile(
    r'"""(?P<triple>(?:[^\\]|\\.)*?)"""'
    r'|"(?P<double>(?:[^"\\]|\\.)*)"'
    r"|'(?P<single>(?:[^'\\]|\\.)*)'"
    r"|\u201c(?P<curly>(?:[^\u201c\u201d\\]|\\.)*)\u201d"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/|\#[^\n]*)"
    r"|(?P<comma>,)(?=(?:\s|//[^\n]*(?:\n|$)|\#[^\n]*(?:\n|$))*[}\]])"
    r"|(?P<key>[A-Za-z_$][\w$]*)(?=\s*:)|(?P<word>[A-Za-z_$][\w$]*)"
    r"|[\"'].*",  # a string without end takes all the rest, so that reading takes linear time
    re.DOTALL,
)
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


# `strict=False` lets line ends and tabs stand inside strings, as small models like to write them.
decoder = json.JSONDecoder(strict=False, parse_constant=_refuse)


def unfenced(text: str) -> str:
    """What stands in a code fence, when the text is nothing but one; else the text."""
    fenced = _FENCED.fullmatch(text)
    return fenced[2] if fenced else text


def as_json(text: str) -> str:
    """The text with what is near to JSON written as JSON; text that is not comes out as something that is not either.

    Nothing is completed: what was cut off stays cut off.
    """
    return _TOKEN.sub(_written, unfenced(text)) if len(text) <= MAX_CHARS else text


def loads(text: str) -> Any:
    """The value of a text that is JSON or near to it. Raises `ValueError`."""
    try:
        return decoder.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ValueError:
        pass
    try:
        return decoder.decode(as_json(text).strip())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _written(token: re.Match[str]) -> str:
    match token.lastgroup:
        case "triple" | "single" | "curly":
            return json.dumps(_ESCAPE.sub(_unescaped, token[token.lastgroup]), ensure_ascii=False)
        case "comment" | "comma":
            return ""
        case "key":
            return f'"{token[0]}"'
        case "word":
            return _WORDS.get(token[0], token[0])
        case _:
            return token[0]


def _unescaped(escape: re.Match[str]) -> str:
    if code := escape[1] or escape[2]:
        return chr(int(code, 16))
    return _ESCAPES.get(escape[3], escape[3])
