"""A room's records as text for a person: the lines of `watch`, and the Markdown of `export`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from .. import protocol as p
from ..core import state as s
from ..core.reducer import apply
from ..core.visible_text import TAB, visible
from .permission_lines import permission_line

_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~&!]")


def clock_time(at: int) -> str:
    """Hours and minutes of a unix time in ms, in this machine's zone."""
    return datetime.fromtimestamp(at / 1000).strftime("%H:%M")


def line_of(record: p.Record, state: s.RoomState) -> str | None:  # noqa: C901, PLR0912 - one case for each event that is news
    """One line that tells what a record says, or None when it is no news to a reader; text deltas are not told here.

    `state` is the state after the record.
    """
    who = record.actor.name
    match record.event:
        case p.MessagePosted() as posted:
            return f"{who}: {posted.text}"
        case p.RunDelayed() as delayed:
            return f"… {delayed.problem.message} Trying again ({delayed.attempt} of {delayed.of})."
        case p.RunFinished(outcome="failed") as failed:
            return f"✕ {_problem(failed.error)}"
        case p.RunFinished(outcome="cancelled"):
            return f"✕ Stopped by {who}."
        case p.StepAborted() as aborted:
            return f"✕ The answer broke off: {aborted.reason}"
        case p.CallStarted() as started:
            return f"▸ {_title(state, started.call_id)} …"
        case p.CallFinished() as finished:
            mark = "✕" if finished.is_error else "✓"
            return f"{mark} {_title(state, finished.call_id)}: {_first_line(finished.result.text)}"
        case p.CallUndone() as undone:
            return f"↶ {_title(state, undone.call_id)}: {_taken_back(undone, who)}"
        case p.CallInDoubt() as doubtful:
            return f"? {_title(state, doubtful.call_id)}: {doubtful.message}"
        case p.ConfirmationOpened() as opened:
            options = " / ".join(option.id for option in opened.options)
            return f"● {opened.title} — requested by {who}. Decide: {options}  [{opened.confirmation_id}]"
        case p.CallRevised() as revised:
            call = state.calls.get(revised.call_id)
            asked_id = "" if call is None else call.confirmation_id
            return f"● {revised.preview.title} — what it builds on changed. {revised.body}".rstrip() + f"  [{asked_id}]"
        case p.ConfirmationDecided() | p.ConfirmationExpired() | p.ConfirmationWithdrawn() as closed:
            return _closing_line(closed, who, state)
        case p.DecisionRefused() as refused:
            asked = state.confirmations.get(refused.confirmation_id)
            return f"! {asked.title if asked else refused.confirmation_id}: code in {who} tried to decide; refused."
        case p.ThreadCreated() as created:
            return f"{who} began the thread “{created.title}”."
        case p.ThreadSummarised():
            return "… Older turns were summarised for the model."
        case _:
            return permission_line(record, state)


def _closing_line(
    event: p.ConfirmationDecided | p.ConfirmationExpired | p.ConfirmationWithdrawn, who: str, state: s.RoomState
) -> str:
    asked = state.confirmations.get(event.confirmation_id)
    title = asked.title if asked is not None else event.confirmation_id
    match event:
        case p.ConfirmationDecided():
            label = (
                next((o.label for o in asked.options if o.id == event.option), event.option) if asked else event.option
            )
            comment = f" “{event.comment}”" if event.comment else ""
            return f"● {title}: {label}, decided by {who}.{comment}"
        case p.ConfirmationExpired():
            return f"● {title}: nobody decided in time."
        case p.ConfirmationWithdrawn():
            return f"● {title}: taken back by {who}. {event.reason}".rstrip()


def _taken_back(event: p.CallUndone, who: str) -> str:
    return f"taken back by {who}." if event.outputs == "kept" else f"taken back by {who}, outputs cleared."


def _title(state: s.RoomState, call_id: p.CallId) -> str:
    call = state.calls.get(call_id)
    return call.preview.title if call is not None else call_id


