"""Tool calls that a model wrote into its text, in the notation of whatever template it was trained with."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from ...ports.model import ToolRequest
from .arguments import read_arguments
from .lenient_json import as_json, decoder
from .names import tool_name

_BETWEEN = re.compile(
    r"(?:\s|,|;"
    r"|</?(?:tool_calls?|toolcall|function_calls?|tool_use|tools|minimax:tool_call)>"
    r"|\[/?(?:TOOL_CALLS|AVAILABLE_TOOLS|TOOL_REQUEST|END_TOOL_REQUEST)\]"
    r"|<\|/?[\w ]+\|?>|<｜[^｜<>]{1,40}｜>"
    r"|```+[ \t]*\w*(?=\W|$)|functions?(?=<｜))*",
    re.IGNORECASE,
)
_XML = re.compile(
    r"<(?P<tag>function|invoke|tool)(?:=|\s+name\s*=\s*)[\"']?(?P<name>[\w.:-]+)[\"']?\s*>(?P<body>.*?)</(?P=tag)>",
    re.DOTALL,
)
_PARAMETER = re.compile(
    r"<(?P<tag>parameter|param|arg)(?:=|\s+name\s*=\s*)[\"']?(?P<name>[\w.-]+)[\"']?[^>]*>(?P<value>.*?)</(?P=tag)>",
    re.DOTALL,
)
_PAIR = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)
_PAIRS = re.compile(r"(?P<name>[\w.:-]+)\s*(?P<body>(?:<arg_key>.*?</arg_value>\s*)+)", re.DOTALL)
_NAMED = re.compile(
    r"(?:function\s*)?(?P<name>[A-Za-z_][\w.:-]*)\s*"
    r"(?:\[CALL_ID\]\s*\w+\s*)?(?:\[ARGS\]|<\|[\w ]+\|>|<｜[^｜<>]{1,40}｜>|```\w*|\(|\s)*(?=\{)"
)
_PYTHON = re.compile(r"\[?\s*(?:print\()?\s*[A-Za-z_][\w.]*\(")
_NAME_KEYS = ("name", "tool_name", "tool", "function_name", "function", "recipient_name", "action")
_ARGS_KEYS = ("arguments", "parameters", "args", "input", "tool_input", "action_input", "params", "kwargs")
_NAME_IN_BROKEN = re.compile(r"""["'](?:name|tool|tool_name)["']\s*:\s*["']([\w.:-]+)["']|<function=([\w.:-]+)>""")

Found = tuple[list[ToolRequest], str]


def written_calls(text: str, tools: Collection[str]) -> Found:
    """The calls at the beginning of the text, and the text behind them; only `tools` can be called."""
    calls: list[ToolRequest] = []
    rest = text
    while True:
        found = _next(_BETWEEN.sub("", rest, count=1), tools)
        if found is None:
            return calls, _BETWEEN.sub("", rest, count=1) if calls else text
        calls += found[0]
        rest = found[1]


def cut_off_call(text: str, tools: Collection[str]) -> ToolRequest | None:
    """The call that the text began and did not end, with arguments that cannot be read."""
    named = _NAME_IN_BROKEN.search(text)
    name = tool_name(named[1] or named[2], tools) if named else ""
    return ToolRequest(tool=name, raw_args=text, args=None) if name in tools else None


def _next(text: str, tools: Collection[str]) -> Found | None:
    for read in (_xml, _pairs, _json, _named, _python):
        found = read(text)
        if found is None:
            continue
        named, rest = found
        calls = [_request(name, args, tools) for name, args in named]
        if calls and all(call.tool in tools for call in calls):
            return calls, rest
    return None


_Named = list[tuple[str, Any]]


def _xml(text: str) -> tuple[_Named, str] | None:
    found = _XML.match(text)
    if found is None:
        return None
    named = {each["name"]: _trimmed(each["value"]) for each in _PARAMETER.finditer(found["body"])}
    return [(found["name"], named or found["body"])], text[found.end() :]


def _pairs(text: str) -> tuple[_Named, str] | None:
    found = _PAIRS.match(text)
    if found is None:
        return None
    return [(found["name"], {key.strip(): value for key, value in _PAIR.findall(found["body"])})], text[found.end() :]


def _json(text: str) -> tuple[_Named, str] | None:
    if text[:1] not in ("{", "["):
        return None
    value, rest = _decoded(text)
    named = list(_calls_in(value))
    return (named, rest) if named else None


def _named(text: str) -> tuple[_Named, str] | None:
    found = _NAMED.match(text)
    if found is None:
        return None
    value, rest = _decoded(text[found.end() :])
    return ([(found["name"], value)], rest.removeprefix(")")) if isinstance(value, dict) else None


def _python(text: str) -> tuple[_Named, str] | None:
    """`[read_cell(cell_id="c1")]`, as Llama 4 and Gemma write it; only literals are read, and nothing is run."""
    if not _PYTHON.match(text):
        return None
    code, fence, rest = text.partition("\n```")
    try:
        body = ast.parse(code.strip()).body
        named = [call for statement in body for call in _python_calls(statement)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return (named, fence + rest) if named and len(named) >= len(body) else None


def _python_calls(statement: ast.stmt) -> Iterator[tuple[str, Any]]:
    value = statement.value if isinstance(statement, ast.Expr) else None
    for call in value.elts if isinstance(value, ast.List) else [value]:
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "print" and call.args:
            call = call.args[0]
        if isinstance(call, ast.Call) and not call.args:
            yield ast.unparse(call.func), {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}


def _decoded(text: str) -> tuple[Any, str]:
    for written in (text, as_json(text)):
        try:
            value, end = decoder.raw_decode(written)
        except (ValueError, RecursionError):
            continue
        return value, written[end:]
    return None, text


def _calls_in(value: Any) -> Iterator[tuple[str, Any]]:
    """The calls that a JSON value speaks of; none when it is about something else."""
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            continue
        if isinstance(each.get("tool_calls"), list):
            yield from _calls_in(each["tool_calls"])
        elif isinstance(each.get("function"), dict):
            yield from _calls_in(each["function"])
        elif isinstance(name := next((each[key] for key in _NAME_KEYS if key in each), None), str):
            args = next((each[key] for key in _ARGS_KEYS if key in each), None)
            if args is not None or len(each) == 1:
                yield name, args or {}


def _request(name: str, args: Any, tools: Collection[str]) -> ToolRequest:
    if isinstance(args, str):
        read = read_arguments(args)[0]
        return ToolRequest(tool=tool_name(name, tools), raw_args=args, args=read.value)
    return ToolRequest(
        tool=tool_name(name, tools), raw_args=json.dumps(args), args=args if isinstance(args, dict) else None
    )


def _trimmed(value: str) -> str:
    return value.removeprefix("\n").removesuffix("\n")
