"""Large notebooks: what editing and running a cell costs, against what Jupyter takes to load and save the file."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import random
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer

from .bench import Bench
from .jupyter import TOKEN, Jupyter
from .report import Result, Target

JsonObject = dict[str, Any]

CELL, SOURCE = "target", "print('ran')"
FLOOD = "from IPython.display import display\nfor i in range({count}):\n    display(i)"
LONG = "import time\nfor i in range({count} * 4):\n    print(i, flush=True)\n    time.sleep(0.25)"
PING_S = 0.01
TRIAL_PINGS = 40
PATIENCE_S = 240.0


def measure(bench: Bench) -> Result:
    """Edit and run a cell of large notebooks as a file and as a live document, while `GET /api` is timed."""
    sizes = _sizes(0.02 if bench.quick else 1.0)
    modes = ("contents",) if bench.quick else ("contents", "live document")
    rows, raw, targets = [], {}, []
    own = {name: _jupyters_own(bench.folder("own"), notebook) for name, notebook in sizes.items()}
    for name, cost in _alone(Jupyter(bench.folder("alone"), extension=False), sizes).items():
        raw[f"Jupyter alone, {name}"] = cost
        rows.append(_row("Jupyter alone", name, "load and save over REST", cost, own[name], cost["cpu_s"] / own[name]))
    for mode in modes:
        with FaultServerThread([], patience_s=60) as model:
            jupyter = Jupyter(
                bench.folder("large"), model_url=model.base_url, model="test-model", collaboration=mode != "contents"
            )
            with jupyter:
                costs = asyncio.run(_actions(jupyter, model, sizes, bench.quick))
        for name, of_size in costs.items():
            for action, cost in of_size.items():
                base = own.get(name)
                factor = None if base is None or action == "read" else cost["cpu_s"] / base
                raw[f"{mode}, {name}, {action}"] = {**cost, "jupyter_s": base}
                rows.append(_row(mode, name, action, cost, base, factor))
        targets += _targets(mode, costs, own)
    return Result(
        name="large_notebooks",
        title="CPU of the server for one call on a large notebook, beside what Jupyter takes to load and save it",
        columns=["mode", "notebook", "call", "CPU, s", "Jupyter's load and save, s", "ratio", "GET /api, longest, ms"],
        rows=rows,
        targets=targets,
        notes=["The CPU is that of the whole answer: two model calls, the room, the log, and reading the notebook."],
        raw=raw,
    )


def _row(mode: str, name: str, action: str, cost: JsonObject, base: float | None, factor: float | None) -> list[str]:
    return [
        f"{mode}: {name}",
        "",
        action,
        f"{cost['cpu_s']:.2f}",
        "–" if base is None else f"{base:.2f}",
        "–" if factor is None else f"{factor:.2f}",
        f"{cost['longest_ms']:.0f}",
    ]


def _targets(mode: str, costs: dict[str, dict[str, JsonObject]], own: dict[str, float]) -> list[Target]:
    # What the same call costs in a small notebook has nothing to do with the size.
    factors = {
        f"{name}, {action}": (cost["cpu_s"] - costs["small"][action]["cpu_s"]) / own[name]
        for name, of_size in costs.items()
        for action, cost in of_size.items()
        if name != "small" and action in ("edit", "run")
    }
    longest = max(cost["longest_ms"] for of_size in costs.values() for cost in of_size.values())
    worst = max(factors, key=lambda key: factors[key])
    return [
        Target(
            what=f"{mode}: an edit or a run, beyond what it costs in a small notebook, / load and save ({worst})",
            aim="≤ 2",
            value=f"{factors[worst]:.2f}",
            met=factors[worst] <= 2,
        ),
        Target(
            what=f"{mode}: the longest wait for GET /api", aim="≤ 100 ms", value=f"{longest:.0f} ms", met=longest <= 100
        ),
    ]


# Notebooks


def _sizes(scale: float) -> dict[str, JsonObject]:
    chance = random.Random(1)

    def count(most: int) -> int:
        return max(2, round(most * scale))

    return {
        "small": _notebook([]),
        "60 MB of outputs": _notebook(_code(n, f"x{n} = 1", _picture(chance), _text(2000)) for n in range(count(260))),
        "6,000 cells": _notebook(_code(n, f"x{n} = {n}", _text(1)) for n in range(count(6000))),
        "2 MB of sources": _notebook(_code(n, "value = 1  # a line of the source\n" * 190) for n in range(count(300))),
        "8 MB": _notebook(_code(n, f"x{n} = 1", _picture(chance), _text(1000)) for n in range(count(36))),
    }


def _notebook(cells: Any) -> JsonObject:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    every = [*cells, _code(-1, SOURCE) | {"id": CELL}]
    return {"cells": every, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _code(number: int, source: str, *outputs: JsonObject) -> JsonObject:
    cell: JsonObject = {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source}
    return {**cell, "outputs": list(outputs), "execution_count": None}


def _text(lines: int) -> JsonObject:
    return {"output_type": "stream", "name": "stdout", "text": "a line of the output\n" * lines}


def _picture(chance: random.Random) -> JsonObject:
    data = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10" + chance.randbytes(130_000)).decode()
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": data, "text/plain": "<Figure>"}}


def _jupyters_own(folder: Path, notebook: JsonObject) -> float:
    """Seconds of CPU in which Jupyter's contents manager loads the file and saves it."""
    (folder / "nb.ipynb").write_text(json.dumps(notebook, indent=1) + "\n")
    contents: Any = AsyncLargeFileManager(root_dir=str(folder))

    async def load_and_save() -> float:
        began = time.process_time()
        model = await contents.get("nb.ipynb", content=True, type="notebook", require_hash=True)
        await contents.save({"type": "notebook", "format": "json", "content": model["content"]}, "nb.ipynb")
        return time.process_time() - began

    async def best() -> float:
        return min([await load_and_save() for _ in range(3)])

    return asyncio.run(best())


