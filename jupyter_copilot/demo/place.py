"""The folder of a demo: the example to work on, and beside it everything that Jupyter keeps while it runs."""

from __future__ import annotations

import json
import os
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

from msgspec import Struct

EXAMPLE = ("penguins.ipynb", "penguins.csv", "DATA.md")
NOTEBOOK = EXAMPLE[0]
PANEL = "copilot-panel"
"""The id of the sidebar's widget."""


class Place(Struct, frozen=True, kw_only=True):
    """Where a demo lives: `root` is what Jupyter serves, `example` a folder in it, "" for the root itself.

    Settings, layout, conversations and the shared document's history are kept in `.jupyter`, so that a demo neither
    reads nor changes what belongs to the person who tries it. Deleting the folder deletes everything.
    """

    root: Path
    example: str = ""

    @property
    def state(self) -> Path:
        """Jupyter's configuration folder for this demo."""
        return self.root / ".jupyter"

    @property
    def notebook(self) -> str:
        """The notebook's path as Jupyter knows it."""
        return f"{self.example}/{NOTEBOOK}".lstrip("/")

    @property
    def page(self) -> str:
        """The path of the page that shows the notebook."""
        return f"/lab/tree/{self.notebook}"

    def prepare(self, models: dict[str, Any]) -> None:
        """Put everything where it belongs: what a person already has there is kept, the configuration is written anew.

        `models` is the configuration of model endpoints; empty leaves them to the environment.
        """
        self._copy_example()
        settings = self.state / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
        _write_new(settings / "notification.jupyterlab-settings", {"checkForUpdates": False, "fetchNews": "false"})
        self._write_layout()
        _write(self.state / "jupyter_server_config.json", self._configuration(models))

    def _copy_example(self) -> None:
        folder = self.root / self.example
        folder.mkdir(parents=True, exist_ok=True)
        for name in EXAMPLE:
            target = folder / name
            if not target.exists():
                with resources.as_file(resources.files(__package__) / "example" / name) as source:
                    shutil.copyfile(source, target)

    def _write_layout(self) -> None:
        """JupyterLab's default workspace, with the sidebar open."""
        from jupyterlab_server.workspaces_handler import WorkspacesManager

        workspaces = self.state / "lab" / "workspaces"
        if not workspaces.exists():
            layout = {"data": _layout(), "metadata": {"id": "default"}}
            WorkspacesManager(str(workspaces)).save("default", json.dumps(layout))

    def _configuration(self, models: dict[str, Any]) -> dict[str, Any]:
        copilot: dict[str, Any] = {"store_path": str(self.state / "rooms.sqlite3")}
        if models:
            copilot["models"] = models
        return {
            "LabApp": {"default_url": self.page},
            "ServerApp": {"root_dir": str(self.root)},
            "NotebookNotary": {"data_dir": str(self.state)},
            # It would look for language servers with npm, which takes long and finds none that a demo needs.
            "LanguageServerManager": {"autodetect": False},
            "BaseFileIdManager": {"db_path": str(self.state / "file_ids.sqlite3")},
            "SQLiteYStore": {"db_path": str(self.state / "documents.sqlite3")},
            "CopilotApp": copilot,
        }


def _layout() -> dict[str, Any]:
    closed: dict[str, Any] = {"collapsed": True, "visible": True, "current": None, "widgets": []}
    sidebar = {"collapsed": False, "visible": True, "current": PANEL, "widgets": [PANEL]}
    return {
        "layout-restorer:data": {
            "main": {"dock": None},
            "down": {"size": 0, "widgets": []},
            "left": closed,
            "right": sidebar,
            "relativeSizes": [0, 0.68, 0.32],
            "top": {"simpleVisibility": True},
        }
    }


def _write_new(path: Path, value: dict[str, Any]) -> None:
    if not path.exists():
        _write(path, value)


def _write(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The token of the demo model is in there: nobody else on this machine needs to read it.
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(value, file, indent=2)
