"""A kernel provisioner as those for clusters and containers are: processes elsewhere, of which little is known here."""

from __future__ import annotations

from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from typing_extensions import override

NO_SUCH_PROCESS = 4_999_999
"""More than Linux counts to: where the kernel runs, it may well exist."""


class Elsewhere(KernelProvisionerBase):
    """Starts a kernel and keeps its process to itself; `pid` is one of another machine."""

    pid: int | None = NO_SUCH_PROCESS
    forwards_environment = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._local = LocalProvisioner(**options)

    @property
    @override
    def has_process(self) -> bool:
        return bool(self._local.has_process)

    @override
    async def poll(self) -> int | None:
        return await self._local.poll()

    @override
    async def wait(self) -> int | None:
        return await self._local.wait()

    @override
    async def send_signal(self, signum: int) -> None:
        await self._local.send_signal(signum)

    @override
    async def kill(self, restart: bool = False) -> None:
        await self._local.kill(restart)

    @override
    async def terminate(self, restart: bool = False) -> None:
        await self._local.terminate(restart)

    @override
    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        given = await self._local.pre_launch(**options)
        if not self.forwards_environment:
            given["env"] = {name: value for name, value in given["env"].items() if "COPILOT" not in name}
        return given

    @override
    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        return await self._local.launch_kernel(cmd, **options)

    @override
    async def cleanup(self, restart: bool = False) -> None:
        await self._local.cleanup(restart)


class Nameless(Elsewhere):
    """Not even knows a process id."""

    pid = None


class Sealed(Elsewhere):
    """Does not hand the environment over, as gateways do."""

    forwards_environment = False
