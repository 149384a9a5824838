"""Commands for threads."""

from __future__ import annotations

from ... import protocol as p
from ...protocol.errors import Rejected
from .. import state as s


def live_thread(state: s.RoomState, thread_id: p.ThreadId) -> s.Thread:
    thread = state.threads.get(thread_id)
    if thread is None:
        raise Rejected("not_found", f"There is no chat {thread_id!r} here.", hint="Create it first.")
    if thread.archived:
        raise Rejected("thread_archived", f"The chat “{thread.title}” is archived.", hint="Start a new one.")
    return thread


def create_thread(state: s.RoomState, command: p.CreateThread) -> list[p.Event]:
    if command.thread_id in state.threads:
        raise Rejected("already_exists", "There is a chat with this id already.")
    if len(state.threads) >= s.MAX_THREADS:
        raise Rejected("limit_reached", f"A notebook has at most {s.MAX_THREADS} chats.")
    return [p.ThreadCreated(thread_id=command.thread_id, title=command.title)]


def archive_thread(state: s.RoomState, command: p.ArchiveThread) -> list[p.Event]:
    thread = live_thread(state, command.thread_id)
    if command.thread_id == p.MAIN_THREAD:
        raise Rejected("forbidden", "The main chat cannot be archived.")
    if thread.active_run_id is not None or thread.queue:
        raise Rejected("run_not_finished", "An answer is under way in this chat.", hint="Stop it first.")
    return [p.ThreadArchived(thread_id=command.thread_id)]
