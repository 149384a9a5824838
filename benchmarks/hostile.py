"""Code in a kernel that posts large pictures as fast as it can, while sockets do not read: what it costs the others."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from typing_extensions import Self

from jupyter_copilot import protocol as p
from jupyter_copilot.kernel.environment import TOKEN_VARIABLE

from .bench import Bench
from .jupyter import LAUNCH, LIMITLESS, TOKEN, Jupyter
from .measure import quantile
from .processes import Helper
from .report import Result, Target

POSTS, SOCKETS, JOINING = 1000, p.SESSIONS_PER_ROOM, 5
QUICK_POSTS, QUICK_SOCKETS = 40, 20
CALM_S, CALM_S_QUICK = 8.0, 1.0
MEMORY_AIM_MB, ROUND_TRIP_AIM_MS = 250, 200
WAYS = {"as shipped": LAUNCH, "without limits of rate": LIMITLESS}


def measure(bench: Bench) -> Result:
    """Attack a server as it is shipped, and one that takes every post."""
    posts, sockets = (QUICK_POSTS, QUICK_SOCKETS) if bench.quick else (POSTS, SOCKETS)
    found = {way: _attacked(bench, launch, posts, sockets) for way, launch in WAYS.items()}
    return _result(found, posts, sockets)


def _attacked(bench: Bench, launch: tuple[str, ...], posts: int, sockets: int) -> dict[str, Any]:
    seconds = CALM_S_QUICK if bench.quick else CALM_S
    with (
        Jupyter(bench.folder("hostile"), launch=launch) as jupyter,
        Helper("viewers") as fleet,
        Helper("attacker") as (attacker),
    ):
        name = jupyter.notebook("one.ipynb")
        where: dict[str, Any] = {"port": jupyter.port, "path": jupyter.channel(name), "token": TOKEN}
        attack = {"url": f"{jupyter.url}api/copilot/kernel/commands", "token": _kernel_token(jupyter, name)}
        jupyter.post(name, "warm", run=False)
        with _Bystander(jupyter, name) as calm:
            time.sleep(seconds)
        before = jupyter.rss()
        fleet.ask(do="open", count=sockets, paused=True, **where)
        load, theirs = jupyter.meter(), attacker.meter()
        with _Bystander(jupyter, name) as attacked, ThreadPoolExecutor(1) as beside:
            accepting = beside.submit(attacker.ask, posts=posts, **attack)
            joined = fleet.ask(do="open", count=JOINING, **where, **_somebody_else(jupyter))
            accepted = accepting.result()
        spent, attackers = load.read(), theirs.read()
        state = len(json.dumps(jupyter.get(f"api/copilot/notebooks/{name}")["state"]))
        return {
            "accepted": accepted,
            "mb": max(attacked.memory) / 1e6,
            "before_mb": before / 1e6,
            "calm_ms": calm.trips_ms,
            "trips_ms": attacked.trips_ms,
            "joined_ms": 1000 * joined / JOINING,
            "state_kb": state / 1e3,
            "disk_mb": sum(file.stat().st_size for file in jupyter.store.parent.glob("rooms.sqlite3*")) / 1e6,
            "cpu_ms": 1000 * spent.cpu_s / posts,
            "share": spent.share,
            "attackers_share": attackers.share,
        }


class _Bystander:
    """Somebody else's command every 100 ms, until it is committed and answered, and the server's memory meanwhile."""

    def __init__(self, jupyter: Jupyter, name: str) -> None:
        self._jupyter = jupyter
        self._name = name
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.memory: list[int] = []
        self.trips_ms: list[float] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            begun = time.monotonic()
            self._jupyter.post(self._name, "still here", run=False)
            self.trips_ms.append(1000 * (time.monotonic() - begun))
            self.memory.append(self._jupyter.rss())


def _somebody_else(jupyter: Jupyter) -> dict[str, str]:
    """The cookie of a person who is not the one that all others are who come with the token alone."""
    # Jupyter names its cookie after the host that it is asked as, which viewers call so.
    headers = {"Authorization": f"token {TOKEN}", "Host": "127.0.0.1"}
    request = urllib.request.Request(f"{jupyter.url}api/me", headers=headers)
    with urllib.request.urlopen(request) as answer:
        cookies = answer.headers.get_all("Set-Cookie") or []
    return {"cookie": "; ".join(cookie.partition(";")[0] for cookie in cookies)}


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


def _result(found: dict[str, dict[str, Any]], posts: int, sockets: int) -> Result:
    most_mb = max(one["mb"] for one in found.values())
    slowest = max(quantile(one["trips_ms"], 0.99) for one in found.values())
    return Result(
        name="hostile",
        title=f"{posts} posts of a 0.95 MB picture from a kernel, and {sockets} sockets that do not read",
        columns=["server", "taken", "memory MB", "calm p50 ms", "p99", "attacked p50", "p99", "worst", "ratio of p50",
                 "CPU ms a post", "server's CPU", "attacker's", "join ms", "state kB", "on disk"],
        rows=[_row(way, one) for way, one in found.items()],
        targets=[
            Target(what="the server's memory at its highest", aim=f"< {MEMORY_AIM_MB} MB", value=f"{most_mb:.0f} MB",
                   met=most_mb < MEMORY_AIM_MB),
            Target(what="p99 of the others' round trip", aim=f"< {ROUND_TRIP_AIM_MS} ms", value=f"{slowest:.0f} ms",
                   met=slowest < ROUND_TRIP_AIM_MS),
        ],
        notes=[
            "The attacker and the sockets share the machine's cores with the server; calm is the same server before.",
            f"The sockets are of one participant and fill the room; {JOINING} of another join it meanwhile.",
        ],
        raw=found,
    )  # fmt: skip


def _row(way: str, one: dict[str, Any]) -> list[str]:
    calm, attacked = one["calm_ms"], one["trips_ms"]
    return [
        way,
        str(one["accepted"]),
        f"{one['mb']:.0f}",
        f"{quantile(calm, 0.5):.0f}",
        f"{quantile(calm, 0.99):.0f}",
        f"{quantile(attacked, 0.5):.0f}",
        f"{quantile(attacked, 0.99):.0f}",
        f"{max(attacked):.0f}",
        f"{quantile(attacked, 0.5) / quantile(calm, 0.5):.1f}",
        f"{one['cpu_ms']:.1f}",
        f"{one['share']:.0%}",
        f"{one['attackers_share']:.0%}",
        f"{one['joined_ms']:.0f}",
        f"{one['state_kb']:.0f}",
        f"{one['disk_mb']:.0f} MB",
    ]
