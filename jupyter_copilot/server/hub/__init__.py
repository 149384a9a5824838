"""The rooms as a service of a JupyterHub: who may come in, what such a service does not do, and how it starts."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "jupyter_copilot.server.hub"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Add the page behind which people sign in."""
    from jupyter_server.utils import url_path_join

    from .sign_in_page import SignInPage

    page = url_path_join(serverapp.base_url, "copilot/sign-in")
    serverapp.web_app.add_handlers(".*$", [(page, SignInPage)])
