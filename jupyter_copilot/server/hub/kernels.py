"""A service of everybody's runs nobody's code: it has no kernels of its own."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado import web


class NoKernels(AsyncMappingKernelManager):
    """Starts no kernel, whoever asks: the service has the keys of models and the store's password in its hands."""

    async def start_kernel(self, *arguments: Any, **options: Any) -> str:  # type: ignore[override]
        """Refuse. Raises `web.HTTPError`."""
        raise web.HTTPError(403, "Code runs in an open JupyterLab, and not in the service that keeps the rooms.")
