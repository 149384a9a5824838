"""`jupyter copilot store migrate | verify | copy`: what an administrator does with a store while no server runs."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

from ...ports.store import Store
from ...protocol.errors import StoreUnavailable
from ..command import Command
from ..terminal import inline, say

_ACTIONS = {
    "migrate": "make or update the tables, so that servers need no right to",
    "verify": "check every row",
    "copy": "copy every room into another store, and compare",
}


def add_arguments(parser: ArgumentParser) -> None:
    """What is done, and with which stores."""
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION", dest="action")
    for name, help in _ACTIONS.items():
        action = actions.add_parser(name, help=help, description=f"{help.capitalize()}.")
        what = "the store's file or address; without it, the one that a server started here would use"
        if name != "copy":
            action.add_argument("store", help=what, nargs="?", default="")
        else:
            action.add_argument("store", help=what.partition(";")[0])
            action.add_argument("target", help="the file or address of the store to copy to")
        action.add_argument("--json", action="store_true", help="print JSON, one object a line")


def run(arguments: Namespace) -> int:
    """Do it; the exit code is 0 when all is well, and 1 when something is wrong or could not be done."""
    doing: Coroutine[Any, Any, int]
    match arguments.action:
        case "migrate":
            doing = _migrate(arguments)
        case "verify":
            doing = _verify(arguments)
        case _:
            doing = _copy(arguments)
    return asyncio.run(doing)


async def _migrate(arguments: Namespace) -> int:
    store = _open(arguments.store)
    try:
        rooms = len(await store.rooms())
    finally:
        await store.close()
    _tell(arguments, f"The store {_shown(arguments.store)} is up to date.", {"migrated": True, "rooms": rooms})
    return 0


async def _verify(arguments: Namespace) -> int:
    store = _open(arguments.store)
    try:
        faults, rooms = [*await store.verify(), *(each.message for each in store.notices)], len(await store.rooms())
    finally:
        await store.close()
    for fault in faults:
        _tell(arguments, fault, {"fault": fault})
    said = f"{len(faults)} faults" if faults else "Nothing is wrong"
    _tell(arguments, f"{said} in {rooms} rooms.", {"faults": len(faults), "rooms": rooms})
    return 1 if faults else 0


async def _copy(arguments: Namespace) -> int:
    from ...ports.transfer import Transferable
    from ...storage.copying import copy

    source, target = _open(arguments.store), _open(arguments.target)
    copied = 0
    try:
        for store, address in ((source, arguments.store), (target, arguments.target)):
            await store.rooms()  # opens it
            if not isinstance(store, Transferable):
                raise StoreUnavailable(f"A store such as {_shown(address)} cannot be copied.")
        assert isinstance(source, Transferable) and isinstance(target, Transferable)
        async for room in copy(source.transfer, target.transfer):
            copied += not room.was_there
            how = "was there" if room.was_there else "copied and compared"
            text = f"{room.done} of {room.total}  {inline(room.path)}: {room.records} records, {how}"
            _tell(arguments, text, room._asdict())
        rooms = len(await target.rooms())
    finally:
        await source.close()
        await target.close()
    said = f"The store {_shown(arguments.target)} has every room; {copied} were copied now."
    _tell(arguments, said, {"rooms": rooms, "copied": copied})
    return 0


def _open(address: str) -> Store:
    from ...ports.clock import SystemClock
    from ...server.compose import open_store

    return open_store(address, SystemClock())


def _shown(address: str) -> str:
    """The address without its password."""
    url = urlsplit(address)
    return address.replace(f":{url.password}@", "@") if url.password else address or "here"


def _tell(arguments: Namespace, text: str, data: dict[str, Any]) -> None:
    if arguments.json:
        print(json.dumps(data), flush=True)
    else:
        say(text)


STORE = Command(
    name="store", help="Update, check or copy a store of rooms.", add_arguments=add_arguments, run=run
)  # fmt: skip
