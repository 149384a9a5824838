"""`jupyter copilot ask NOTEBOOK "…"`: ask, and follow the answer."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser, Namespace

from .. import protocol as p
from ..client import Client, connect
from ..core import state as s
from .command import Command
from .servers import add_server_arguments, server_for
from .terminal import Terminal, as_json, say
from .watch import Printer


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("notebook", help="the notebook's path")
    parser.add_argument("question", help="what to ask; `-` reads it from standard input")
    parser.add_argument("--thread", default=p.MAIN_THREAD, help="the thread's id (default: main)")
    parser.add_argument("--model", help="the model that should answer")
    parser.add_argument("--json", action="store_true", help="print JSON once the answer is whole, and nothing before")
    parser.add_argument("--no-wait", action="store_true", help="return once the question is safe in the room")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Post the question; the exit code is 1 when its run fails or is stopped."""
    server = server_for(arguments, arguments.notebook)
    question = sys.stdin.read() if arguments.question == "-" else arguments.question
    client = connect(server.url, server.path_of(arguments.notebook), server.token, surface="cli")
    return asyncio.run(ask(client, question, arguments))


async def ask(client: Client, question: str, arguments: Namespace) -> int:
    """Post the question and print what follows until its run is over. Raises `Rejected`, `ConnectionLost`."""
    printer = Printer(Terminal())
    async with client:
        await client.live()
        if not arguments.no_wait and not arguments.json:
            client.listen(lambda frame: printer.frame(frame, client))
        message_id = await client.post(question, thread_id=arguments.thread, model=arguments.model)
        run_id = f"{message_id}.r1"
        if arguments.no_wait:
            say(json.dumps({"run_id": run_id}) if arguments.json else run_id)
            return 0
        state = await client.wait(lambda state: isinstance(state.runs.get(run_id), s.Finished))
    finished = state.runs[run_id]
    if arguments.json:
        texts = [m.text for m in state.messages.values() if isinstance(m, s.Complete) and m.run_id == run_id]
        error = finished.error if isinstance(finished, s.Finished) else None
        outcome = finished.outcome if isinstance(finished, s.Finished) else ""
        told = {"run_id": run_id, "outcome": outcome, "error": error, "text": "\n\n".join(filter(None, texts))}
        print(as_json(told))
    else:
        printer.end()
    return 0 if isinstance(finished, s.Finished) and finished.outcome == "success" else 1


ASK = Command(
    name="ask", help="Ask the copilot of a notebook, and follow its answer.", add_arguments=add_arguments, run=run
)
