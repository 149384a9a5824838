"""Commands that go back to an earlier point of a chat and of its notebook."""

from __future__ import annotations

from ... import protocol as p
from ...protocol.errors import Rejected
from .. import state as s
from .threads import live_thread

MAX_REWINDS = 50
FIRST_WORDS = 60


def rewind(state: s.RoomState, command: p.Rewind) -> list[p.Event]:
    """A run that puts the notebook back once people agree, or the chat gone back at once."""
    message = state.messages.get(command.to)
    if not isinstance(message, s.Posted):
        raise Rejected("not_found", "The message to go back to is no longer at hand.")
    thread = live_thread(state, message.thread_id)
    if command.message_id in state.messages:
        raise Rejected("already_exists", "There is a message with this id already.")
    if not (command.notebook or command.conversation):
        raise Rejected("invalid_value", "Nothing is to go back.", hint="Name the notebook, the chat, or both.")
    if command.conversation:
        _may_go_back(thread, command.to)
    if not command.notebook:
        if thread.active_run_id is not None or thread.queue:
            raise Rejected("run_not_finished", "An answer is being given here.", hint="Stop it first.")
        return [rewound(thread, command.message_id, command.to, thread.items[-1].id)]
    if s.checkpoint_since(state, message) is None:
        raise Rejected("not_found", "Nothing in the notebook was changed for anybody since then.")
    words = " ".join(message.text.split())
    shown = words if len(words) <= FIRST_WORDS else f"{words[: FIRST_WORDS - 1].rstrip()}…"
    what = "the notebook and this chat" if command.conversation else "the notebook"
    thread_id = thread.thread_id
    return [
        p.MessagePosted(message_id=command.message_id, thread_id=thread_id, text=f"Rewind {what} to before “{shown}”"),
        p.RunQueued(
            run_id=p.RunId(f"{command.message_id}.r1"),
            thread_id=thread_id,
            message_id=command.message_id,
            agent_id=p.REWIND,
            rewind=p.RewindTo(message_id=command.to, conversation=command.conversation),
        ),
    ]


def _may_go_back(thread: s.Thread, to: p.MessageId) -> None:
    if to in s.taken_back(thread):
        raise Rejected("stale", "This part of the chat was taken back already.")
    if len(thread.rewinds) >= MAX_REWINDS:
        raise Rejected("limit_reached", f"{MAX_REWINDS} parts of this chat are taken back already.")


def rewound(thread: s.Thread, rewind_id: str, since: str, through: str) -> p.ThreadRewound:
    """The event with which a thread goes back to before an item."""
    return p.ThreadRewound(thread_id=thread.thread_id, rewind_id=rewind_id, since=since, through=through)


def undo_rewind(state: s.RoomState, command: p.UndoRewind) -> list[p.Event]:
    """What was taken from a chat is back."""
    thread = live_thread(state, command.thread_id)
    if all(each.rewind_id != command.rewind_id for each in thread.rewinds):
        raise Rejected("not_found", "This is back already.")
    return [p.RewindUndone(thread_id=thread.thread_id, rewind_id=command.rewind_id)]
