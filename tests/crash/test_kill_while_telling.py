"""A server is killed while it tells people: they are told at least once, and doubles carry the same id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import connect

from ..mortal_server import TOKEN, MortalServer
from ..server.notices.receiver import SECRET, Receiver

NEVER = ("never", "1")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MortalServer]:
    made = MortalServer(tmp_path, "tests.crash.victim", {"HOOK_SECRET": SECRET})
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notebooks" / "n.ipynb")
    yield made
    made.stop()


async def test_a_kill_between_the_telling_and_its_record_tells_again_under_the_same_id(
    server: MortalServer, tmp_path: Path
) -> None:
    receiver = Receiver()
    policy = tmp_path / "policy.toml"
    channel = f'name = "ops"\nurl = "{receiver.url}"\nsecret_env = "HOOK_SECRET"\nprivate = true\nafter_s = 0\n'
    policy.write_text(f"[[channels]]\n{channel}")

    async def kill() -> None:
        receiver.before_answer = None
        server.stop()

    receiver.before_answer = kill
    server.start(*NEVER, policy=policy)
    await server.serves()
    async with connect(server.url, "n.ipynb", token=TOKEN) as client:
        await client.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q1"), title="Go on?"))
        await receiver.has(1)
    server.start(*NEVER, policy=policy)
    assert [came["id"] for came in await receiver.has(2)] == ["q1", "q1"]
    await server.serves()
    async with connect(server.url, "n.ipynb", token=TOKEN) as client:
        await client.wait(lambda state: any(each.told for each in state.notices.values()))
    server.stop()
    server.start(*NEVER, policy=policy)
    await server.serves()
    async with connect(server.url, "n.ipynb", token=TOKEN) as client:
        await client.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q2"), title="And now?"))
        assert [came["id"] for came in await receiver.has(3)] == ["q1", "q1", "q2"]
    receiver.close()
