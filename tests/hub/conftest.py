"""One JupyterHub for all tests here: Alice's server runs, and Bob and Carol have none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from jupyter_copilot.client import Client, connect
from tests.hub.hub import Hub

_numbers = count(1)
Join = Callable[[str], Client]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A Hub takes its time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The Hub, with Alice's server ready."""
    running = Hub(tmp_path_factory.mktemp("hub"))
    running.start()
    try:
        for name in ("alice", "bob", "carol"):
            running.add(name)
        running.start_server("alice")
        yield running
    finally:
        running.stop()


@pytest.fixture
def shared(hub: Hub) -> Iterator[None]:
    """Alice shares her server with Bob."""
    hub.share("alice", "bob")
    yield
    hub.unshare("alice", "bob")


@pytest.fixture
def notebook(hub: Hub) -> str:
    """A new notebook of Alice's."""
    return hub.write("alice", f"notebook-{next(_numbers)}.ipynb")


@pytest.fixture
def join(hub: Hub, notebook: str) -> Join:
    """Makes the client of a person, with a Hub token of their own, for the notebook on Alice's server."""
    return lambda name: connect(hub.server("alice"), notebook, hub.token(name))
