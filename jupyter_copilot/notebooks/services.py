"""What the adapters need of the Jupyter server; the answers may be awaitable or not, as each manager likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Contents(Protocol):
    """The contents manager."""

    @property
    def saves_as_given(self) -> bool:
        """Whether what is saved is what is read afterwards: no hook changes it on the way."""

    def get(self, path: str, *, content: bool, type: str, require_hash: bool) -> Any:
        """The model of a file."""

    def save(self, model: dict[str, Any], path: str) -> Any:
        """Write a file."""


class Sessions(Protocol):
    """The session manager."""

    def list_sessions(self) -> Any:
        """The models of all sessions whose kernel lives."""

    def create_session(self, *, path: str, name: str, type: str, kernel_name: str | None) -> Any:
        """Start a kernel for a path, and return the session's model."""


class Kernels(Protocol):
    """The manager of all kernels."""

    def __contains__(self, kernel_id: str) -> bool: ...

    def get_kernel(self, kernel_id: str) -> Any:
        """The manager of one kernel."""

    def interrupt_kernel(self, kernel_id: str) -> Any:
        """Interrupt a kernel."""

    def restart_kernel(self, kernel_id: str) -> Any:
        """Restart a kernel; its answer may itself be awaited until the kernel is up."""

    def add_restart_callback(self, kernel_id: str, callback: Callable[[], None], event: str) -> Any:
        """Call back when a kernel died and is restarted (`restart`), or is given up (`dead`)."""

    def remove_restart_callback(self, kernel_id: str, callback: Callable[[], None], event: str) -> Any:
        """Call back no more."""
