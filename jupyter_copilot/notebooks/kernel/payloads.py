"""The payloads of an `execute_reply`: what code asks of a front end beside its outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

JsonObject = dict[str, Any]


class NextCode(Struct, frozen=True):
    """Code for people to go on with: in a new cell below, or in the place of the cell that asked (`%load`)."""

    text: str
    replace: bool


class Payloads(Struct, frozen=True, kw_only=True):
    """What they mean: `pages` are bundles to show as outputs, `notes` sentences on what is not done here."""

    pages: list[JsonObject] = []
    next_code: NextCode | None = None
    ends_kernel: bool = False
    notes: list[str] = []


def read_payloads(payloads: Sequence[JsonObject]) -> Payloads:
    """The meaning of the payloads of one reply, as JupyterLab has it; of several codes the first counts."""
    pages: list[JsonObject] = []
    codes: list[NextCode] = []
    notes: list[str] = []
    ends_kernel = False
    for payload in payloads:
        match payload.get("source"):
            case "page" | "IPython.zmq.page.page":
                pages.append(_page(payload))
            case "set_next_input":
                codes.append(NextCode(str(payload.get("text") or ""), bool(payload.get("replace"))))
            case "ask_exit" if payload.get("keepkernel"):
                notes.append("The code asked to close the notebook and keep the kernel; nothing was closed.")
            case "ask_exit":
                ends_kernel = True
            case "edit_magic" | "edit":
                line = payload.get("line_number")
                file = f"{payload.get('filename')!r}" + (f" at line {line}" if isinstance(line, int) else "")
                notes.append(f"The code asked to open the file {file} in an editor; none was opened.")
            case source:
                notes.append(f"The code asked for {str(source)[:80]!r}, which nothing here knows.")
    return Payloads(
        pages=[page for page in pages if page],
        next_code=next(iter(codes), None),
        ends_kernel=ends_kernel,
        notes=notes,
    )


def _page(payload: JsonObject) -> JsonObject:
    data = payload.get("data")
    if isinstance(data, dict):
        return dict(data)
    text = payload.get("text")  # as old kernels have it
    return {"text/plain": text} if isinstance(text, str) and text else {}


def next_cell_id(exec_id: str) -> str:
    """The id of the cell that this execution puts below its own: the same each time, and valid in nbformat."""
    return "c-" + hashlib.sha256(f"{exec_id}.next".encode()).hexdigest()[:12]
