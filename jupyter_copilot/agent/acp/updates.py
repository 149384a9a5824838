"""What an agent says of its tool calls, merged and put into our words: pure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from typing import Any

from msgspec import Struct

from ...protocol import CallResult, Effect, Image, JsonObject, Preview

MAX_TITLE = 200
MAX_CODE = 40_000
MAX_RESULT = 20_000
READS = frozenset({"read", "search", "think"})
_TEXT_KEYS = ("command", "cmd", "script", "query", "url")


class ToolCall(Struct):
    """A call of one of the agent's own tools, as far as it told of it: updates leave out what did not change."""

    id: str
    title: str = ""
    kind: str = "other"
    status: str = "pending"
    raw_input: Any = None
    raw_output: Any = None
    content: list[Any] = []
    locations: list[Any] = []
    meta: Any = None

    def merge(self, told: JsonObject) -> None:
        """Take what an update, or a request for permission, says."""
        self.title = _text(told.get("title")) or self.title
        self.kind = _text(told.get("kind")) or self.kind
        self.status = _text(told.get("status")) or self.status
        self.raw_input = self.raw_input if told.get("rawInput") in (None, {}) else told["rawInput"]
        self.raw_output = self.raw_output if told.get("rawOutput") is None else told["rawOutput"]
        self.meta = self.meta if told.get("_meta") is None else told["_meta"]
        for name in ("content", "locations"):
            if isinstance(told.get(name), list):
                setattr(self, name, told[name])

    @property
    def effect(self) -> Effect:
        """What it does unasked, by the agent's own word: never `edit`, which means this notebook."""
        return "read" if self.kind in READS else "execute"

    @property
    def is_over(self) -> bool:
        """Whether the agent says that it ended."""
        return self.status in ("completed", "failed")

    @property
    def args(self) -> JsonObject:
        """What is recorded as its arguments."""
        given = self.raw_input if isinstance(self.raw_input, dict) else {"input": self.raw_input}
        return {"id": self.id, "kind": self.kind, **({} if self.raw_input is None else {"input": given})}

    def preview(self) -> Preview:
        """What people see of it: a diff where it changes a file, else what it runs."""
        title = " ".join((self.title or self.kind).split())[:MAX_TITLE] or "Use a tool"
        diffs = "\n".join(_diff(part) for part in self._parts("diff"))
        if diffs:
            return Preview(title=title, code=diffs[:MAX_CODE], language="diff")
        code = self._code()
        return Preview(title=title, code=code[:MAX_CODE] or None, language="shell" if code else "python")

    def _code(self) -> str:
        if not isinstance(self.raw_input, dict):
            return _text(self.raw_input)
        for key in _TEXT_KEYS:
            value = self.raw_input.get(key)
            if isinstance(value, list):
                return " ".join(map(str, value))
            if isinstance(value, str):
                return value
        return "\n".join(f"{name}: {value}" for name, value in self.raw_input.items())

    def _parts(self, type: str) -> Iterator[JsonObject]:
        return (part for part in self.content if isinstance(part, dict) and part.get("type") == type)

    def result(self) -> CallResult:
        """What it returned, as text and pictures."""
        texts: list[str] = []
        images: list[Image] = []
        for part in self._parts("content"):
            block = part.get("content")
            block = block if isinstance(block, dict) else {}
            if block.get("type") == "image" and isinstance(block.get("data"), str):
                images.append(Image(mime=_text(block.get("mimeType")) or "image/png", data=block["data"]))
            else:
                texts.append(_text(block.get("text")))
        texts += [_diff(part) for part in self._parts("diff")]
        text = "\n".join(filter(None, texts)) or _output(self.raw_output)
        return CallResult(text=(text or "Done.")[:MAX_RESULT], images=images[:4])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _output(value: object) -> str:
    if isinstance(value, dict):
        for key in ("output", "stdout", "formatted_output", "text", "error"):
            if isinstance(value.get(key), str):
                return str(value[key])
        return ""
    return _text(value)


def _diff(part: JsonObject) -> str:
    path = _text(part.get("path"))
    old, new = _text(part.get("oldText")).splitlines(), _text(part.get("newText")).splitlines()
    return "\n".join(unified_diff(old, new, path, path, lineterm=""))


def is_of_server(call: ToolCall, told: JsonObject, server: str) -> bool:
    """Whether a call is one of our own tools, which the room asks about by itself.

    Only names that the agent's program gives count, never titles, which its model writes.
    """
    for meta in (call.meta, told.get("_meta")):
        if any(server in name for name in _names(meta)):
            return True
    if call.id.startswith(f"mcp_{server}_") or call.id.startswith(f"mcp__{server}__"):
        return True
    asked = meta_flag(call.meta) or meta_flag(told.get("_meta"))
    return asked and isinstance(call.raw_input, dict) and call.raw_input.get("server") == server


def meta_flag(meta: object) -> bool:
    """Whether an agent marks a request as one for a tool of a server."""
    return isinstance(meta, dict) and meta.get("is_mcp_tool_call") is True


def _names(meta: object) -> Iterator[str]:
    """The names of tools and servers in what an agent's program adds to a call."""
    if not isinstance(meta, dict):
        return
    for key in ("toolName", "tool_name", "mcpServer", "server"):
        value = meta.get(key)
        value = value.get("name") if isinstance(value, dict) else value
        if isinstance(value, str):
            yield value
    for value in meta.values():
        if isinstance(value, dict):
            yield from _names(value)


def goes_for(call: ToolCall, paths: Iterable[str], folder: str) -> bool:
    """Whether a call may write one of these files: it names one, and is not plainly a read."""
    wanted = {os.path.realpath(path) for path in paths}
    if not wanted:
        return False
    writes = call.kind not in READS or any(True for _ in call._parts("diff"))
    if not writes:
        return False
    named = [*_strings(call.locations), *_strings([part.get("path") for part in call._parts("diff")])]
    named += list(_strings(call.raw_input))
    for text in named:
        if len(text) < 4096 and "\n" not in text and _resolved(text, folder) in wanted:
            return True
        if any(os.path.basename(path) in text for path in wanted) and call.kind == "execute":
            return True
    return False


def _resolved(text: str, folder: str) -> str:
    path = text.removeprefix("file://")
    try:
        real = os.path.realpath(os.path.join(folder, os.path.expanduser(path)))
    except (OSError, ValueError):
        return ""
    head, name = os.path.split(real)
    # The checkpoints of a notebook are as good as its file.
    if os.path.basename(head) == ".ipynb_checkpoints":
        return os.path.join(os.path.dirname(head), name.replace("-checkpoint", ""))
    return real


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
