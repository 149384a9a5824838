"""Join and resume: time and bytes until a client is live, however long the room's history is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import msgspec
from msgspec import Struct
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from jupyter_copilot import protocol as p
from jupyter_copilot.client.socket import open_websocket, token_headers
from jupyter_copilot.core import state as s
from jupyter_copilot.core.reducer import apply

from .bench import Bench
from .history import keep, pile_up
from .jupyter import LIMITLESS, TOKEN, Jupyter
from .measure import spread
from .report import Result, Target

SIZES = (100, 1_000, 10_000, 100_000)
AIM_MS, AIM_SIZE = 100.0, 10_000
BEHIND = 50
"""How many records a client that resumes has missed."""
RESTARTED = "restarted"


class Arrival(Struct, frozen=True):
    """How long it took until a client was live and had decoded the state, and what it read for it."""

    seconds: float
    bytes: int
    seq: int


class Page(Struct):
    """An answer of `GET …/records`, its records still to be decoded one by one."""

    log: str
    head: int
    records: list[msgspec.Raw]


def measure(bench: Bench) -> Result:
    """Join, resume and replay rooms of all sizes."""
    return asyncio.run(_measure(bench))


async def _measure(bench: Bench) -> Result:
    sizes = SIZES[:2] if bench.quick else SIZES
    found: dict[int, dict[str, list[Arrival]]] = {}
    jupyter = Jupyter(bench.folder("join"), launch=LIMITLESS)
    for size in sizes:
        for prefix, write in (("kept", keep), ("plain", pile_up)):
            jupyter.notebook(f"{prefix}{size}.ipynb")
            await write(jupyter.store, str(jupyter.root.resolve() / f"{prefix}{size}.ipynb"), size)
    with jupyter:
        await arrival(jupyter, jupyter.notebook("empty.ipynb"), None)  # what is imported at the first visit
        for size in sizes:
            found[size] = await _of_size(jupyter, size, 1 if bench.quick else 5)
        jupyter.stop()
        jupyter.start()
        jupyter.wait()
        for size, of_size in found.items():
            behind = of_size["resume"][-1].seq - BEHIND
            of_size[RESTARTED] = [await arrival(jupyter, f"kept{size}.ipynb", behind)]
    return _result(found)


async def _of_size(jupyter: Jupyter, size: int, rounds: int) -> dict[str, list[Arrival]]:
    kept, plain = f"kept{size}.ipynb", f"plain{size}.ipynb"
    found: dict[str, list[Arrival]] = {"first": [await arrival(jupyter, kept, None)]}
    found["no snapshot"] = [await arrival(jupyter, plain, None)]
    for _ in range(BEHIND):
        jupyter.post(kept, "Another word.", run=False)
    seq = (await arrival(jupyter, kept, None)).seq
    ways: dict[str, Callable[[], Awaitable[Arrival]]] = {
        "join": lambda: arrival(jupyter, kept, None),
        "resume": lambda: arrival(jupyter, kept, seq - BEHIND),
        "replay": lambda: replay(jupyter, plain),
    }
    for number in range(rounds):
        for way, go in ways.items():
            if way != "replay" or number < 2:  # the slowest by far
                found.setdefault(way, []).append(await go())
    return found


async def arrival(jupyter: Jupyter, notebook: str, after: int | None) -> Arrival:
    """Connect, and read until `live`; with `after`, as a client that has everything up to there."""
    cursor = None
    if after is not None:
        log = (await _get(jupyter, notebook, 0, limit=1))[1].log
        cursor = p.Cursor(log=p.LogId(log), seq=after)
    begin, received = time.perf_counter(), 0
    socket = await open_websocket(jupyter.url, notebook, token_headers(TOKEN))()
    hello = p.Hello(protocol=p.PROTOCOL_VERSION, client_id=p.ClientId("bench"), cursor=cursor)
    await socket.send(p.encode(hello))
    seq = -1
    while seq < 0:
        data = await socket.receive()
        assert data is not None, "the server closed the connection"
        received += len(data)
        match p.decode_server_frame(data):
            case p.Snapshot() as frame:
                s.decode_state(frame.state)
            case p.Live() as frame:
                seq = frame.seq
    seconds = time.perf_counter() - begin
    socket.close()
    return Arrival(seconds, received, seq)


async def replay(jupyter: Jupyter, notebook: str) -> Arrival:
    """Read and fold every record since the first."""
    begin, received = time.perf_counter(), 0
    state = s.initial(p.LogId("replay"))
    while True:
        body, page = await _get(jupyter, notebook, state.seq)
        received += len(body)
        for raw in page.records:
            apply(state, p.decode_record(raw))
        if state.seq >= page.head:
            return Arrival(time.perf_counter() - begin, received, state.seq)


async def _get(jupyter: Jupyter, notebook: str, after: int, limit: int = 1000) -> tuple[bytes, Page]:
    address = f"{jupyter.url}api/copilot/notebooks/{quote(notebook)}/records?after={after}&limit={limit}"
    answer = await AsyncHTTPClient().fetch(HTTPRequest(address, headers=token_headers(TOKEN)))
    return answer.body, msgspec.json.decode(answer.body, type=Page)


def _ms(arrivals: list[Arrival]) -> float:
    return spread([one.seconds * 1000 for one in arrivals]).median


def _result(found: dict[int, dict[str, list[Arrival]]]) -> Result:
    ways = ("first", "join", "resume", RESTARTED, "no snapshot", "replay")
    sized = (("join", "kB"), (RESTARTED, "kB "), ("replay", "kB  "))
    aimed = found.get(AIM_SIZE) or found[max(found)]
    slowest = max(_ms(aimed[way]) for way in ("first", "join", "resume", RESTARTED))
    return Result(
        name="join",
        title=f"until a client is live, ms; a resuming one has missed {BEHIND} records",
        columns=["records", *ways, *(f"{way} {unit.strip()}" for way, unit in sized), "replay / join"],
        rows=[
            [
                f"{size:,}",
                *(f"{_ms(of_size[way]):.1f}" for way in ways),
                *(f"{of_size[way][0].bytes / 1000:,.0f}" for way, _ in sized),
                f"{_ms(of_size['replay']) / _ms(of_size['join']):.1f}",
            ]
            for size, of_size in found.items()
        ],
        targets=[
            Target(
                what=f"the slowest of first visit, join and both resumes at {AIM_SIZE:,} records",
                aim=f"< {AIM_MS:.0f} ms",
                value=f"{slowest:.1f} ms",
                met=slowest < AIM_MS,
            )
        ],
        notes=[
            "First: nobody was there, so the server loads the room; without a snapshot, from every record.",
            "Restarted: who resumes finds a server that has just started. Replay: every record over REST, folded.",
        ],
        raw={str(size): msgspec.to_builtins(of_size) for size, of_size in found.items()},
    )
