"""A connection to a running kernel: one piece of code at a time, followed to its end, whatever the end is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from queue import Empty
from typing import Any, Literal, NoReturn, TypeVar
from uuid import uuid4

from jupyter_core.utils import ensure_async
from msgspec import Struct

from ...protocol.errors import InDoubt, KernelError
from ..services import Kernels

JsonObject = dict[str, Any]
OnMessage = Callable[[JsonObject], Awaitable[None]]
T = TypeVar("T")

PULSE_S = 1.0
"""How often the kernel is asked whether it is still the same."""
STOP_GRACE_S = 10.0
"""How long an interrupted kernel may take until it is idle."""
RESTART_GRACE_S = 10.0
"""How long a kernel that died may take until it is restarted; the server looks every three seconds."""
ATTEMPT_S = 10.0
QUIET_S = 4.0
"""How long the last broadcast is waited for after the reply, while none comes; some kernels forget it."""
UNHEARD = 3
"""So many answers without a broadcast mean that the kernel broadcasts nothing."""


class KernelReply(Struct, frozen=True, kw_only=True):
    """How the kernel answered; `timeout` when it was interrupted because the time was over."""

    status: Literal["ok", "error", "interrupted", "timeout", "aborted"]
    execution_count: int | None = None
    error: str = ""
    payload: list[JsonObject] = []


class KernelConnection:
    """A client of one kernel, with a session of its own, so that nobody else's messages are mistaken for its own."""

    def __init__(self, manager: Kernels, kernel_id: str) -> None:
        kernel = manager.get_kernel(kernel_id)
        session = kernel.session
        self.idle = True
        """Whether nothing that this connection started is still running."""
        self._begun = asyncio.Event()
        self._interrupted = False
        self._manager = manager
        self._kernel_id = kernel_id
        self._restarted = False
        self._identity: str | None = None
        self._process = _process_of(kernel)
        self._gone: asyncio.Future[NoReturn] | None = None
        # The client is typed loosely: a gateway's has the same methods, some of them not asynchronous.
        self._client: Any = kernel.client()
        self._client.session = type(session)(
            config=session.config, key=session.key, signature_scheme=session.signature_scheme
        )

    async def open(self) -> None:
        """Connect, and wait until the kernel's broadcasts arrive; a kernel that is starting may take a while."""
        self._manager.add_restart_callback(self._kernel_id, self._on_restart, "restart")
        self._manager.add_restart_callback(self._kernel_id, self._on_restart, "dead")
        await ensure_async(self._client.start_channels(stdin=False, hb=False))
        await self._hear()
        self._gone = asyncio.ensure_future(self._watch())

    async def _hear(self) -> None:
        """Return once broadcasts arrive. Raises `asyncio.TimeoutError` when an idle kernel says nothing at all."""
        loop = asyncio.get_running_loop()
        silent_since, unheard, asked = loop.time(), 0, ""
        while unheard < UNHEARD:
            # The control channel answers while the kernel is busy, and that it does is broadcast too; kernels without
            # it answer on the shell channel once they are free, so that silence of a busy one means nothing.
            self._send("control", "kernel_info_request", {})
            asked = asked or self._send("shell", "kernel_info_request", {})
            with suppress(Empty):
                await ensure_async(self._client.get_iopub_msg(timeout=0.3))
                return
            with suppress(Empty):
                answer = await ensure_async(self._client.get_shell_msg(timeout=0.01))
                if answer["parent_header"].get("msg_id") == asked:
                    unheard, asked = unheard + 1, ""
            await self._check_alive()
            if self._is_busy():
                silent_since = loop.time()
            elif loop.time() - silent_since > ATTEMPT_S:
                raise asyncio.TimeoutError

    def _is_busy(self) -> bool:
        """Whether the server knows that the kernel works; a gateway's manager may not say."""
        kernel = self._manager.get_kernel(self._kernel_id)
        return getattr(kernel, "execution_state", None) == "busy"

    async def close(self) -> None:
        """Let go of the kernel; what runs goes on running."""
        if self._gone is not None:
            self._gone.cancel()
            await asyncio.gather(self._gone, return_exceptions=True)
        self._client.stop_channels()
        if self._kernel_id in self._manager:
            self._manager.remove_restart_callback(self._kernel_id, self._on_restart, "restart")
            self._manager.remove_restart_callback(self._kernel_id, self._on_restart, "dead")

    async def free(self) -> None:
        """Wait until the kernel has done what people gave it before. Raises `KernelError` when it is gone.

        Code is sent after that only: a kernel takes nothing back, so that what waits in its queue could not be stopped
        without stopping what somebody else runs.
        """
        msg_id = self._send("shell", "kernel_info_request", {})
        await self._finished(asyncio.ensure_future(self._reply(msg_id)))

    async def execute(
        self,
        code: str,
        msg_id: str,
        on_message: OnMessage,
        *,
        silent: bool = False,
        cell_id: str | None = None,
        timeout_s: float | None = None,
    ) -> KernelReply:
        """Run code to its end, passing each IOPub message that it causes to `on_message`, in order.

        When the time is over or the caller is cancelled, the kernel is interrupted and followed until it is idle.
        Raises `KernelError` when the kernel dies or is restarted, `InDoubt` when it does not heed the interrupt.
        """
        self.idle = False
        self._interrupted = False
        self._begun.clear()
        self._send("shell", "execute_request", _request(code, silent), msg_id, {"cellId": cell_id})
        work = asyncio.ensure_future(self._follow(msg_id, on_message))
        try:
            return await self._finished(work, timeout_s)
        except asyncio.TimeoutError:
            reply = await self._stop(work)
            return KernelReply(status="timeout", execution_count=reply.execution_count, error=reply.error)
        except asyncio.CancelledError:
            with suppress(InDoubt, KernelError):  # the caller reads `idle`
                await self._stop(work)
            raise
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _finished(self, work: asyncio.Future[T], timeout_s: float | None = None) -> T:
        """The result of `work`, unless the kernel is gone before. Raises `asyncio.TimeoutError`, leaving it be."""
        assert self._gone is not None
        either: set[asyncio.Future[Any]] = {work, self._gone}
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        if self._gone.done():
            work.cancel()
            self._gone.result()
        raise asyncio.TimeoutError

    async def _stop(self, work: asyncio.Future[KernelReply]) -> KernelReply:
        begun = asyncio.ensure_future(self._begun.wait())
        try:
            # Before it began, an interrupt would hit what somebody else runs.
            either: set[asyncio.Future[Any]] = {work, begun}
            await asyncio.wait(either, timeout=STOP_GRACE_S, return_when=asyncio.FIRST_COMPLETED)
            if begun.done() and not work.done():
                self._interrupted = True
                await ensure_async(self._manager.interrupt_kernel(self._kernel_id))
            return await self._finished(work, STOP_GRACE_S)
        except asyncio.TimeoutError:
            raise InDoubt(
                "The kernel was interrupted but goes on running.", hint="Restart the kernel to stop it."
            ) from None
        finally:
            begun.cancel()

    async def _follow(self, msg_id: str, on_message: OnMessage) -> KernelReply:
        replied = asyncio.ensure_future(self._reply(msg_id))
        try:
            await self._broadcasts(msg_id, on_message, replied)
            content = await replied
        finally:
            replied.cancel()
        self.idle = True
        return _reply_of(content, interrupted=self._interrupted)

    async def _broadcasts(self, msg_id: str, on_message: OnMessage, replied: asyncio.Future[JsonObject]) -> None:
        while True:
            ended = replied.done()
            try:
                message = await ensure_async(self._client.get_iopub_msg(timeout=QUIET_S))
            except Empty:
                if ended:
                    return
                continue
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            self._begun.set()
            if message["msg_type"] != "status":
                await on_message(message)
            elif message["content"]["execution_state"] == "idle":
                return

    async def _reply(self, msg_id: str) -> JsonObject:
        while True:
            message = await ensure_async(self._client.get_shell_msg(timeout=None))
            if message["parent_header"].get("msg_id") == msg_id:
                # Known before anything runs: a kernel that is restarted at once would pass for the one that was asked.
                self._recognise(message["header"]["session"])
                content: JsonObject = message["content"]
                return content

    async def ended(self) -> None:
        """Wait until the kernel that said it would end has ended, for `STOP_GRACE_S` at most."""
        assert self._gone is not None
        await asyncio.wait({self._gone}, timeout=STOP_GRACE_S)

    async def _watch(self) -> NoReturn:
        """Raise `KernelError` when the kernel is not the one any more that it was."""
        unanswered = 0
        while True:
            if unanswered < UNHEARD:  # some kernels never look at this channel but to shut down
                self._send("control", "kernel_info_request", {})
            unanswered += 1
            with suppress(Empty):
                reply = await ensure_async(self._client.get_control_msg(timeout=PULSE_S))
                unanswered = 0
                self._recognise(reply["header"]["session"])
                await asyncio.sleep(PULSE_S)
            await self._check_alive()

    def _recognise(self, identity: str) -> None:
        # A process has one session id for life, so another one means another process on the same ports.
        self._identity = self._identity or identity
        if identity != self._identity:
            self._restarted = True

    async def _check_alive(self) -> None:
        if self._restarted:
            raise KernelError("The kernel died or was restarted.", hint="Its variables are gone; run the cells again.")
        known = self._kernel_id in self._manager
        if not known or not await ensure_async(self._manager.get_kernel(self._kernel_id).is_alive()):
            raise KernelError("The kernel died.", hint="Its variables are gone; run the cells again.")
        process = _process_of(self._manager.get_kernel(self._kernel_id))
        if process != self._process and self._process is not None:
            self._restarted = True
            raise KernelError("The kernel was restarted.", hint="Its variables are gone; run the cells again.")

    def _on_restart(self) -> None:
        self._restarted = True

    def _send(
        self,
        channel: Literal["shell", "control"],
        kind: str,
        content: JsonObject,
        msg_id: str = "",
        metadata: JsonObject | None = None,
    ) -> str:
        message = self._client.session.msg(kind, content, metadata=metadata)
        message["header"]["msg_id"] = message["msg_id"] = msg_id or uuid4().hex
        (self._client.shell_channel if channel == "shell" else self._client.control_channel).send(message)
        return str(message["msg_id"])


