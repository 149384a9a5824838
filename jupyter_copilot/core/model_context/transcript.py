"""The transcript: what the model is told of a thread, as Chat Completions messages.

It is a pure function of the room's state. A thread is told turn by turn: a request, then every whole answer of the run
that answered it, then the results of that answer's calls. Struck answers are left out. Every call is answered exactly
once, also one that was denied, stopped, or begun without a known end. A message queued behind a run is told when its
own run begins. So each transcript of a thread starts with the one before it, which providers' prompt caches reward;
only pictures of runs that are over are left out, as they would travel with every request from then on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from typing_extensions import assert_never

from ... import protocol as p
from .. import state as s
from ..embedded_files import folded
from ..pictures import MENTION
from ..untrusted_text import as_data, as_name
from .decisions import canonical, decided, doubt

AGAIN = ".again"
"""Ends the id of a call that people chose to run again, and of the confirmation in which they chose."""
NUDGE_AT = 3
MEANWHILE = "Said while you were at work; take it into account from here on."
_UNUSUAL = re.compile(r"[^A-Za-z0-9_-]")


class View(Struct, frozen=True, kw_only=True):
    """What a request tells of the notebook: a text, and pictures of the cells that it speaks of, with a caption.

    The pictures are sent in the run that they are told to, and not again with every later request.
    """

    text: str
    caption: str = ""
    images: list[p.Image] = []
    cells: dict[str, p.ToldCell] = {}
    """Those that the text shows."""
    outlined: bool = False
    """Whether the others have a line each at most."""


class Turn(Struct, frozen=True, kw_only=True):
    """One request and what answered it; `last_item` is its latest item in the thread."""

    run_id: p.RunId | None
    last_item: str
    messages: list[p.JsonObject]


def transcript(
    state: s.RoomState, thread_id: p.ThreadId, *, images: bool = True, views: Mapping[p.RunId, View] | None = None
) -> list[p.JsonObject]:
    """What the model is told of a thread, up to its active run.

    `views` maps a run's id to what its request tells of the notebook first; without `images`, pictures are
    only mentioned.
    """
    thread = state.threads[thread_id]
    told = [m for turn in turns(state, thread_id, images=images, views=views) for m in turn.messages]
    if thread.summary is None:
        return told
    return [_user(f"Summary of the conversation until here, written by you:\n{thread.summary.text}"), *told]


def turns(
    state: s.RoomState, thread_id: p.ThreadId, *, images: bool = True, views: Mapping[p.RunId, View] | None = None
) -> list[Turn]:
    """The turns that no summary covers, in the order in which they were answered, up to the active run."""
    places = _Places(state, thread_id)
    asides = [item for item in places.asides if places.at(item) > places.covered]
    told: list[Turn] = []
    for run in places.runs:
        while asides and places.at(asides[0]) < places.start(run):
            told.append(_aside(state, asides.pop(0), images))
        if isinstance(run, s.Queued):
            return told
        if isinstance(run, s.Finished) and run.into is not None:
            continue  # its message is told within the run that answered it
        if places.at(places.end(run)) > places.covered:
            told.append(_turn(state, run, places.end(run), images, _view_of(run, views)))
        if isinstance(run, s.Running):
            return told
    return told + [_aside(state, item, images) for item in asides]


class _Places:
    """Where things stand in a thread's timeline."""

    def __init__(self, state: s.RoomState, thread_id: p.ThreadId) -> None:
        thread = state.threads[thread_id]
        self._state = state
        gone = s.taken_back(thread)
        self._index = {item.id: n for n, item in enumerate(thread.items) if item.id not in gone}
        self.runs = [r for r in state.runs.values() if r.thread_id == thread_id and self.at(r.message_id) >= 0]
        self.asides = [item.id for item in thread.items if _is_aside(state, item)]
        self._items: dict[p.RunId, list[str]] = {}
        for item in thread.items:
            run_id = _owner(state, item)
            if run_id is not None:
                self._items.setdefault(run_id, []).append(item.id)
        self.covered = self.at(thread.summary.through) if thread.summary else -1

    def at(self, item_id: str) -> int:
        """The item's place, -1 when it is no longer kept, or was taken back."""
        return self._index.get(item_id, -1)

    def start(self, run: s.Run) -> int:
        """Where the run's request stands: at its message, or for a retry where its own items begin."""
        if run.run_id.endswith(".r1"):
            return self.at(run.message_id)
        return self.at(self._items[run.run_id][0]) if run.run_id in self._items else len(self._index)

    def end(self, run: s.Run) -> str:
        """The run's last item; its message's, when it has none of its own."""
        return self._items.get(run.run_id, [run.message_id])[-1]


def _is_aside(state: s.RoomState, item: s.Item) -> bool:
    message = state.messages.get(item.id) if item.type == "message" else None
    return isinstance(message, s.Posted) and not message.run_ids


