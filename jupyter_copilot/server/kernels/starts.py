"""Kernels are told how to reach their room, in the environment they start with: an address and a token of their own."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from jupyter_server.utils import ensure_async

from ...kernel.environment import CERTIFICATE_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE
from .tokens import KernelTokens

_WILDCARDS = {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "localhost": "127.0.0.1", "::": "[::1]"}

Told = Callable[[str], None]
"""Called with a kernel's id."""


def follow_kernels(
    serverapp: Any, tokens: KernelTokens, begins: Told, ended: Told, kernel_url: str = ""
) -> Callable[[], None]:
    """Give every kernel that starts from now on a token; returns how to stop.

    `begins` is called before each start of a kernel's process, restarts included, and `ended` once a kernel is gone, or
    did not come about.
    The token goes with the kernel's id: a restart keeps it. `kernel_url` is the server's address for kernels that run
    on other machines; without a path, it gets the server's. Kernels of a gateway get no token: it starts them without
    the environment.
    """
    manager = serverapp.kernel_manager
    if getattr(serverapp, "gateway_config", None) is not None and serverapp.gateway_config.gateway_enabled:
        return lambda: None
    start, restart, remove = manager.start_kernel, manager.restart_kernel, manager.remove_kernel

    async def start_kernel(*, kernel_id: str | None = None, **options: Any) -> Any:
        if kernel_id is not None and kernel_id in manager:
            return await ensure_async(start(kernel_id=kernel_id, **options))
        kernel_id = kernel_id or manager.new_kernel_id(**options)
        env = dict(options.pop("env", None) or os.environ)
        env |= _address(serverapp, kernel_url) | {TOKEN_VARIABLE: tokens.issue(kernel_id)}
        begins(kernel_id)
        try:
            started = await ensure_async(start(kernel_id=kernel_id, env=env, **options))
        except BaseException:
            gone(kernel_id)
            raise
        if kernel_id in manager:  # it may have been shut down already
            manager.add_restart_callback(kernel_id, functools.partial(begins, kernel_id), "restart")
        return started

    def restart_kernel(kernel_id: str, *arguments: Any, **options: Any) -> Any:
        begins(kernel_id)
        return restart(kernel_id, *arguments, **options)

    def remove_kernel(kernel_id: str) -> Any:
        removed = remove(kernel_id)
        gone(kernel_id)
        return removed

    def gone(kernel_id: str) -> None:
        tokens.revoke(kernel_id)
        ended(kernel_id)

    manager.start_kernel, manager.restart_kernel, manager.remove_kernel = start_kernel, restart_kernel, remove_kernel

    def unfollow() -> None:
        manager.start_kernel, manager.restart_kernel, manager.remove_kernel = start, restart, remove

    return unfollow


def _address(serverapp: Any, kernel_url: str) -> dict[str, str]:
    """What a kernel is told about where the server is, as environment variables."""
    if kernel_url:
        has_path = urlsplit(kernel_url).path.strip("/")
        return {URL_VARIABLE: kernel_url if has_path else kernel_url.rstrip("/") + serverapp.base_url}
    known = {URL_VARIABLE: local_url(serverapp) or ""}
    return known | ({CERTIFICATE_VARIABLE: os.path.abspath(serverapp.certfile)} if serverapp.certfile else {})


def local_url(serverapp: Any) -> str | None:
    """The server's address for processes on its machine, without a token; None when it listens on a Unix socket."""
    if serverapp.sock:
        return None
    ip = serverapp.ip
    host = _WILDCARDS.get(ip, f"[{ip}]" if ":" in ip else ip)
    scheme = "https" if serverapp.certfile else "http"
    return f"{scheme}://{host}:{serverapp.port}{serverapp.base_url}"