@asynccontextmanager
async def connect(
    manager: Kernels, kernel_id: str, timeout_s: float, patience_s: float | None = None
) -> AsyncIterator[KernelConnection]:
    """A connection to this kernel, closed at the end.

    A kernel that is starting, or that died and is about to be restarted, is waited for. Raises `KernelError` when it
    does not answer in time, `asyncio.TimeoutError` after `patience_s`, with a kernel that is busy as well.
    """
    connection = await asyncio.wait_for(_opened(manager, kernel_id, timeout_s), patience_s)
    try:
        yield connection
    finally:
        await connection.close()


async def _opened(manager: Kernels, kernel_id: str, timeout_s: float) -> KernelConnection:
    loop = asyncio.get_running_loop()
    started = loop.time()
    while True:
        if kernel_id not in manager:
            raise KernelError("The kernel is gone.", hint="Run the cell again: that starts one.")
        # A new client for each attempt: a kernel that was restarted may have other ports.
        connection = KernelConnection(manager, kernel_id)
        try:
            await connection.open()
            return connection
        except BaseException as error:
            await connection.close()
            waited = loop.time() - started
            if isinstance(error, KernelError) and waited < RESTART_GRACE_S:
                await asyncio.sleep(0.2)
            elif not isinstance(error, asyncio.TimeoutError):
                raise
            elif waited > timeout_s:
                problem = f"The kernel did not answer in {timeout_s:.0f} s."
                raise KernelError(problem, hint="It may be busy: wait, or restart it.") from None


def _process_of(kernel: Any) -> int | None:
    """The number of the kernel's process, where it is one of this machine: a kernel may not say who it is."""
    return getattr(getattr(kernel, "provisioner", None), "pid", None)


def _reply_of(content: JsonObject, *, interrupted: bool) -> KernelReply:
    status = content.get("status", "ok")
    # R says `abort` of what was interrupted, IPython raises.
    stopped = status in ("abort", "aborted") and interrupted
    if stopped or (status == "error" and content.get("ename") == "KeyboardInterrupt"):
        status = "interrupted"
    elif status in ("abort", "aborted"):
        status = "aborted"
    payload = content.get("payload")
    return KernelReply(
        status=status if status in ("ok", "error", "interrupted", "aborted") else "error",
        execution_count=content.get("execution_count"),
        error=f"{content.get('ename', '')}: {content.get('evalue', '')}" if status == "error" else "",
        payload=[each for each in payload if isinstance(each, dict)] if isinstance(payload, list) else [],
    )


def _request(code: str, silent: bool) -> JsonObject:
    return {
        "code": code,
        "silent": silent,
        "store_history": not silent,
        "user_expressions": {},
        "allow_stdin": False,
        # An error here must not throw away what people queued behind it.
        "stop_on_error": False,
    }