def _owner(state: s.RoomState, item: s.Item) -> p.RunId | None:
    """The run that an item belongs to."""
    match item.type:
        case "message":
            message = state.messages.get(item.id)
            return None if message is None or isinstance(message, s.Posted) else message.run_id
        case "call":
            call = state.calls.get(item.id)
            return None if call is None else call.run_id
        case "confirmation":
            confirmation = state.confirmations.get(item.id)
            return None if confirmation is None else confirmation.run_id
        case "run":
            return p.RunId(item.id)
        case "summary":
            return None
    assert_never(item.type)


# Turns


def _view_of(run: s.Run, views: Mapping[p.RunId, View] | None) -> View | None:
    """What a run's request told of the notebook: with pictures while they are kept, else as it is on record."""
    on_record = None if run.notebook is None else View(text=run.notebook.text)
    return (views or {}).get(run.run_id, on_record)


def _aside(state: s.RoomState, message_id: str, images: bool) -> Turn:
    message = state.messages[message_id]
    assert isinstance(message, s.Posted)
    request = _request(message, images, undone=_undone(state, message))
    return Turn(run_id=None, last_item=message_id, messages=[request])


def _turn(state: s.RoomState, run: s.Run, last_item: str, images: bool, view: View | None) -> Turn:
    message = state.messages.get(run.message_id)
    if not isinstance(message, s.Posted):
        return Turn(run_id=run.run_id, last_item=last_item, messages=[])
    again = not run.run_id.endswith(".r1")
    ended = isinstance(run, s.Finished)
    view = _without_pictures(view) if ended else view
    asker = as_name(run.asked_by.name) if again else None
    messages = [_request(message, images, view=view, again=asker, undone=[] if again else _undone(state, message))]
    said = list(run.joined)
    for answer in _answers(state, run.run_id):
        while said and said[0].step <= answer.step:
            messages += _joined(state, said.pop(0), images)
        messages += _answer(state, answer, images, ended)
    messages += [message for each in said for message in _joined(state, each, images)]
    ending = _ending(run)
    if ending is not None:
        messages.append({"role": "assistant", "content": ending})
    return Turn(run_id=run.run_id, last_item=last_item, messages=messages)


def _joined(state: s.RoomState, joined: s.Joined, images: bool) -> list[p.JsonObject]:
    """What somebody said while the run was under way, where it was told."""
    message = state.messages.get(joined.message_id)
    return [_request(message, images, lead=MEANWHILE)] if isinstance(message, s.Posted) else []


def _answers(state: s.RoomState, run_id: p.RunId) -> Iterator[s.Complete]:
    return (m for m in state.messages.values() if isinstance(m, s.Complete) and m.run_id == run_id)


def _ending(run: s.Run) -> str | None:
    """What stands in place of the answer that an unsuccessful run never gave."""
    if not isinstance(run, s.Finished) or run.outcome == "success":
        return None
    if run.outcome == "cancelled":
        return f"(Stopped by {as_name(run.ended_by.name)}.)"
    return f"(Not finished: {run.error.message if run.error else 'the run failed.'})"


def _without_pictures(view: View | None) -> View | None:
    """What a request told of the notebook, once its run is over: pictures are heavy, and travel with each request."""
    if view is None or not view.images:
        return view
    return View(
        text=view.text, caption=f"{len(view.images)} pictures were sent along then; read_cell shows them again."
    )


def _undone(state: s.RoomState, message: s.Posted) -> list[str]:
    """What people took back between the last message before this one and this one."""
    posted = [m.at for m in state.messages.values() if isinstance(m, s.Posted) and m.thread_id == message.thread_id]
    since = max((at for at in posted if at < message.at), default=-1)
    told = []
    for call in state.calls.values():
        back = call.undone if isinstance(call, s.CallDone) and call.thread_id == message.thread_id else None
        if back is not None and since < back.at <= message.at:
            old = (
                " The outputs that it left still stand." if call.effect == "execute" and back.outputs == "kept" else ""
            )
            told.append(f"{as_name(back.by.name)} took back what this did: {as_name(call.preview.title)}.{old}")
    return told


# Requests


def _request(
    message: s.Posted,
    images: bool,
    *,
    view: View | None = None,
    again: str | None = None,
    undone: Sequence[str] = (),
    lead: str = "",
) -> p.JsonObject:
    parts = [lead, *undone, *([] if view is None else [view.text, view.caption]), *_context(message.context)]
    if again is not None:
        parts.append(f"{again} asks for another answer to this:")
    parts.append(f"{as_name(message.author.name)}: {message.text}")
    seen = [] if view is None else view.images
    return _user("\n\n".join(filter(None, parts)), [*seen, *message.context.images], images)


def _context(context: p.MessageContext) -> list[str]:
    """What the sender attached. It came from the notebook, so it is data; what is only named is read with tools."""
    parts: list[str] = []
    if context.active_cell_id is not None:
        parts += ["The cell that the asker is in:", as_data("cell_id", context.active_cell_id)]
    for cell in context.cells:
        parts += ["An attached cell:", as_data("cell_id", cell.cell_id)]
        parts += [as_data("source", folded(cell.source))] if cell.source is not None else []
    if context.selection is not None:
        parts += ["Text selected in a cell:", as_data("cell_id", context.selection.cell_id)]
        parts.append(as_data("selection", folded(context.selection.text)))
    for what, names in (("files", context.files), ("variables", context.variables)):
        if names:
            parts += [f"Attached {what}, which you can read with your tools:", as_data("names", "\n".join(names))]
    return parts


