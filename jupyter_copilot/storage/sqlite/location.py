"""Where the store is kept when nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

STORE_VARIABLE = "JUPYTER_COPILOT_STORE"


def default_store_path() -> Path:
    """The file named by `JUPYTER_COPILOT_STORE`, else `jupyter_copilot/rooms.sqlite3` in Jupyter's data folder.

    Nothing is created here; opening the store makes a missing folder with mode 0700 and the file with mode 0600.
    """
    chosen = os.environ.get(STORE_VARIABLE)
    path = Path(chosen).expanduser() if chosen else Path(jupyter_data_dir(), "jupyter_copilot", "rooms.sqlite3")
    return path.absolute()
