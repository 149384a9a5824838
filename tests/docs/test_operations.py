"""The commands of the page on operations, as they stand there, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_copilot.storage.postgres.log import PostgresEventLog

from ..storage.postgres_server import PostgresServer, program
from ..storage.samples import ROOM, said, told
from .pages import DOCS

PAGE = DOCS / "operations.md"
EXAMPLE = re.compile(r"postgresql://copilot@db\.example\.org/(\w+)\?passfile=/etc/copilot/pgpass")


def recipe(heading: str) -> str:
    """The commands under a heading."""
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"^```bash\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    return str(block)


class Operator:
    """Types what the page says into one shell after the other, in a folder of their own."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        programs = (Path(sys.executable).parent, Path(program("pg_dump")).parent)
        self._environ = {
            **os.environ,
            "ADMIN": server.url("postgres").replace("copilot@", "operator@"),
            "PASSWORD": "not-asked-for",
            "STORE": self.address("copilot"),
            "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
        }

    def address(self, database: str) -> str:
        return self._server.url(database)

    def type(self, heading: str) -> str:
        """Run a recipe; returns what it printed."""
        typed = EXAMPLE.sub(lambda found: self.address(found[1]), recipe(heading))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", typed],
            cwd=self._folder,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    """At a cluster of their own, in which nobody is called as on the page yet."""
    # Its account must be able to reach the folder, which those of pytest do not let it.
    with tempfile.TemporaryDirectory(prefix="copilot-postgres-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "cluster").make().start()
        server.sql("CREATE ROLE operator LOGIN SUPERUSER", "postgres")
        rename = ("-Uoperator", "-qc", "ALTER ROLE copilot RENAME TO maker", "postgres")
        server.run("psql", "-h127.0.0.1", f"-p{server.port}", *rename)
        yield Operator(server, tmp_path)
        server.kill()


async def _write(address: str, *texts: str) -> tuple[str, int]:
    """Append; returns the log's id and the head."""
    log = PostgresEventLog(address)
    try:
        await told(log, *map(said, texts))
        head = await log.head(ROOM)
        return head.log, head.seq
    finally:
        await log.close()


@pytest.mark.slow
async def test_the_store_is_made_backed_up_restored_upgraded_and_watched_as_the_page_says(operator: Operator) -> None:
    assert "Nothing is wrong in 0 rooms" in await asyncio.to_thread(operator.type, "Install")
    log_id, seq = await _write(operator.address("copilot"), "a", "b")
    await asyncio.to_thread(operator.type, "Back up")
    await _write(operator.address("copilot"), "after the backup")

    said_ = await asyncio.to_thread(operator.type, "Restore")
    assert "Its last records may be missing" in said_ and said_.rstrip().endswith("Nothing is wrong in 0 rooms.")
    restored_id, restored_seq = await _write(operator.address("restored"))
    assert restored_seq == seq and restored_id != log_id

    assert "up to date" in await asyncio.to_thread(operator.type, "Upgrade")
    watched = await asyncio.to_thread(operator.type, "Watch")
    assert watched.startswith(f"1|{seq + 1}\n") and '"faults":0' in watched.replace(" ", "")