def _problem(problem: p.Problem | None) -> str:
    return f"{problem.message} {problem.hint}".strip() if problem is not None else "The answer failed."


def _first_line(text: str) -> str:
    line, _, rest = text.strip().partition("\n")
    return line[:160] + (" …" if rest or len(line) > 160 else "")


def markdown(records: Iterable[p.Record], title: str) -> Iterator[str]:
    """The whole history as Markdown: who said, did and decided what, in order.

    What people, models and tools wrote stands in quoted code blocks, and names and titles are escaped: nothing of it
    is drawn, fetched, or can pass for a line of the history.
    """
    state = s.initial(p.LogId("export"))
    yield f"# {escaped(title)}\n"
    day = ""
    for record in records:
        apply(state, record, floor=record.seq)
        today = datetime.fromtimestamp(record.at / 1000).strftime("%A, %d %B %Y")
        text = _markdown_of(record, state)
        if text is None:
            continue
        if today != day:
            day = today
            yield f"\n## {day}\n"
        yield f"\n{text}\n"


def _markdown_of(record: p.Record, state: s.RoomState) -> str | None:
    head = f"**{escaped(record.actor.name)}** · {clock_time(record.at)}"
    match record.event:
        case p.MessagePosted() as posted:
            return f"{head}\n\n{_fenced(posted.text)}"
        case p.StepFinished() as finished:
            answer = state.messages.get(finished.message_id)
            if not isinstance(answer, s.Complete) or not answer.text.strip():
                return None
            return f"{head}\n\n{_fenced(answer.text, 'markdown')}"
        case p.CallFinished() as done:
            return f"{_line(record, state)}\n\n{_fenced(done.result.text)}"
        case p.ConfirmationOpened() as opened:
            return "\n\n".join([f"{_line(record, state)}", *_what_was_shown(opened, state)])
        case p.ConfirmationDecided() as decided:
            answers = {"value": decided.value, "edited_args": decided.edited_args}
            given = {name: value for name, value in answers.items() if value is not None}
            how = f"{_line(record, state)} ({record.actor.surface or 'unknown'}, {record.actor.auth or 'unknown'})"
            return f"{how}\n\n{_json_block(given)}" if given else how
        case _:
            return _line(record, state) if line_of(record, state) is not None else None


def _line(record: p.Record, state: s.RoomState) -> str:
    return f"*{clock_time(record.at)}* {escaped(line_of(record, state) or '')}"


def _what_was_shown(opened: p.ConfirmationOpened, state: s.RoomState) -> Iterator[str]:
    """Everything that people saw before they decided."""
    if opened.body:
        yield _fenced(opened.body)
    call = state.calls.get(opened.call_id) if opened.call_id is not None else None
    if call is not None:
        for cell in call.preview.cells:
            yield f"{cell.action} {escaped(cell.label or cell.cell_id)}:"
            if cell.before is not None and cell.before != cell.after:
                yield f"before:\n\n{_fenced(cell.before)}"
            if cell.after is not None:
                yield f"after:\n\n{_fenced(cell.after)}"
        if call.preview.code is not None:
            yield _fenced(call.preview.code)
        yield f"{escaped(call.tool)}:\n\n{_json_block(call.args)}"
    elif opened.schema is not None:
        yield _json_block(opened.schema)


def _json_block(value: object) -> str:
    return _fenced(json.dumps(value, indent=2, ensure_ascii=False), "json")


def escaped(text: str) -> str:
    """The text on one line, in which nothing is Markdown or HTML."""
    return _MARKS.sub(r"\\\g<0>", visible(text).replace("\n", "⟨U+000A⟩").replace("\t", " "))


def _fenced(text: str, language: str = "text") -> str:
    """The text as a quoted code block that nothing in it can end, nor pass for a line outside of it."""
    shown = visible(text).replace(TAB, "\t")
    fence = "```"
    while fence in shown:
        fence += "`"
    return "\n".join(f"> {line}" for line in [fence + language, *shown.split("\n"), fence])