def _alone(jupyter: Jupyter, sizes: dict[str, JsonObject]) -> dict[str, JsonObject]:
    """What a tab that loads and saves each file costs a server without the copilot, with the longest wait meanwhile."""
    costs: dict[str, JsonObject] = {}
    with jupyter:
        for number, (name, notebook) in enumerate(sizes.items()):
            (jupyter.root / f"{number}.ipynb").write_text(json.dumps(notebook, indent=1) + "\n")
            with _pinged(jupyter) as pings:
                meter = jupyter.meter()
                model = json.loads(_request(jupyter, f"api/contents/{number}.ipynb?content=1"))
                body = {"type": "notebook", "format": "json", "content": model["content"]}
                _request(jupyter, f"api/contents/{number}.ipynb", json.dumps(body).encode())
                costs[name] = {"cpu_s": pings.without(meter.read().cpu_s)}
            costs[name]["longest_ms"] = pings.longest_s * 1000
    return costs


def _request(jupyter: Jupyter, path: str, body: bytes | None = None) -> bytes:
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{jupyter.url}{path}", body, headers, method="PUT" if body else "GET")
    with urllib.request.urlopen(request, timeout=120) as reply:
        answer: bytes = reply.read()
    return answer


# Calls


async def _actions(
    jupyter: Jupyter, model: FaultServerThread, sizes: dict[str, JsonObject], quick: bool
) -> dict[str, dict[str, JsonObject]]:
    costs: dict[str, dict[str, JsonObject]] = {}
    numbers = itertools.count()
    await _on(jupyter, model, "warm-up.ipynb", sizes["small"], _calls(numbers, quick))
    for name, notebook in sizes.items():
        calls = _calls(numbers, quick)
        if name == "small":
            calls |= _floods(numbers, quick)
        if name == "8 MB":
            calls = _long(quick)
        costs[name] = await _on(jupyter, model, f"{name.replace(' ', '-').replace(',', '')}.ipynb", notebook, calls)
    return costs


Calls = dict[str, Callable[[str], tuple[str, JsonObject]]]


def _calls(numbers: Iterator[int], quick: bool) -> Calls:
    """A kernel is started by the first run; each edit and run after that is measured once it is there."""

    def edit(source: str) -> tuple[str, JsonObject]:
        new = f"print({next(numbers)})"
        return "edit_cell", {"cell_id": CELL, "expected_version": version_of(source), "source": new}

    run = lambda source: ("run_cell", {"cell_id": CELL})  # noqa: E731
    return {"first run": run, "edit": edit, "run": run}