def _user(text: str, pictures: Sequence[p.Image] = (), images: bool = True) -> p.JsonObject:
    if not pictures:
        return {"role": "user", "content": text}
    if not images:
        return {"role": "user", "content": f"{text}\n\n({len(pictures)} images, which this model cannot see.)"}
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    for picture in pictures:
        url = f"{MENTION}{picture.digest}" if picture.digest else f"data:{picture.mime};base64,{picture.data}"
        content.append({"type": "image_url", "image_url": {"url": url}})
    return {"role": "user", "content": content}


# Answers and their calls


def wire_id(call_id: p.CallId) -> str:
    """The id under which the model server knows a call: nine letters and digits, which every server accepts."""
    number = int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:8], "big")
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(letters[number // 36**n % 36] for n in range(9))


def _answer(state: s.RoomState, answer: s.Complete, images: bool, ended: bool) -> list[p.JsonObject]:
    calls = [c for c in s.run_calls(state, answer.run_id) if c.message_id == answer.message_id]
    asked = [c for c in calls if not c.call_id.endswith(AGAIN)]
    if not asked and not answer.text:
        return []
    message = {**(answer.extra or {}), "role": "assistant", "content": answer.text or None}
    if not asked:
        return [message]
    message["tool_calls"] = [_tool_call(call) for call in asked]
    told: list[p.JsonObject] = [message]
    pictures: list[p.Image] = []
    for call in asked:
        text, shown = outcome(state, call)
        told.append({"role": "tool", "tool_call_id": wire_id(call.call_id), "content": text})
        pictures += shown
    if pictures and ended:
        told.append(_user("The images that the calls above returned are not sent again; call again to see them."))
    elif pictures:
        told.append(_user("The images that the calls above returned:", pictures, images))
    return told


def _tool_call(call: s.Call) -> p.JsonObject:
    # Never the model's broken text: some servers parse the arguments of earlier calls, and refuse the whole request.
    arguments = "{}" if call.raw_args is not None else canonical(call.args)
    # A name that the model made up may have characters that servers refuse in what they are sent.
    function = {"name": _UNUSUAL.sub("_", call.tool)[:64] or "unknown", "arguments": arguments}
    return {**(call.extra or {}), "id": wire_id(call.call_id), "type": "function", "function": function}


def outcome(state: s.RoomState, call: s.Call) -> tuple[str, list[p.Image]]:
    """What the model is told of a call, and the images that it returned."""
    parts: list[str] = []
    pictures: list[p.Image] = []
    match call:
        case s.CallDone():
            parts += _result(state, call)
            pictures = call.result.images
        case s.CallDoubtful():
            again, pictures = _again(state, call)
            parts += [doubt(call.message), again]
        case s.CallRunning():
            parts.append("Its run was stopped while this was being done. How far it came is not known yet.")
        case s.CallProposal() | s.CallConfirmed() | s.CallDenied():
            parts.append("Not done: the run ended first.")
        case _:
            assert_never(call)
    if (count := repeats(state, call)) >= NUDGE_AT:
        parts.append(
            f"You made this same call {count} times in a row. Do something else, or answer with what you know."
        )
    return "\n".join(filter(None, parts)), pictures


def _result(state: s.RoomState, call: s.CallDone) -> list[str]:
    """What people decided on a call, and what came of it. What they denied or answered is in the result already."""
    confirmation = state.confirmations.get(call.confirmation_id or "")
    if call.denied or (confirmation is not None and confirmation.kind == "question"):
        return [call.result.text]
    said = decided(confirmation) if isinstance(confirmation, s.Decided) else ""
    text = call.result.text if call.result.marked else as_data("result", call.result.text)
    return [said, "This failed." if call.is_error else "", text]


def _again(state: s.RoomState, call: s.CallDoubtful) -> tuple[str, list[p.Image]]:
    chosen = state.confirmations.get(call.call_id + AGAIN)
    if not isinstance(chosen, s.Decided):
        return "", []
    second = state.calls.get(call.call_id + AGAIN)
    if second is None:
        return decided(chosen), []
    text, pictures = outcome(state, second)
    return f"{decided(chosen)} This is how it went the second time:\n{text}", pictures


def repeats(state: s.RoomState, call: s.Call) -> int:
    """How often the call was made in a row when it was made, itself included."""
    count = 0
    for other in reversed([c for c in s.run_calls(state, call.run_id) if not c.call_id.endswith(AGAIN)]):
        if count == 0 and other.call_id != call.call_id:
            continue
        if (other.tool, other.args, other.raw_args) != (call.tool, call.args, call.raw_args):
            break
        count += 1
    return count
