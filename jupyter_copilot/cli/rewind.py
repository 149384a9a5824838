"""`jupyter copilot rewind NOTEBOOK`: list the points to go back to, or go back to one of them."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace

from .. import protocol as p
from ..client import Client, connect
from ..client.transcribe import clock_time
from ..core import state as s
from .command import Command
from .servers import add_server_arguments, server_for
from .terminal import inline, say


def add_arguments(parser: ArgumentParser) -> None:
    """Which notebook, to before which message, and what goes back."""
    parser.add_argument("notebook", help="the notebook's path")
    parser.add_argument("message", nargs="?", help="the id of the message to go back to; without it, they are listed")
    parser.add_argument(
        "--what", choices=["notebook", "chat", "both"], default="notebook", help="what goes back (default: notebook)"
    )
    parser.add_argument("--undo", metavar="REWIND", help="bring back what this rewind took from a chat")
    parser.add_argument("--thread", default=p.MAIN_THREAD, help="the chat's id (default: main)")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Do it; the exit code is 1 when it is refused."""
    server = server_for(arguments, arguments.notebook)
    client = connect(server.url, server.path_of(arguments.notebook), server.token, surface="cli")
    return asyncio.run(rewind(client, arguments))


async def rewind(client: Client, arguments: Namespace) -> int:
    """Raises `Rejected` as the room refuses it. What the notebook loses is put before people as a decision first."""
    async with client:
        state = await client.live()
        if arguments.undo is not None:
            await client.undo_rewind(arguments.undo, thread_id=arguments.thread)
        elif arguments.message is None:
            _list(state, arguments.thread)
        else:
            conversation = arguments.what != "notebook"
            notebook = arguments.what != "chat"
            rewind_id = await client.rewind(arguments.message, notebook=notebook, conversation=conversation)
            say(f"{rewind_id}  {'People decide on it now.' if notebook else 'The chat went back.'}")
    return 0


def _list(state: s.RoomState, thread_id: str) -> None:
    thread = state.threads[thread_id]
    gone = s.taken_back(thread)
    for item in thread.items:
        message = state.messages.get(item.id)
        if isinstance(message, s.Posted) and item.id not in gone:
            what = "notebook and chat" if s.checkpoint_since(state, message) is not None else "chat"
            words = inline(" ".join(message.text.split()))[:60]
            say(f"{inline(item.id)}  {clock_time(message.at)}  {inline(message.author.name)}: {words}  ({what})")
    for each in thread.rewinds:
        by = inline(each.by.name)
        say(f"{inline(each.rewind_id)}  {clock_time(each.at)}  taken back by {by}; --undo brings it back")


REWIND = Command(
    name="rewind", help="Go back to before a message: notebook, chat or both.", add_arguments=add_arguments, run=run
)
