"""Cells run on a real kernel, through the file and through the shared document, with no browser anywhere."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from jupyter_copilot.notebooks.kernel import connection
from jupyter_copilot.notebooks.kernel.kernel import NotebookKernel
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import InsertCell, Notebook, SetSource
from jupyter_copilot.protocol.errors import KernelError, NotebookError

from .conftest import PATH, Shown
from .contract import cell_of

pytestmark = pytest.mark.slow

OnDisk = Callable[[], dict[str, Any]]
SLEEP = "import time\nprint('begun', flush=True)\ntime.sleep(600)"


@pytest.fixture(params=["contents", "live_document"])
def adapter(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def jp_server_config(jp_server_config: Config, adapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    jp_server_config.YDocExtension.disable_rtc = adapter == "contents"
    return jp_server_config


@pytest.fixture
def notebook(jp_asyncio_loop: Any, picker: NotebookPicker, adapter: str) -> Notebook:
    notebook: Notebook = jp_asyncio_loop.run_until_complete(picker.open())
    assert notebook.adapter == adapter
    return notebook


@pytest.fixture
def kernel(serverapp: Any) -> NotebookKernel:
    return NotebookKernel(serverapp.session_manager, serverapp.kernel_manager, lambda: PATH)


Add = Callable[[str, str], Awaitable[str]]


@pytest.fixture
def add(notebook: Notebook) -> Add:
    """Insert a code cell and return its id."""

    async def add(cell_id: str, source: str) -> str:
        await notebook.apply([InsertCell(cell_id=cell_id, after=None, cell_type="code", source=source)], cell_id)
        return cell_id

    return add


def saved(on_disk: OnDisk, cell_id: str) -> dict[str, Any]:
    return next(cell for cell in on_disk()["cells"] if cell["id"] == cell_id)


async def saved_with(file: Path, cell_id: str, text: str) -> dict[str, Any]:
    """The cell on disk, once its outputs have this text; a file that is just being written is read again."""
    while True:
        with suppress(json.JSONDecodeError):
            cells = json.loads(file.read_text())["cells"]
            cell: dict[str, Any] = next(cell for cell in cells if cell["id"] == cell_id)
            if text in json.dumps(cell["outputs"]):
                return cell
        await asyncio.sleep(0.05)


async def test_a_cell_that_prints_for_seconds_streams_to_watchers_and_to_the_disk(
    notebook: Notebook, add: Add, file: Path, on_disk: OnDisk
) -> None:
    await add("slow", "import time\nfor i in range(16):\n    print('line', i, flush=True)\n    time.sleep(0.25)")
    shown = Shown()
    run = asyncio.ensure_future(notebook.run("slow", "e1", shown, None))
    await shown.until("line 0\n")
    assert not run.done()
    half = await saved_with(file, "slow", "line 2")
    assert not run.done()
    assert half["metadata"]["copilot"] == {"exec_id": "e1", "state": "running"}
    outcome = await run
    text = "".join(f"line {i}\n" for i in range(16))
    assert (outcome.status, shown.text) == ("ok", text)
    assert len(shown.pieces) >= 10
    cell = saved(on_disk, "slow")
    assert cell["outputs"] == outcome.outputs == [{"output_type": "stream", "name": "stdout", "text": text}]
    assert (cell["execution_count"], cell["metadata"]["copilot"]["state"]) == (1, "ok")


@pytest.mark.parametrize("how", ["cancel", "interrupt", "timeout"])
async def test_a_running_cell_can_be_stopped(notebook: Notebook, add: Add, on_disk: OnDisk, how: str) -> None:
    await add("long", SLEEP)
    await notebook.run("hello", "e0", Shown(), None)  # the kernel is up
    shown = Shown()
    run = asyncio.ensure_future(notebook.run("long", "e1", shown, 0.5 if how == "timeout" else None))
    await shown.until("begun")
    started = asyncio.get_running_loop().time()
    if how == "cancel":
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    else:
        if how == "interrupt":
            await notebook.interrupt()
        outcome = await run
        assert outcome.status == ("interrupted" if how == "interrupt" else "timeout")
        assert outcome.outputs[-1]["ename"] == "KeyboardInterrupt"
    assert asyncio.get_running_loop().time() - started < 5
    cell = saved(on_disk, "long")
    assert cell["outputs"][-1]["ename"] == "KeyboardInterrupt"
    assert cell["metadata"]["copilot"]["state"] == ("timeout" if how == "timeout" else "interrupted")
    assert (await notebook.run("hello", "e2", Shown(), None)).status == "ok"


async def test_a_plot_comes_back_as_an_image(notebook: Notebook, add: Add, on_disk: OnDisk) -> None:
    await add("plot", "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    shown = Shown()
    outcome = await notebook.run("plot", "e1", shown, None)
    (image,) = [piece.image for piece in shown.pieces if piece.image is not None]
    assert image.mime == "image/png"
    assert image.data.startswith("iVBOR")
    assert outcome.outputs[-1]["data"]["image/png"] == saved(on_disk, "plot")["outputs"][-1]["data"]["image/png"]


async def test_displays_are_updated_and_cleared_in_the_notebook(notebook: Notebook, add: Add, on_disk: OnDisk) -> None:
    source = (
        "from IPython.display import display, clear_output\nprint('gone')\nclear_output(wait=True)\n"
        "handle = display('old', display_id=True)\nhandle.update('new')\nprint('end')"
    )
    await add("shows", source)
    outcome = await notebook.run("shows", "e1", Shown(), None)
    assert [output["output_type"] for output in outcome.outputs] == ["display_data", "stream"]
    assert outcome.outputs[0]["data"]["text/plain"] == "'new'"
    assert saved(on_disk, "shows")["outputs"] == outcome.outputs


async def test_evaluating_leaves_no_trace_with_the_person(notebook: Notebook, add: Add) -> None:
    with pytest.raises(KernelError):
        await notebook.evaluate("print(1)", 10)
    await add("seven", "seven = 7\nseven")
    await add("trace", "print(_, len(In), list(Out), list(get_ipython().history_manager.input_hist_raw))")
    assert (await notebook.run("seven", "e1", Shown(), None)).execution_count == 1
    assert await notebook.evaluate("print(seven)\nseven + 1\nprint('twice')", 30) == "7\ntwice\n"
    with pytest.raises(NotebookError, match="ZeroDivisionError"):
        await notebook.evaluate("1/0", 30)
    with pytest.raises(NotebookError, match="timeout"):
        await notebook.evaluate("import time; time.sleep(60)", 0.5)
    shown = Shown()
    assert (await notebook.run("trace", "e2", shown, None)).execution_count == 2
    assert shown.text.startswith("7 3 [1] ['', 'seven = 7\\nseven', 'print(_")


async def test_what_a_person_runs_is_neither_interrupted_nor_thrown_away(
    notebook: Notebook, add: Add, kernel: NotebookKernel, on_disk: OnDisk
) -> None:
    await add("long", SLEEP)
    kernel_id = await kernel.start()
    async with kernel.connect(kernel_id) as person:
        begun = asyncio.Event()

        async def first_print(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                begun.set()

        running = asyncio.ensure_future(person.execute(SLEEP, "person", first_print))
        await begun.wait()
        ours = asyncio.ensure_future(notebook.run("hello", "e1", Shown(), None))
        with pytest.raises(KernelError, match="busy"):
            await notebook.evaluate("print(1)", 0.5)
        ours.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ours
        assert not running.done()
        assert "copilot" not in saved(on_disk, "hello")["metadata"]
        await kernel.interrupt()
        assert (await running).status == "interrupted"


async def test_code_that_waits_behind_a_persons_is_not_stopped_by_interrupting_theirs(
    kernel: NotebookKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "STOP_GRACE_S", 0.5)
    kernel_id = await kernel.start()
    begun = asyncio.Event()

    async def first_print(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            begun.set()

    async with kernel.connect(kernel_id) as person, kernel.connect(kernel_id) as agent:
        await agent.free()
        running = asyncio.ensure_future(person.execute(SLEEP, "person", first_print))
        await begun.wait()
        with pytest.raises(NotebookError) as caught:
            await agent.execute("print(1)", "agent", first_print, timeout_s=0.1)
        assert caught.value.code == "in_doubt"
        assert not agent.idle
        assert not running.done()
        await kernel.interrupt()
        assert (await running).status == "interrupted"


@pytest.mark.parametrize("how", ["exit", "kill", "restart", "shutdown"])
async def test_a_kernel_that_goes_away_ends_the_run(
    serverapp: Any, notebook: Notebook, add: Add, kernel: NotebookKernel, on_disk: OnDisk, how: str
) -> None:
    end = "import time; time.sleep(0.5); os._exit(1)" if how == "exit" else SLEEP
    source = f"import os; print(os.getpid(), flush=True)\n{end}"
    await add("dies", source)
    shown = Shown()
    run = asyncio.ensure_future(notebook.run("dies", "e1", shown, None))
    await shown.until("\n")
    kernel_id = await kernel.find()
    if how == "kill":
        os.kill(int(shown.text.splitlines()[0]), signal.SIGKILL)
    if how == "restart":
        await notebook.restart()
    if how == "shutdown":
        await serverapp.kernel_manager.shutdown_kernel(kernel_id, now=True)
    try:
        status = (await run).status
    except KernelError:
        status = "error"
    # A kernel that is restarted is interrupted first, and some get to say so.
    assert status == "error" or (how, status) == ("restart", "interrupted")
    cell = saved(on_disk, "dies")
    assert cell["metadata"]["copilot"] == {"exec_id": "e1", "state": status}
    assert cell["outputs"][-1]["ename"] == ("KernelError" if status == "error" else "KeyboardInterrupt")
    outcome = await notebook.ran("dies", "e1")
    assert outcome is not None
    assert outcome.status == status
    assert (await notebook.run("hello", "e2", Shown(), None)).execution_count == 1


async def test_a_cell_that_asks_for_input_is_told_that_there_is_none(notebook: Notebook, add: Add) -> None:
    await add("asks", "input('name?')")
    outcome = await notebook.run("asks", "e1", Shown(), None)
    assert outcome.outputs[-1]["ename"] == "StdinNotImplementedError"


async def test_a_cell_that_somebody_edits_or_deletes_while_it_runs_stays_as_they_want_it(
    notebook: Notebook, add: Add, file: Path, on_disk: OnDisk
) -> None:
    go = "import os, time\nprint('begun', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.05)\nprint('end')"
    await add("edited", go)
    shown = Shown()
    run = asyncio.ensure_future(notebook.run("edited", "e1", shown, None))
    await shown.until("begun")
    cell = await cell_of(notebook, "edited")
    await notebook.apply([SetSource(cell_id="edited", expected=cell.version, source="# mine")], "p1")
    other = await cell_of(notebook, "fails")
    await notebook.apply([SetSource(cell_id="fails", expected=other.version, source="2/0")], "p2")
    file.with_name("go").touch()
    assert (await run).status == "ok"
    assert saved(on_disk, "edited")["source"] == "# mine"
    assert saved(on_disk, "edited")["outputs"][0]["text"] == "begun\nend\n"
    assert saved(on_disk, "fails")["source"] == "2/0"


async def test_the_kernel_is_shared_with_the_browsers_session(
    serverapp: Any, notebook: Notebook, kernel: NotebookKernel
) -> None:
    sessions = serverapp.session_manager
    folder, name = PATH.split("/")
    new = f"{folder}/0b1c6c3e-6a4e-4a55-9f0e-0d8f6b8f3a11"
    theirs = await sessions.create_session(path=new, name=name, type="notebook", kernel_name="python3")
    await sessions.create_session(path=f"{folder}/other.ipynb", name="other.ipynb", type="notebook")
    assert await kernel.find() == theirs["kernel"]["id"]
    await sessions.update_session(theirs["id"], path=f"RTC:{PATH}")
    assert await kernel.find() == theirs["kernel"]["id"]
    await notebook.run("hello", "e1", Shown(), None)
    assert len(await sessions.list_sessions()) == 2


async def test_two_runs_at_once_start_one_kernel(serverapp: Any, notebook: Notebook) -> None:
    runs = [notebook.run(cell_id, f"e.{cell_id}", Shown(), None) for cell_id in ("hello", "fails")]
    assert {outcome.status for outcome in await asyncio.gather(*runs)} == {"ok", "error"}
    assert len(await serverapp.session_manager.list_sessions()) == 1


async def test_a_kernel_that_cannot_be_started_leaves_no_mark(
    notebook: Notebook, file: Path, on_disk: OnDisk, picker: NotebookPicker
) -> None:
    file.write_text(file.read_text().replace('"python3"', '"fortran77"'))
    with pytest.raises(KernelError):
        await notebook.run("hello", "e1", Shown(), None)
    assert "copilot" not in saved(on_disk, "hello")["metadata"]


async def test_a_restarted_kernel_has_forgotten(notebook: Notebook, add: Add) -> None:
    with pytest.raises(KernelError):
        await notebook.restart()
    await add("seven", "seven = 7")
    await notebook.run("seven", "e1", Shown(), None)
    await notebook.restart()
    with pytest.raises(NotebookError, match="NameError"):
        await notebook.evaluate("print(seven)", 30)


async def test_a_kernel_that_does_not_heed_the_interrupt_is_in_doubt(
    notebook: Notebook, add: Add, on_disk: OnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "STOP_GRACE_S", 0.5)
    await add("deaf", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + SLEEP)
    shown = Shown()
    run = asyncio.ensure_future(notebook.run("deaf", "e1", shown, 1))
    await shown.until("begun")
    with pytest.raises(NotebookError) as caught:
        await run
    assert caught.value.code == "in_doubt"
    assert saved(on_disk, "deaf")["metadata"]["copilot"]["state"] == "running"
    assert await notebook.ran("deaf", "e1") is None
