"""A trace: records, what each of them changed in the folded state, and the state at the end.

Lines of a trace are JSON: first `{"log", "floor"}`, then for each record `{"record", "changed"}`, where `changed` maps
each entry that the record changed (`runs/r1`) to a digest of the entry, or to null when it was forgotten. Fields of
events that have their default are left out, so that readers prove that they fill them in. `{"mark": true}` remembers
the state, and `{"rewind": true}` goes back to it.

Golden traces outlive the fields of the state. So a field whose name is not in `names.json`, which lists those of the
time when the traces were made, is left out of digests and final states while it is empty.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import fields, replace

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.reducer import apply

Json = dict[str, Any]

FIRST_NAMES: dict[str, list[str]] = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
PARTS = (
    "messages", "runs", "calls", "confirmations", "guests", "rules", "notices", "mentions", "spent", "allowances"
)  # fmt: skip
LATER = frozenset({"broke_off", "bytes", "digest", "marked", "mentions", "told"})
"""Fields that parts of events got after the first traces."""
EMPTY: tuple[object, ...] = (None, False, 0, "", [], {})

ANNA = p.Actor(kind="person", id="anna", name="Anna", surface="lab", client_id=p.ClientId("tab-a"), auth="browser")
BERT = p.Actor(kind="person", id="bert", name="Bert", surface="notebook", client_id=p.ClientId("tab-b"), auth="token")
KERNEL = p.Actor(kind="kernel", id="kernel-1", name="Python", surface="kernel", auth="kernel")


class Recorder:
    """Folds events as they are written down, and keeps the lines of the trace."""

    def __init__(self, log: str = "log-1", floor: int = 0) -> None:
        self.state = s.initial(p.LogId(log))
        self.floor = floor
        self.lines: list[Json] = [{"log": log, "floor": floor}]
        self._entries = Entries(self.state)
        self._marked = (copied(self.state), self._entries)

    def add(self, event: p.Event | p.UnknownEvent, actor: p.Actor = p.AGENT, *, skip: int = 0) -> None:
        """Append the event to the trace; `skip` leaves out so many seqs before it, as compaction does."""
        seq = self.state.seq + 1 + skip
        record = p.Record(seq=seq, at=1_000 + 10 * seq, actor=actor, event=event)
        apply(self.state, record, self.floor)
        before, self._entries = self._entries, Entries(self.state, self._entries)
        self.lines.append({"record": _lean(record), "changed": dict(self._entries.changes(before))})

    def mark(self) -> None:
        """Remember the state, for `rewind`."""
        self.lines.append({"mark": True})
        self._marked = (copied(self.state), self._entries)

    def rewind(self) -> None:
        """Go back to the state that was marked."""
        self.lines.append({"rewind": True})
        self.state, self._entries = copied(self._marked[0]), self._marked[1]

    def trace(self) -> str:
        """The lines of the trace."""
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)

    def final(self) -> str:
        """The state at the end."""
        state = {name: _entries_without_later(part, name) for name, part in _builtins(self.state).items()}
        later = {name for name, part in state.items() if name not in FIRST_NAMES["room"] and part in EMPTY}
        kept = {name: part for name, part in state.items() if name not in later}
        return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


def _lean(record: p.Record) -> Json:
    """The record's JSON without those fields of its event that have their default."""
    found: Json = _builtins(record)
    if record.command_id is None:
        del found["command_id"]
    if not isinstance(record.event, p.UnknownEvent):
        for field in fields(record.event):
            if field.default is not msgspec.NODEFAULT and getattr(record.event, field.name) == field.default:
                del found["event"][field.name]
        if "policy" in found["event"]:  # which got fields later
            found["event"]["policy"] = without_later(found["event"]["policy"], "confirmations")
        found["event"] = _without_later_names(found["event"])
    return found


def _without_later_names(value: Any) -> Any:
    """The value of an event's field without empty fields that parts of it got after the first traces."""
    if isinstance(value, list):
        return [_without_later_names(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: _without_later_names(v) for k, v in value.items() if k not in LATER or v not in EMPTY}


def _builtins(value: object) -> Any:
    return json.loads(p.encode(value))


def copied(state: s.RoomState) -> s.RoomState:
    """A copy that can be folded on; entries are frozen and shared, threads are not."""
    threads = {
        id: replace(thread, items=[*thread.items], queue=[*thread.queue]) for id, thread in state.threads.items()
    }
    maps = {name: dict(getattr(state, name)) for name in PARTS}
    return replace(state, threads=threads, **maps)


class Entries:
    """Each entry of a state as canonical JSON, under its place; what is the same in `known` is not made anew."""

    def __init__(self, state: s.RoomState, known: Entries | None = None) -> None:
        self.values: dict[str, object] = {"usage": state.usage}
        for name in PARTS:
            self.values |= {f"{name}/{id}": entry for id, entry in getattr(state, name).items()}
        self.texts: dict[str, str] = {
            place: known.texts[place] if known and known.values.get(place) is value else _text(place, value)
            for place, value in self.values.items()
        }
        self.texts |= {(place := f"threads/{id}"): _text(place, thread) for id, thread in state.threads.items()}

    def changes(self, before: Entries) -> Iterator[tuple[str, str | None]]:
        """Each place where these entries differ from those before, with a digest of what is there now."""
        for place, text in self.texts.items():
            if before.texts.get(place) != text:
                yield place, hashlib.sha256(text.encode()).hexdigest()[:8]
        for place in sorted(before.texts.keys() - self.texts.keys()):
            yield place, None


def _text(place: str, entry: object) -> str:
    return canonical(without_later(_builtins(entry), place.partition("/")[0]))


def without_later(value: Any, part: str) -> Any:
    """The value without empty fields whose names this part of the state got after the first traces."""
    if isinstance(value, list):
        return [without_later(item, part) for item in value]
    if not isinstance(value, dict):
        return value
    first = FIRST_NAMES.get(part, ())
    return {k: without_later(v, part) for k, v in value.items() if k in first or v not in EMPTY}


def _entries_without_later(part: Any, name: str) -> Any:
    """The entries of a part of the state, each without what came later; an entry is kept whatever its id."""
    maps = ("threads", *PARTS)
    return {id: without_later(entry, name) for id, entry in part.items()} if name in maps else part


def canonical(value: object) -> str:
    """JSON with sorted keys and without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fold(lines: Iterable[str]) -> Recorder:
    """Tell a trace anew from its records alone."""
    head, *rest = (json.loads(line) for line in lines)
    recorder = Recorder(head["log"], head["floor"])
    for line in rest:
        if "mark" in line:
            recorder.mark()
        elif "rewind" in line:
            recorder.rewind()
        else:
            record = p.decode_record(json.dumps(line["record"]))
            recorder.add(record.event, record.actor, skip=record.seq - recorder.state.seq - 1)
    return recorder
