"""Real kernels of a real server, and a person in the room beside them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jupyter_copilot.client import Client, connect
from jupyter_copilot.core import state as s

from ..server.conftest import jp_server_config, notebook

__all__ = ["jp_server_config", "notebook"]


class Outcome(NamedTuple):
    """What running a cell came to: its status, what it printed, what it displayed (last update of each), its error."""

    status: str
    text: str
    shown: list[str]
    error: str
    displays: list[str]
    traceback: str


class Kernel:
    """A kernel of the server, as a notebook uses it."""

    def __init__(self, serverapp: Any, session: dict[str, Any]) -> None:
        self.id: str = session["kernel"]["id"]
        self.session = session
        self._manager = serverapp.kernel_manager
        self._client: Any = None
        self._heard = asyncio.Event()
        self._said = ""
        self._displays: dict[str, dict[str, Any]] = {}

    @property
    def process(self) -> int:
        return int(self._manager.get_kernel(self.id).provisioner.pid)

    async def ready(self) -> Kernel:
        self._client = self._manager.get_kernel(self.id).client()
        # A heartbeat would outlive a killed kernel, and strike whichever kernel gets its port next: R dies of one.
        self._client.start_channels(hb=False)
        await self._client.wait_for_ready(timeout=60)
        return self

    async def run(self, code: str) -> Outcome:
        """Run a cell to its end. A kernel that dies in between is no outcome: cancel."""
        message_id = self._client.execute(code, store_history=True)
        printed: list[str] = []
        shown: dict[str, str] = {}
        status, error, traceback = "ok", "", ""
        while True:
            message = await self._client.get_iopub_msg(timeout=60)
            content = message["content"]
            kind = message["header"]["msg_type"]
            if kind in ("display_data", "update_display_data"):
                display = content.get("transient", {}).get("display_id", "")
                self._displays[display] = content["data"]
                self._heard.set()
            if message["parent_header"].get("msg_id") != message_id:
                continue
            if kind == "stream":
                printed.append(content["text"])
                self._said += content["text"]
                self._heard.set()
            elif kind in ("display_data", "update_display_data", "execute_result"):
                key = content.get("transient", {}).get("display_id", str(len(shown)))
                shown[key] = content["data"].get("text/plain", "")
            elif kind == "error":
                status, error = "error", f"{content['ename']}: {content['evalue']}"
                traceback = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return Outcome(status, "".join(printed), list(shown.values()), error, list(shown), traceback)

    def begin(self, code: str) -> asyncio.Task[Outcome]:
        """Run a cell in the background of the test."""
        return asyncio.create_task(self.run(code))

    async def heard(self, text: str, cell: asyncio.Task[Outcome]) -> None:
        """Return once the cell has printed this; fails when it ends without."""
        await self._until(lambda: text in self._said, cell)

    async def shows(self, text: str, cell: asyncio.Task[Outcome]) -> None:
        """Return once an output shows this; fails when the cell ends without."""
        await self._until(lambda: any(text in str(data) for data in self._displays.values()), cell)

    async def _until(self, happened: Callable[[], bool], cell: asyncio.Task[Outcome]) -> None:
        while not happened():
            self._heard.clear()
            more = asyncio.ensure_future(self._heard.wait())
            await asyncio.wait([more, cell], return_when=asyncio.FIRST_COMPLETED)
            more.cancel()
            assert happened() or not cell.done(), cell

    def updated(self, outcome: Outcome) -> str:
        """What the last output of an earlier cell shows by now, as far as later cells were waited for."""
        return str(self.bundle(outcome)["text/plain"])

    def bundle(self, outcome: Outcome) -> dict[str, Any]:
        """The same in all of its forms."""
        return self._displays[outcome.displays[-1]]

    async def complete(self, code: str) -> list[str]:
        """What the kernel offers at the end of this code."""
        message_id = self._client.complete(code)
        while True:
            reply = await self._client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == message_id:
                found: list[str] = reply["content"]["matches"]
                return found

    async def interrupt(self) -> None:
        await self._manager.interrupt_kernel(self.id)

    def close(self) -> None:
        """Let go of it; a client that is left open would hold up the process that forgets it."""
        if self._client is not None:
            self._client.stop_channels()

    async def restart(self) -> None:
        self._client.stop_channels()
        await self._manager.restart_kernel(self.id)
        await self.ready()

    async def shutdown(self) -> None:
        self._client.stop_channels()
        await self._manager.shutdown_kernel(self.id, now=True)

    def kill(self) -> None:
        os.kill(self.process, signal.SIGKILL)


StartKernel = Callable[..., Awaitable[Kernel]]


@pytest.fixture
def start_kernel(jp_serverapp: Any, http_server_client: Any, notebook: str, jp_asyncio_loop: Any) -> Any:
    """Start the kernel of a notebook; all are shut down at the end."""

    kernels: list[Kernel] = []

    async def started(path: str = notebook, type: str = "notebook", kernel_name: str = "python3") -> Kernel:
        session = await jp_serverapp.session_manager.create_session(
            path=path, name=path, type=type, kernel_name=kernel_name
        )
        kernels.append(Kernel(jp_serverapp, session))
        return await kernels[-1].ready()

    yield started
    for kernel in kernels:
        kernel.close()
    jp_asyncio_loop.run_until_complete(jp_serverapp.kernel_manager.shutdown_all(now=True))


@pytest.fixture
def extension(jp_serverapp: Any) -> Any:
    """The running extension."""
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    return app


@pytest.fixture
def person(jp_serverapp: Any, jp_base_url: str, jp_http_port: int, notebook: str) -> Client:
    """A person's client of the notebook's room; enter it with `async with`."""
    address = f"http://127.0.0.1:{jp_http_port}{jp_base_url}"
    return connect(address, notebook, str(jp_serverapp.identity_provider.token))


@pytest.fixture(scope="session")
def ipykernel6(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the last ipykernel 6, to be put before the installed one."""
    target = tmp_path_factory.mktemp("ipykernel6")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*install, "--target", str(target), "ipykernel>=6.29,<7"], check=True)
    return target


@pytest.fixture
def older(ipykernel6: Path, jp_serverapp: Any) -> str:
    """The name of a kernel that runs it."""
    folder = Path(jp_serverapp.kernel_spec_manager.user_kernel_dir) / "older"
    folder.mkdir(parents=True)
    path = f"import sys; sys.path.insert(0, {str(ipykernel6)!r})"
    start = f"{path}; from ipykernel import kernelapp; kernelapp.launch_new_instance()"
    spec = {
        "argv": [sys.executable, "-c", start, "-f", "{connection_file}"],
        "display_name": "Older",
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    return "older"


async def only_question(client: Client) -> s.Open:
    """The open confirmation, once there is one."""
    state = await client.wait(lambda state: any(True for _ in s.open_confirmations(state)))
    (opened,) = s.open_confirmations(state)
    return opened
