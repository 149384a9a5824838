"""Fixtures that several suites share."""

from __future__ import annotations

import os
import shutil

import pytest

pytest_plugins = ["pytest_jupyter.jupyter_server"]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser to drive; without one, what installs it is said."""
    found = os.environ.get("COPILOT_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "No Chromium found. `make test` installs one, or set COPILOT_CHROMIUM."
    return found
