"""One shared AI copilot for everybody who looks at a notebook.

In a kernel: `Panel`, `confirm`, `confirm_async`, `requires_confirmation`, `ask`, `wait_for`. Everything is imported on
first use, so that neither a kernel nor a server pays for the other's half.
"""

from __future__ import annotations

from typing import Any

from ._version import __version__ as __version__

_LABEXTENSION = "jupyter-collaborative-copilot"
_KERNEL_NAMES = {
    "Panel": "panel",
    "confirm": "confirm",
    "confirm_async": "confirm",
    "requires_confirmation": "confirm",
    "wait_for": "confirm",
    "ask": "ask",
}
"""What a kernel may import from here, and the module of `jupyter_copilot.kernel` that holds it."""

__all__ = sorted(_KERNEL_NAMES)


def __getattr__(name: str) -> Any:
    """Import a kernel name on first use."""
    module = _KERNEL_NAMES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".kernel.{module}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_KERNEL_NAMES})


def load_ipython_extension(shell: Any) -> None:
    """Make `%copilot`, `%%copilot` and `%copilot_fix` available: `%load_ext jupyter_copilot`."""
    from .kernel.magics import load

    load(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .server.app import CopilotApp

    return [{"module": __name__, "app": CopilotApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": _LABEXTENSION}]
