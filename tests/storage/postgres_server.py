"""A real PostgreSQL server of its own, from Debian's packages, for as long as the tests of a worker run."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

from ..browser.lab import free_port
from ..patience import scaled
from ..processes import living

ACCOUNT = "postgres"
"""PostgreSQL refuses to run as root; its package makes this account."""


def program(name: str) -> str:
    """The path of one of its programs, the newest version's."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}")) or [shutil.which(name) or ""]
    assert found[-1], "No PostgreSQL found. `make test` installs it (scripts/postgres.sh)."
    return found[-1]


class PostgresServer:
    """A cluster in `folder` on a port of its own; `kill` and `start` are a crash and what follows it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "copilot") -> str:
        return f"postgresql://copilot@127.0.0.1:{self.port}/{database}"

    def make(self) -> PostgresServer:
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, ACCOUNT)
        self.run("initdb", "-D", str(self.folder / "data"), "-U", "copilot", "-A", "trust", "-E", "UTF8", "--locale=C")
        return self

    def start(self) -> PostgresServer:
        settings = (f"-p{self.port}", "-h127.0.0.1", f"-k{self.folder}", "-cmax_connections=60", *self.options)
        command = [program("postgres"), "-D", str(self.folder / "data"), *settings]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, preexec_fn=self._as_account
            )
        deadline = time.monotonic() + scaled(30)
        while not self.is_ready():
            assert self._process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)
        return self

    def is_ready(self) -> bool:
        asked = [program("pg_isready"), "-q", "-h127.0.0.1", f"-p{self.port}"]
        return subprocess.run(asked, check=False).returncode == 0

    def create(self, database: str = "copilot") -> None:
        self.sql(f'CREATE DATABASE "{database}"', "postgres")

    def sql(self, statement: str, database: str = "copilot") -> str:
        """Run a statement; returns the values, as text."""
        command = ["-h127.0.0.1", f"-p{self.port}", "-Ucopilot", "-qAtc", statement, database]
        return self.run("psql", *command)

    def run(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [program(name), *arguments],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=self._as_account,
            cwd="/",
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def kill(self) -> None:
        """Kill all its processes, as a lost machine does."""
        if self._process is not None:
            processes = self._processes()  # each of them leads a session of its own
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.wait()
            assert not living(processes, scaled(10))
            self._process = None

    def suspend(self) -> None:
        """Let all its processes stand still, as behind a cut link: connections stay, and nothing answers."""
        assert self._process is not None
        psutil.Process(self._process.pid).suspend()  # it begins no others from now on
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        """Let them go on."""
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def _processes(self) -> list[psutil.Process]:
        assert self._process is not None
        main = psutil.Process(self._process.pid)
        return [main, *main.children()]

    def stop(self) -> None:
        """End it in order, waiting for nobody."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(scaled(30))
            self._process = None

    def _as_account(self) -> None:
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
