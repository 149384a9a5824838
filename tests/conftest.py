"""Fixtures that several suites share."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator

import pytest

from .patience import SLOWNESS

pytest_plugins = ["pytest_jupyter.jupyter_server"]


def pytest_report_header() -> str:
    """How patient these tests are."""
    return f"patience: {SLOWNESS:.1f} times that of an idle machine"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A slow or busy machine gives each test more time, too."""
    usual = float(config.getini("timeout") or 0)
    for item in items:
        given = item.get_closest_marker("timeout")
        limit = given.args[0] if given is not None and given.args else usual
        item.add_marker(pytest.mark.timeout(limit * SLOWNESS), append=False)


@pytest.fixture
def jp_asyncio_loop(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[asyncio.AbstractEventLoop]:
    """The loop of a test; what still goes on at its end, such as a room that waits to be unloaded, ends with it."""
    yield jp_asyncio_loop
    if not jp_asyncio_loop.is_closed():
        left = asyncio.all_tasks(jp_asyncio_loop)
        for task in left:
            task.cancel()
        jp_asyncio_loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser to drive; without one, what installs it is said."""
    found = os.environ.get("COPILOT_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "No Chromium found. `make test` installs one, or set COPILOT_CHROMIUM."
    return found
