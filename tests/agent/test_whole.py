"""The engine in a real server with a real kernel, no browser anywhere, and a model server over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat
import pytest
from traitlets.config import Config

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s
from jupyter_copilot.testing.fault_server import MODEL
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer

from ..patience import scaled

pytestmark = pytest.mark.slow

PATIENCE_S = scaled(30.0)
SLOW = "import time\nfor n in range(100):\n    print('tick', n, flush=True)\n    time.sleep(0.2)"
CELLS = {
    "slow": SLOW,
    "short": "import time\nfor n in range(5):\n    print('tick', n, flush=True)\n    time.sleep(0.3)",
    "wrong": "def deep():\n    return 1 / 0\n\ndeep()",
    "plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]);",
}


@pytest.fixture
def model() -> Iterator[FaultServerThread]:
    """Runs the cell that the request names, then says that it is done."""
    runs = [answer(calls=[("run_cell", {"cell_id": name})]).only(f"Run {name}!").always() for name in CELLS]
    with FaultServerThread([answer("Done.").only('"role": "tool"').always(), *runs]) as running:
        yield running


@pytest.fixture(params=["contents", "live_document"])
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def jp_server_config(adapter: str, model: FaultServerThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)  # jupyter-collaboration keeps its store where the server runs
    extensions = {"jupyter_copilot": True, "jupyter_server_ydoc": True, "jupyter_server_fileid": True}
    endpoint = {"base_url": model.base_url, "api_key": "test-key", "models": [MODEL]}
    return Config(
        {
            "ServerApp": {"jpserver_extensions": extensions},
            "YDocExtension": {"disable_rtc": adapter == "contents"},
            "CopilotApp": {"store_path": str(tmp_path / "rooms.sqlite3"), "models": {"test": endpoint}},
        }
    )


@pytest.fixture
def file(jp_root_dir: Path) -> Path:
    cells = []
    for name, source in CELLS.items():
        made = nbformat.v4.new_code_cell(source)
        made["id"] = name
        cells.append(made)
    path = jp_root_dir / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def join(
    file: Path, jp_base_url: str, jp_http_port: int, jp_serverapp: Any, http_server_client: Any
) -> Callable[[], Client]:
    address, token = f"http://127.0.0.1:{jp_http_port}{jp_base_url}", str(jp_serverapp.identity_provider.token)
    return lambda: connect(address, file.name, token)


async def _until(client: Client, predicate: Callable[[s.RoomState], bool]) -> s.RoomState:
    return await asyncio.wait_for(client.wait(predicate), PATIENCE_S)


async def _run(client: Client, name: str) -> p.CallId:
    """Ask for the cell in a thread of its own, and approve it."""
    await client.live()
    await client.command(p.CreateThread(thread_id=p.ThreadId(name), title=name))
    message_id = await client.post(f"Run {name}!", thread_id=name)
    call_id = p.CallId(f"{message_id}.r1.s1.a1.c1")
    await _until(client, lambda state: isinstance(state.confirmations.get(f"{call_id}.q"), s.Open))
    await client.decide(f"{call_id}.q", p.APPROVE)
    return call_id


def _printed(state: s.RoomState, call_id: str) -> str:
    call = state.calls[call_id]
    outputs = call.outputs if isinstance(call, s.CallRunning | s.CallDone) else []
    return "".join(output.text for output in outputs)


def _done(state: s.RoomState, call_id: str) -> bool:
    return isinstance(state.calls[call_id], s.CallDone)


async def _over(client: Client, call_id: str) -> s.CallDone:
    """Wait until the call's run is over; returns the call."""
    run_id = call_id.removesuffix(".s1.a1.c1")
    state = await _until(client, lambda state: isinstance(state.runs[run_id], s.Finished) and _done(state, call_id))
    call = state.calls[call_id]
    assert isinstance(call, s.CallDone)
    return call


async def _on_disk(file: Path, cell_id: str, text: str) -> None:
    """Wait until the file is valid and holds this text in the cell's outputs."""
    deadline = monotonic() + PATIENCE_S
    while True:
        # Jupyter writes a file in its place: who looks in between finds it cut off.
        with suppress(nbformat.reader.NotJSONError):
            notebook = nbformat.read(file, as_version=4)
            nbformat.validate(notebook)
        if text in json.dumps(next(each for each in notebook.cells if each["id"] == cell_id)["outputs"]):
            return
        assert monotonic() < deadline, f"never saved: {text}"
        await asyncio.sleep(0.1)


async def test_output_streams_to_every_client_while_the_cell_runs(
    join: Callable[[], Client], adapter: str, file: Path
) -> None:
    async with join() as one, join() as two:
        await one.live()
        await two.live()
        call_id = await _run(one, "short")
        for client in (one, two):
            state = await _until(client, lambda state: call_id in state.calls and "tick 1" in _printed(state, call_id))
            assert isinstance(state.calls[call_id], s.CallRunning)
        done = await _over(two, call_id)
        assert (done.adapter, done.is_error) == (adapter, False)
        assert "tick 4" in done.result.text
        await _on_disk(file, "short", "tick 4")


async def test_stop_interrupts_the_cell_within_a_second_and_the_kernel_lives_on(
    join: Callable[[], Client], file: Path
) -> None:
    async with join() as one, join() as two:
        await two.live()
        call_id = await _run(one, "slow")
        await _until(two, lambda state: call_id in state.calls and "tick 2" in _printed(state, call_id))
        begun = monotonic()
        await two.command(p.CancelRun(run_id=p.RunId(call_id.removesuffix(".s1.a1.c1"))))
        done = await _over(one, call_id)
        assert monotonic() - begun < scaled(1.0)
        assert done.is_error
        await _on_disk(file, "slow", "KeyboardInterrupt")
        assert "tick 4" in (await _over(one, await _run(one, "short"))).result.text


async def test_an_error_comes_back_with_its_traceback(join: Callable[[], Client], model: FaultServerThread) -> None:
    async with join() as client:
        done = await _over(client, await _run(client, "wrong"))
        assert "ZeroDivisionError" in done.result.text and "in deep" in done.result.text
    told = json.dumps(model.requests[-1].body)
    assert "ZeroDivisionError" in told and "in deep" in told


async def test_a_plot_comes_back_as_an_image(join: Callable[[], Client], model: FaultServerThread, file: Path) -> None:
    async with join() as client:
        done = await _over(client, await _run(client, "plot"))
        (image,) = done.result.images
        assert image.mime == "image/png"
        await _on_disk(file, "plot", "image/png")
    assert f"data:image/png;base64,{image.data[:40]}" in json.dumps(model.requests[-1].body)
