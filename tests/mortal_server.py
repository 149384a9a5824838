"""A real Jupyter server that kills itself where a test wants it: on one port and one store, again and again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .forked import Forked

TOKEN = "crash-test"
MODEL_VARIABLES = ("OPENAI_", "AZURE_OPENAI_")


class MortalServer:
    """The process of `python -m MODULE FATE… -- SERVER ARGUMENTS` with a folder of its own, which holds `notebooks/`.

    The module says what its fate means; only the copilot's extension is on.
    """

    def __init__(
        self,
        root: Path,
        module: str,
        environ: Mapping[str, str] | None = None,
        options: Mapping[str, object] | None = None,
    ) -> None:
        self.root = root
        self._options = dict(options or {})
        self.store = root / "store" / "rooms.sqlite3"
        (root / "notebooks").mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/"
        self._module = module
        folders = {f"JUPYTER_{name}_DIR": str(root / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(MODEL_VARIABLES)}
        self._environ = {**clean, **folders, "JUPYTER_NO_CONFIG": "1", **(environ or {})}
        self._process: Forked | None = None

    def start(self, *fate: str, policy: Path | None = None) -> None:
        """Start it, perhaps with a policy file; it may take a while until it listens."""
        options = {
            "ServerApp.root_dir": self.root / "notebooks",
            "ServerApp.port": self._port,
            "ServerApp.port_retries": 0,
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "ServerApp.jpserver_extensions": {"jupyter_copilot": True},
            "IdentityProvider.token": TOKEN,
            "CopilotApp.store_path": self.store,
            **self._options,
            **({"CopilotApp.policy_file": policy} if policy else {}),
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        log = self.root / "server.log"
        self._process = Forked(self._module, *fate, "--", *arguments, environ=self._environ, output=log)

    @property
    def pid(self) -> int:
        """The number of its process, which was started."""
        assert self._process is not None
        return self._process.pid

    async def serves(self) -> None:
        """Wait until it listens."""
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.close()
                return
            assert self._process and self._process.returncode is None, (self.root / "server.log").read_text()
            await asyncio.sleep(0.05)

    async def died(self, within_s: float) -> bool:
        """Wait until it is dead; whether it killed itself. After this time it is killed from outside."""
        process = self._process
        assert process is not None
        try:
            await asyncio.to_thread(process.wait, within_s)
        except subprocess.TimeoutExpired:
            self.stop()
            return False
        assert process.returncode == -9, (self.root / "server.log").read_text()
        return True

    def stop(self) -> None:
        """Kill it, if it lives."""
        if self._process is not None:
            self._process.kill()
