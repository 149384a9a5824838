"""Where the store is kept when nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

STORE_VARIABLE = "JUPYTER_COPILOT_STORE"


def default_store_path() -> Path:
    """The file named by `JUPYTER_COPILOT_STORE`, else `jupyter_copilot/rooms.sqlite3` in Jupyter's data folder.

    The latter also where the variable has the address of a store that is no file. Nothing is created here; opening the
    store makes a missing folder with mode 0700 and the file with mode 0600.
    """
    chosen = os.environ.get(STORE_VARIABLE, "").removeprefix("sqlite://")
    is_file = chosen and "://" not in chosen
    path = Path(chosen).expanduser() if is_file else Path(jupyter_data_dir(), "jupyter_copilot", "rooms.sqlite3")
    return path.absolute()
