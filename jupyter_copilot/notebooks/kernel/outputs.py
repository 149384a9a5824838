"""A kernel's messages as outputs: of a cell in nbformat's JSON, and in pieces for those who watch."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from ...protocol import Image, Output

JsonObject = dict[str, Any]

MAX_TEXT = 20_000
"""Characters of one piece for those who watch; the notebook gets all of it."""
MAX_IMAGE = 1 << 20
"""Base64 characters of an image for those who watch."""
MAX_STREAM = 4 << 20
"""Characters of stream output that one run may put into the notebook; what follows is dropped, and that is said."""

_IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


class Append(Struct, frozen=True):
    """One more output."""

    output: JsonObject


class Extend(Struct, frozen=True):
    """More text for the stream output at `index`."""

    index: int
    text: str


class Replace(Struct, frozen=True):
    """Another output in the place of the one at `index`."""

    index: int
    output: JsonObject


class Clear(Struct, frozen=True):
    """No outputs any more."""


OutputEdit = Append | Extend | Replace | Clear


class OutputArea:
    """The outputs of one cell while it runs, as a front end would show them."""

    def __init__(self) -> None:
        self.outputs: list[JsonObject] = []
        self._displays: dict[str, list[int]] = {}
        self._clear_next = False
        self._stream_left = MAX_STREAM

    def add(self, message: JsonObject) -> list[OutputEdit]:
        """Take an IOPub message, and return what changed in `outputs`, in order."""
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                return self._stream(content["name"], content["text"])
            case "display_data" | "execute_result" | "error" as kind:
                return self._show(_output(kind, content), _display_id(content))
            case "update_display_data":
                return self._update(content)
            case "clear_output" if content.get("wait"):
                self._clear_next = True
                return []
            case "clear_output":
                return self._clear()
            case _:
                return []

    def _stream(self, name: str, text: str) -> list[OutputEdit]:
        if self._stream_left < 0:
            return []
        self._stream_left -= len(text)
        if self._stream_left < 0:
            kept = text[: self._stream_left]
            text = f"{kept}\n[More than {MAX_STREAM >> 20} MiB of text: the rest was dropped.]\n"
        edits = self._clear_if_due()
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
            return [*edits, Extend(len(self.outputs) - 1, text)]
        return [*edits, *self._show({"output_type": "stream", "name": name, "text": text}, None)]

    def _show(self, output: JsonObject, display_id: str | None) -> list[OutputEdit]:
        edits = self._clear_if_due()
        if display_id is not None:
            self._displays.setdefault(display_id, []).append(len(self.outputs))
        self.outputs.append(output)
        return [*edits, Append(dict(output))]

    def _update(self, content: JsonObject) -> list[OutputEdit]:
        edits: list[OutputEdit] = []
        for index in self._displays.get(_display_id(content) or "", []):
            shown = {**self.outputs[index], "data": content["data"], "metadata": content.get("metadata", {})}
            self.outputs[index] = shown
            edits.append(Replace(index, shown))
        return edits

    def _clear_if_due(self) -> list[OutputEdit]:
        return self._clear() if self._clear_next else []

    def _clear(self) -> list[OutputEdit]:
        self._clear_next = False
        self._displays.clear()
        if not self.outputs:
            return []
        self.outputs.clear()
        return [Clear()]


def pieces_of(message: JsonObject, cell_id: str) -> list[Output]:
    """What those who watch are shown of an IOPub message: text, images and tracebacks, each within limits."""
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            text = _short(content["text"])
            if content["name"] == "stderr":
                return [Output(kind="stderr", text=text, cell_id=cell_id)]
            return [Output(kind="stdout", text=text, cell_id=cell_id)]
        case "display_data" | "execute_result" | "update_display_data":
            return _shown(content["data"], cell_id)
        case "error":
            return [Output(kind="error", text=_short(traceback_of(content)), cell_id=cell_id)]
        case "clear_output":
            return [Output(kind="clear", cell_id=cell_id)]
        case _:
            return []


def traceback_of(error: JsonObject) -> str:
    """An error's traceback as plain text, without the terminal's colours."""
    lines = error.get("traceback") or [f"{error.get('ename', '')}: {error.get('evalue', '')}"]
    return _ANSI.sub("", "\n".join(lines))


def error_output(name: str, message: str) -> JsonObject:
    """An error of our own as a cell's output."""
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}


def _shown(data: JsonObject, cell_id: str) -> list[Output]:
    for mime in _IMAGES:
        picture = data.get(mime)
        if isinstance(picture, str) and len(picture) <= MAX_IMAGE:
            return [Output(kind="image", image=Image(mime=mime, data=picture.replace("\n", "")), cell_id=cell_id)]
    text = data.get("text/plain", "")
    return [Output(kind="result", text=_short(text), cell_id=cell_id)] if text else []


def _output(kind: str, content: JsonObject) -> JsonObject:
    if kind == "error":
        return {"output_type": kind, **{key: content[key] for key in ("ename", "evalue", "traceback")}}
    output = {"output_type": kind, "data": content["data"], "metadata": content.get("metadata", {})}
    if kind == "execute_result":
        output["execution_count"] = content["execution_count"]
    return output


def _display_id(content: JsonObject) -> str | None:
    display_id = content.get("transient", {}).get("display_id")
    return display_id if isinstance(display_id, str) else None


def _short(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    half = MAX_TEXT // 2
    return f"{text[:half]}\n[{len(text) - 2 * half} characters left out]\n{text[-half:]}"
