"""Fixtures that several suites share."""

from __future__ import annotations

import os
import shutil

import pytest

pytest_plugins = ["pytest_jupyter.jupyter_server"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that kill a server for minutes begin first: else one of them waits behind the other."""

    def takes_minutes(item: pytest.Item) -> bool:
        allowed = item.get_closest_marker("timeout")
        return bool(item.get_closest_marker("crash") and allowed and allowed.args[0] >= 600)

    items.sort(key=takes_minutes, reverse=True)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser to drive; without one, what installs it is said."""
    found = os.environ.get("COPILOT_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "No Chromium found. `make test` installs one, or set COPILOT_CHROMIUM."
    return found
