"""Kernels are told how to reach their room: a URL and a token of their own in the environment they start with."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jupyter_server.utils import ensure_async

from .kernel_tokens import KernelTokens

URL_VARIABLE = "JUPYTER_COPILOT_URL"
TOKEN_VARIABLE = "JUPYTER_COPILOT_TOKEN"
_WILDCARDS = {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "localhost": "127.0.0.1", "::": "[::1]"}


def follow_kernels(serverapp: Any, tokens: KernelTokens, ended: Callable[[str], None]) -> Callable[[], None]:
    """Give every kernel that starts from now on a token, and call `ended` with each that is gone; returns how to stop.

    The token goes with the kernel's id: a restart keeps it. Kernels of a gateway start on another machine, where the
    URL leads nowhere, so they get none.
    """
    manager = serverapp.kernel_manager
    if getattr(serverapp, "gateway_config", None) is not None and serverapp.gateway_config.gateway_enabled:
        return lambda: None
    start, remove = manager.start_kernel, manager.remove_kernel

    async def start_kernel(*, kernel_id: str | None = None, **options: Any) -> Any:
        if kernel_id is not None and kernel_id in manager:
            return await ensure_async(start(kernel_id=kernel_id, **options))
        kernel_id = kernel_id or manager.new_kernel_id(**options)
        env = dict(options.pop("env", None) or os.environ)
        env[TOKEN_VARIABLE] = tokens.issue(kernel_id)
        url = local_url(serverapp)
        if url is not None:
            env[URL_VARIABLE] = url
        try:
            return await ensure_async(start(kernel_id=kernel_id, env=env, **options))
        except BaseException:
            tokens.revoke(kernel_id)
            raise

    def remove_kernel(kernel_id: str) -> Any:
        removed = remove(kernel_id)
        tokens.revoke(kernel_id)
        ended(kernel_id)
        return removed

    manager.start_kernel, manager.remove_kernel = start_kernel, remove_kernel

    def unfollow() -> None:
        manager.start_kernel, manager.remove_kernel = start, remove

    return unfollow


def local_url(serverapp: Any) -> str | None:
    """The server's address for processes on its machine, without a token; None when it listens on a Unix socket."""
    if serverapp.sock:
        return None
    ip = serverapp.ip
    host = _WILDCARDS.get(ip, f"[{ip}]" if ":" in ip else ip)
    scheme = "https" if serverapp.certfile else "http"
    return f"{scheme}://{host}:{serverapp.port}{serverapp.base_url}"