def _floods(numbers: Iterator[int], quick: bool) -> Calls:
    def flood(count: int) -> Callable[[str], tuple[str, JsonObject]]:
        return lambda source: (
            "edit_and_run",
            {"cell_id": CELL, "expected_version": version_of(source), "source": FLOOD.format(count=count)},
        )

    return {f"{count:,} displays": flood(count) for count in ((50,) if quick else (500, 1000, 2000, 4000))}


def _long(quick: bool) -> Calls:
    def long(source: str) -> tuple[str, JsonObject]:
        new = LONG.format(count=1 if quick else 20)
        return "edit_and_run", {"cell_id": CELL, "expected_version": version_of(source), "source": new}

    return {"first run": lambda source: ("run_cell", {"cell_id": CELL}), "a cell of 20 s": long}


async def _on(
    jupyter: Jupyter, model: FaultServerThread, name: str, notebook: JsonObject, calls: Calls
) -> dict[str, JsonObject]:
    (jupyter.root / name).write_text(json.dumps(notebook, indent=1) + "\n")
    found: dict[str, JsonObject] = {}
    source = SOURCE
    async with connect(jupyter.url, name, TOKEN) as client:
        await client.live()
        approving = asyncio.create_task(_approve(client))
        for action, call in calls.items():
            tool, args = call(source)
            source = args.get("source", source)
            model.add(answer(calls=[(tool, args)]), answer("Done."))
            with _pinged(jupyter) as pings:
                meter = jupyter.meter()
                await client.post("Go on.")
                await asyncio.wait_for(client.wait(_is_idle), PATIENCE_S)
                found[action] = {"cpu_s": pings.without(meter.read().cpu_s)}
            found[action]["longest_ms"] = pings.longest_s * 1000
            _check(await client.live())
        approving.cancel()
    return found


def _check(state: s.RoomState) -> None:
    last = list(state.calls.values())[-1]
    if not isinstance(last, s.CallDone) or last.is_error:
        raise RuntimeError(f"The call failed: {last}")


def _is_idle(state: s.RoomState) -> bool:
    return all(isinstance(run, s.Finished) for run in state.runs.values())


async def _approve(client: Client) -> None:
    decided: set[str] = set()
    while True:
        state = await client.wait(
            lambda state: any(o.confirmation_id not in decided for o in s.open_confirmations(state))
        )
        for opened in list(s.open_confirmations(state)):
            decided.add(opened.confirmation_id)
            try:
                await client.decide(opened.confirmation_id, p.APPROVE)
            except Rejected as refusal:
                print(f"  not decided: {refusal}")


class Pings:
    """Requests of `GET /api`, one after the other: how many, the longest, and what each costs an idle server."""

    def __init__(self, jupyter: Jupyter) -> None:
        headers = {"Authorization": f"token {TOKEN}"}
        self._request = urllib.request.Request(f"{jupyter.url}api", headers=headers)
        self.longest_s, self.count = 0.0, 0
        meter = jupyter.meter()
        for _ in range(TRIAL_PINGS):
            self.ping()
        self._each_s = meter.read().cpu_s / TRIAL_PINGS
        self.longest_s, self.count = 0.0, 0

    def ping(self) -> None:
        """Ask once, and wait for the answer."""
        began = time.monotonic()
        with urllib.request.urlopen(self._request, timeout=60) as reply:
            reply.read()
        self.longest_s, self.count = max(self.longest_s, time.monotonic() - began), self.count + 1

    def without(self, cpu_s: float) -> float:
        """What of the server's CPU was not theirs."""
        return max(0.0, cpu_s - self.count * self._each_s)


@contextmanager
def _pinged(jupyter: Jupyter) -> Iterator[Pings]:
    """Asks again and again."""
    pings, ended = Pings(jupyter), threading.Event()

    def ping() -> None:
        while not ended.wait(PING_S):
            pings.ping()

    thread = threading.Thread(target=ping, name="ping", daemon=True)
    thread.start()
    try:
        yield pings
    finally:
        ended.set()
        thread.join()
