"""The kernel of one notebook: found through its session, or started."""

from __future__ import annotations

import asyncio
import inspect
import posixpath
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import msgspec
from jupyter_core.utils import ensure_async
from msgspec import Struct
from msgspec.structs import replace
from typing_extensions import override

from ...ports.notebook import KernelFacts, Notebook, NotebookInfo
from ...protocol.errors import CopilotError, KernelError, NotebookError
from ..ipynb import info_of
from ..missing_ids import MissingIds
from ..services import Kernels, Sessions
from . import facts
from .connection import KernelConnection, connect

JsonObject = dict[str, Any]

START_TIMEOUT_S = 60.0
FACTS_TIMEOUT_S = 2.0
BUSY_TIMEOUT_S = 0.5
"""How long a question may wait for a kernel of which the server believes that it works."""


class NotebookKernel:
    """Finds, starts, interrupts and restarts the kernel of the notebook that is at `path()` now."""

    def __init__(self, sessions: Sessions, kernels: Kernels, path: Callable[[], str]) -> None:
        self._sessions = sessions
        self._kernels = kernels
        self._path = path
        self._starting = asyncio.Lock()

    @property
    def path(self) -> str:
        """Where the notebook is now."""
        return self._path()

    async def find(self) -> str | None:
        """The id of the running kernel, or None."""
        sessions = [s for s in await self._sessions.list_sessions() if s["type"] == "notebook"]
        path = self._path()
        for belongs in (_is_at, _is_about_to_be_at):
            for session in sessions:
                if belongs(session, path):
                    kernel_id: str = session["kernel"]["id"]
                    return kernel_id
        return None

    async def start(self, kernel_name: str | None = None) -> str:
        """The id of the running kernel, after starting one of this name when there was none.

        Raises `KernelError` when it cannot be started.
        """
        async with self._starting:
            found = await self.find()
            return found if found is not None else await self._start(kernel_name)

    def connect(self, kernel_id: str, patience_s: float | None = None) -> AbstractAsyncContextManager[KernelConnection]:
        """A connection to this kernel, which may still be starting; `asyncio.TimeoutError` when patience ends."""
        return connect(self._kernels, kernel_id, START_TIMEOUT_S, patience_s)

    async def evaluate(self, code: str, timeout_s: float, patience_s: float | None = None) -> str:
        """Run code without trace in history, counter or queue, and return what it printed.

        Raises `KernelError` when no kernel runs or it stays busy, for `patience_s` if that is given, `NotebookError`
        when the code fails.
        """
        printed: list[str] = []

        async def receive(message: JsonObject) -> None:
            if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                printed.append(message["content"]["text"])

        async with self.connect(await self._running(), patience_s) as connection:
            try:
                await asyncio.wait_for(connection.free(), patience_s or timeout_s)
            except asyncio.TimeoutError:
                raise KernelError("The kernel is busy.", hint="Ask again when the running cell has ended.") from None
            reply = await connection.execute(code, uuid4().hex, receive, silent=True, timeout_s=timeout_s)
        if reply.status != "ok":
            raise NotebookError(f"It could not be evaluated: {reply.error or reply.status}.", code="evaluate")
        return "".join(printed)

    async def facts(self, *, ask: bool) -> KernelFacts:
        """What is known of the kernel; a free one that speaks Python is asked what it ran, and for which packages."""
        kernel_id = await self.find()
        if kernel_id is None or kernel_id not in self._kernels:
            return KernelFacts(running=False)
        state = getattr(self._kernels.get_kernel(kernel_id), "execution_state", "")
        unknown = KernelFacts(running=True, busy=state != "idle")
        if not ask or state not in ("idle", "busy"):
            return unknown
        # A kernel that was killed while it worked passes for busy until its next run: it is asked, too.
        # To be waited for is that it is free: what is cut off while it runs would be interrupted.
        patience_s = BUSY_TIMEOUT_S if unknown.busy else None
        try:
            printed = await self.evaluate(_facts_code(), FACTS_TIMEOUT_S, patience_s)
            said = msgspec.json.decode(printed.split(facts.MARK)[1], type=_Said)
        except (CopilotError, asyncio.TimeoutError, IndexError, msgspec.DecodeError):
            return unknown  # it need not be able to say
        return KernelFacts(running=True, runs=said.runs, packages=said.packages)

    async def interrupt(self) -> None:
        """Interrupt the kernel; nothing happens when there is none."""
        kernel_id = await self.find()
        if kernel_id is not None:
            await ensure_async(self._kernels.interrupt_kernel(kernel_id))

    async def restart(self) -> None:
        """Restart the kernel, and wait until it answers. Raises `KernelError` when there is none or it does not."""
        kernel_id = await self._running()
        try:
            answer = await ensure_async(self._kernels.restart_kernel(kernel_id))
            if isinstance(answer, Awaitable):
                await answer
        except Exception as error:
            raise KernelError(f"The kernel could not be restarted: {error}.") from error

    async def _start(self, kernel_name: str | None) -> str:
        path = self._path()
        try:
            session = await self._sessions.create_session(
                path=path, name=posixpath.basename(path), type="notebook", kernel_name=kernel_name
            )
        except Exception as error:
            raise KernelError(
                f"No kernel {kernel_name or ''!r} could be started: {error}.", hint="Choose another kernel."
            ) from error
        kernel_id: str = session["kernel"]["id"]
        return kernel_id

    async def _running(self) -> str:
        kernel_id = await self.find()
        if kernel_id is None:
            raise KernelError("The notebook has no running kernel.", hint="Run a cell first: that starts one.")
        return kernel_id


class _Said(Struct):
    """What a kernel says of itself."""

    runs: dict[int, str]
    packages: dict[str, str]


@cache
def _facts_code() -> str:
    """One expression that runs `facts` in a namespace of its own."""
    source = inspect.getsource(facts) + "\nanswer()\n"
    return f"__import__('builtins').exec({source!r}, {{'__name__': 'facts'}})"


class KernelBacked(Notebook):
    """The half of an adapter that needs nothing but the kernel, which is the server's whoever has the notebook open."""

    missing_ids: MissingIds | None = None

    def __init__(self, kernel: NotebookKernel) -> None:
        self._kernel = kernel
        self._metadata: object = None

    @override
    async def describe(self) -> NotebookInfo:
        info = info_of(posixpath.basename(self._kernel.path), self._metadata)
        return replace(info, gets_ids=self.missing_ids is not None and await self.missing_ids.found())

    @override
    async def kernel_facts(self) -> KernelFacts:
        is_python = (await self.describe()).language.lower() in ("python", "ipython")
        return await self._kernel.facts(ask=is_python)

    @override
    async def evaluate(self, code: str, timeout_s: float) -> str:
        return await self._kernel.evaluate(code, timeout_s)

    @override
    async def interrupt(self) -> None:
        await self._kernel.interrupt()

    @override
    async def restart(self) -> None:
        await self._kernel.restart()


def _is_at(session: JsonObject, path: str) -> bool:
    return _local(session["path"]) == path


def _is_about_to_be_at(session: JsonObject, path: str) -> bool:
    # JupyterLab starts a session at `<folder>/<uuid>` under the notebook's name, and gives it the path a moment later.
    folder, name = posixpath.split(path)
    session_folder, session_name = posixpath.split(_local(session["path"]))
    return session["name"] == name and session_folder == folder and _is_uuid(session_name)


def _local(path: str) -> str:
    return path.removeprefix("RTC:").strip("/")


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
