"""A real Jupyter server with a notebook, and the ways to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from traitlets.config import Config

from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import OnOutput, TabView
from jupyter_copilot.protocol import Operation, OperationReport, Output, Right

from .contract import CELLS

PATH = "folder/nb.ipynb"
EMPTY: dict[str, Any] = {
    "cells": [],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "mine": [1]},
    "nbformat": 4,
    "nbformat_minor": 5,
}


class NoTab:
    """A front end where no tab has the notebook open."""

    def is_open(self, right: Right = "write") -> bool:
        return False

    async def read_others(self, but: str | None) -> list[TabView]:
        return []

    async def read(self, prefer: str | None, right: Right = "write") -> TabView:
        raise AssertionError("no tab is open")

    async def perform(
        self, call_id: str, operation: Operation, on_output: OnOutput, prefer: str | None
    ) -> OperationReport:
        raise AssertionError("no tab is open")


class Shown:
    """Collects what watchers are shown, and waits for a piece with a text."""

    def __init__(self) -> None:
        self.pieces: list[Output] = []
        self._more = asyncio.Event()

    def __call__(self, piece: Output) -> None:
        self.pieces.append(piece)
        self._more.set()

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    async def until(self, text: str) -> None:
        while text not in self.text:
            self._more.clear()
            await self._more.wait()


@pytest.fixture
def jp_server_config() -> Config:
    # The shared documents are off unless a test's module switches them on.
    return Config(
        {
            "ServerApp": {"jpserver_extensions": {"jupyter_server_ydoc": True, "jupyter_server_fileid": True}},
            "YDocExtension": {"disable_rtc": True},
        }
    )


@pytest.fixture
def file(jp_root_dir: Path) -> Path:
    """The notebook's file, with the contract's cells."""
    file = jp_root_dir / PATH
    file.parent.mkdir()
    file.write_text(json.dumps(with_cells(EMPTY, CELLS), indent=1) + "\n")
    return file


@pytest.fixture
def serverapp(jp_serverapp: Any, file: Path) -> Any:
    """A server with the notebook under its root; its kernels are stopped at the end."""
    return jp_serverapp


@pytest.fixture
def picker(serverapp: Any) -> NotebookPicker:
    """The ways to the notebook, with no tab open."""
    return NotebookPicker(serverapp, NoTab(), lambda: PATH)


@pytest.fixture
def on_disk(file: Path) -> Callable[[], dict[str, Any]]:
    """Reads the notebook from disk, as valid nbformat."""

    def read() -> dict[str, Any]:
        text = file.read_text()
        assert text.endswith("}\n")
        notebook: dict[str, Any] = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        return notebook

    return read
