"""`jupyter copilot watch NOTEBOOK`: a room as it lives, in a terminal."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace

from .. import protocol as p
from ..client import Client, Waiting, connect
from ..client.transcribe import clock_time, line_of
from ..core import state as s
from .command import Command
from .servers import add_server_arguments, server_for
from .terminal import Terminal, inline


class Printer:
    """Writes records as lines, and an answer as it streams."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._streaming: str | None = None

    def frame(self, frame: p.ServerFrame, client: Client) -> None:
        """Write what a frame brings; the client has folded it."""
        match frame:
            case p.Records() if client.state is not None:
                for record in frame.records:
                    self.record(record, client.state)
            case p.Notice():
                self.line(f"! {frame.problem.message} {frame.problem.hint}")
            case _:
                pass

    def record(self, record: p.Record, state: s.RoomState) -> None:
        """Write one record."""
        event = record.event
        if isinstance(event, p.TextDelta):
            if self._streaming != event.message_id:
                self.end()
                self._terminal.stream(f"{clock_time(record.at)} {inline(record.actor.name)}: ")
                self._streaming = event.message_id
            self._terminal.stream(event.text)
            return
        text = line_of(record, state)
        if text is not None:
            self.line(f"{clock_time(record.at)} {text}")

    def line(self, text: str) -> None:
        """Write a line, after whatever streamed before it."""
        self.end()
        self._terminal.line(text)

    def end(self) -> None:
        """End what streams."""
        self._terminal.end()
        self._streaming = None


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("notebook", help="the notebook's path")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Print until Ctrl-C; a lost connection comes back by itself."""
    server = server_for(arguments, arguments.notebook)
    asyncio.run(watch(connect(server.url, server.path_of(arguments.notebook), server.token, surface="cli")))
    return 0


async def watch(client: Client) -> None:
    """Print a room's conversation so far in short, then everything that happens. Raises `ConnectionLost`."""
    printer = Printer(Terminal())
    async with client:
        state = await client.live()
        here = ", ".join(sorted({someone.name for someone in client.participants})) or "nobody else"
        printer.line(f"{client.path} — {state.seq} records, here: {here}. Ctrl-C ends.")
        for opened in s.open_confirmations(state):
            printer.line(f"● to decide: {inline(opened.title)}  [{inline(opened.confirmation_id)}]")
        client.listen(lambda frame: printer.frame(frame, client))
        while True:
            await client.wait(lambda _: isinstance(client.connection, Waiting))
            printer.line("… The connection was lost; reconnecting.")
            await client.live()
            printer.line("… Live again.")


WATCH = Command(name="watch", help="Follow a notebook's room in the terminal.", add_arguments=add_arguments, run=run)
