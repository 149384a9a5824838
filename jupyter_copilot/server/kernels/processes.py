"""Names of kernels' processes, which stand in records: whether a process is gone can be told from its name alone."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ...protocol import ClientId
from ...storage.owner import is_dead, process_owner


class KernelProcesses:
    """The processes of a server's kernels."""

    def __init__(self, kernel_manager: Any) -> None:
        self._kernels = kernel_manager
        self._starts: dict[str, ClientId] = {}

    def begins(self, kernel_id: str) -> None:
        """A process of this kernel is about to start, for the first time or again."""
        self._starts[kernel_id] = ClientId(uuid4().hex)

    def ended(self, kernel_id: str) -> None:
        """The kernel has none any more."""
        self._starts.pop(kernel_id, None)

    def name(self, kernel_id: str) -> ClientId | None:
        """The name of the process that is this kernel now, which a restart changes; None when there is none.

        One on another machine has the name of its start, as its process id means nothing here.
        """
        if kernel_id not in self._kernels:
            return None
        provisioner = getattr(self._kernels.get_kernel(kernel_id), "provisioner", None)
        if isinstance(provisioner, LocalProvisioner):
            return process_name(provisioner.pid) if provisioner.pid else None
        return self._starts.get(kernel_id)


def process_name(pid: int) -> ClientId:
    """The name of a process of this machine: the machine as a digest, the pid, and when the process started."""
    machine, _, process = process_owner(pid).partition(":")
    return ClientId(f"{_digest(machine)}:{process}")


def has_died(name: str) -> bool:
    """Whether the process is one of this machine that no longer exists; False when that cannot be told."""
    mark, _, process = name.partition(":")
    machine = process_owner().partition(":")[0]
    return mark == _digest(machine) and is_dead(f"{machine}:{process}")


def _digest(machine: str) -> str:
    """What others may know of a machine: whether it is the same one."""
    return hashlib.sha256(machine.encode()).hexdigest()[:12]
