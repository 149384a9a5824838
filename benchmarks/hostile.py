"""Code in a kernel that posts large pictures as fast as it can, while sockets do not read: what it costs the others."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from jupyter_copilot.kernel.environment import TOKEN_HEADER, TOKEN_VARIABLE

from .bench import Bench
from .jupyter import LAUNCH, LIMITLESS, TOKEN, Jupyter
from .measure import quantile
from .processes import Helper
from .report import Result, Target

POSTS, SOCKETS, POSTERS = 1000, 190, 4
"""Sockets of 200 that a room takes, less those of the others who come."""
QUICK_POSTS, QUICK_SOCKETS = 40, 20
PICTURE_BYTES = 712_000
MEMORY_AIM_MB, ROUND_TRIP_AIM_MS = 250, 200
WAYS = {"as shipped": LAUNCH, "without limits of rate": LIMITLESS}


def measure(bench: Bench) -> Result:
    """Attack a server as it is shipped, and one that takes every post."""
    posts, sockets = (QUICK_POSTS, QUICK_SOCKETS) if bench.quick else (POSTS, SOCKETS)
    found = {way: _attacked(bench, launch, posts, sockets) for way, launch in WAYS.items()}
    return _result(found, posts, sockets)


def _attacked(bench: Bench, launch: tuple[str, ...], posts: int, sockets: int) -> dict[str, Any]:
    with Jupyter(bench.folder("hostile"), launch=launch) as jupyter, Helper("viewers") as fleet:
        name = jupyter.notebook("one.ipynb")
        where: dict[str, Any] = {"port": jupyter.port, "path": jupyter.channel(name), "token": TOKEN}
        token = _kernel_token(jupyter, name)
        jupyter.post(name, "warm", run=False)
        memory, trips = [jupyter.rss()], []
        over = threading.Event()
        watching = [
            threading.Thread(target=_every, args=(0.05, over, lambda: memory.append(jupyter.rss()))),
            threading.Thread(target=_every, args=(0.1, over, lambda: trips.append(_round_trip(jupyter, name)))),
        ]
        for thread in watching:
            thread.start()
        fleet.ask(do="open", count=sockets // 2, paused=True, **where)
        attack = _Attack(jupyter, token, posts)
        attack.start()
        fleet.ask(do="open", count=sockets - sockets // 2, paused=True, **where)
        accepted = attack.wait()
        joined = fleet.ask(do="open", count=5, **where)
        over.set()
        for thread in watching:
            thread.join()
        state = len(json.dumps(jupyter.get(f"api/copilot/notebooks/{name}")["state"]))
        return {
            "accepted": accepted,
            "mb": max(memory) / 1e6,
            "before_mb": memory[0] / 1e6,
            "trips_ms": [1000 * trip for trip in trips],
            "joined_ms": 1000 * joined / 5,
            "state_kb": state / 1e3,
            "disk_mb": sum(file.stat().st_size for file in jupyter.store.parent.glob("rooms.sqlite3*")) / 1e6,
        }


def _every(seconds: float, over: threading.Event, work: Callable[[], object]) -> None:
    while not over.wait(seconds):
        work()


def _round_trip(jupyter: Jupyter, name: str) -> float:
    """Seconds from a command of somebody else to its answer, once it is committed."""
    begun = time.monotonic()
    jupyter.post(name, "still here", run=False)
    return time.monotonic() - begun


def _kernel_token(jupyter: Jupyter, name: str) -> str:
    """The token that the server gave to the notebook's kernel, as code in it would read it."""
    body = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
    jupyter._request("api/sessions", json.dumps(body).encode())
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            is_kernel = parent == str(jupyter.pid)
            environment = (process / "environ").read_bytes().decode(errors="replace") if is_kernel else ""
        except OSError:
            continue
        for entry in environment.split("\0"):
            if entry.startswith(f"{TOKEN_VARIABLE}="):
                return entry.partition("=")[2]
    raise RuntimeError("The kernel has no token.")


class _Attack:
    """Posts from several threads; each picture is like no other."""

    def __init__(self, jupyter: Jupyter, token: str, posts: int) -> None:
        self._url = f"{jupyter.url}api/copilot/kernel/commands"
        self._headers = {TOKEN_HEADER: token, "Content-Type": "application/json"}
        self._threads = [threading.Thread(target=self._post_all, args=(posts // POSTERS,)) for _ in range(POSTERS)]
        self._accepted: list[int] = []

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait(self) -> int:
        """Return how many were accepted, once all were sent."""
        for thread in self._threads:
            thread.join()
        return sum(self._accepted)

    def _post_all(self, posts: int) -> None:
        self._accepted.append(sum(self._post() for _ in range(posts)))

    def _post(self) -> bool:
        image = {"mime": "image/png", "data": base64.b64encode(os.urandom(PICTURE_BYTES)).decode()}
        command = {"type": "post_message", "message_id": uuid4().hex, "text": "look", "run": False,
                   "context": {"images": [image]}}  # fmt: skip
        body = json.dumps({"command_id": uuid4().hex, "command": command}).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self._url, body, self._headers), timeout=60) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as refused:
            refused.read()
            return False


def _result(found: dict[str, dict[str, Any]], posts: int, sockets: int) -> Result:
    most_mb = max(one["mb"] for one in found.values())
    slowest = max(quantile(one["trips_ms"], 0.99) for one in found.values())
    return Result(
        name="hostile",
        title=f"{posts} posts of a 0.95 MB picture from a kernel, and {sockets} sockets that do not read",
        columns=["server", "taken", "memory MB", "p50 ms of others", "p99", "worst", "join ms", "state kB", "on disk"],
        rows=[
            [
                way,
                str(one["accepted"]),
                f"{one['mb']:.0f}",
                f"{quantile(one['trips_ms'], 0.5):.0f}",
                f"{quantile(one['trips_ms'], 0.99):.0f}",
                f"{max(one['trips_ms']):.0f}",
                f"{one['joined_ms']:.0f}",
                f"{one['state_kb']:.0f}",
                f"{one['disk_mb']:.0f} MB",
            ]
            for way, one in found.items()
        ],
        targets=[
            Target(what="the server's memory at its highest", aim=f"< {MEMORY_AIM_MB} MB", value=f"{most_mb:.0f} MB",
                   met=most_mb < MEMORY_AIM_MB),
            Target(what="p99 of the others' round trip", aim=f"< {ROUND_TRIP_AIM_MS} ms", value=f"{slowest:.0f} ms",
                   met=slowest < ROUND_TRIP_AIM_MS),
        ],
        notes=["The attacker, its pictures and the sockets share the machine's cores with the server."],
        raw=found,
    )  # fmt: skip
