"""What the server told this kernel at its start, and what to do where it told nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from ..protocol.errors import ConnectionLost

URL_VARIABLE = "JUPYTER_COPILOT_URL"
TOKEN_VARIABLE = "JUPYTER_COPILOT_TOKEN"
CERTIFICATE_VARIABLE = "JUPYTER_COPILOT_CERTIFICATE"
TOKEN_HEADER = "X-Copilot-Kernel-Token"
_VOILA_VARIABLE = "VOILA_PREHEAT"
"""What Voilà tells each of its kernels: they serve visitors of a page, and no notebook."""


class ServerAddress(NamedTuple):
    """Where the server is, the token that it gave to this kernel, and the file of the certificate that it shows."""

    url: str
    token: str
    certificate: str | None = None

    def __repr__(self) -> str:
        return f"ServerAddress({self.url!r})"

    @property
    def channel(self) -> str:
        """The address of the kernel's WebSocket."""
        base = self.url.rstrip("/")
        return f"ws{base.removeprefix('http')}/api/copilot/kernel/channel"

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries the token; it never stands in a URL."""
        return {TOKEN_HEADER: self.token}


def server_address(environ: Mapping[str, str] | None = None) -> ServerAddress:
    """The address in the environment. Raises `ConnectionLost` with code `no_server` and what to do about it."""
    environ = os.environ if environ is None else environ
    token = environ.get(TOKEN_VARIABLE)
    url = environ.get(URL_VARIABLE)
    if token and url and _VOILA_VARIABLE not in environ:
        return ServerAddress(url, token, environ.get(CERTIFICATE_VARIABLE))
    message, hint = _explanation(environ)
    raise ConnectionLost(message, hint=hint, code="no_server")


def _explanation(environ: Mapping[str, str]) -> tuple[str, str]:
    """What is the matter, and what to do next."""
    if _VOILA_VARIABLE in environ:
        return "Voilà shows what this notebook computes, without its copilot.", "Open the notebook in JupyterLab."
    if environ.get(TOKEN_VARIABLE):
        return (
            "The Jupyter server listens on a Unix socket, which kernels cannot reach.",
            "Start it with a port, or let its administrator set CopilotApp.kernel_url.",
        )
    if "JPY_SESSION_NAME" in environ or "JPY_PARENT_PID" in environ or "ipykernel" in sys.modules:
        return (
            "The Jupyter server gave this kernel no access to the copilot.",
            "If jupyter-collaborative-copilot is not installed in the server's environment, install it there and start "
            "the server again; if it is, restart this kernel. A kernel that runs elsewhere has access only where "
            "whatever starts it hands over the environment, which a gateway does not.",
        )
    return "This code does not run in a notebook's kernel, so there is nobody to ask.", "Open it in JupyterLab."
