"""What of the server's disk the copilot may read: what the contents manager shows, and nothing of Jupyter's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_core.paths import jupyter_config_path, jupyter_data_dir, jupyter_runtime_dir

from ..ports.files import FileRules


def served_root(contents_manager: Any) -> str:
    """The folder on disk that the contents manager serves; empty when it serves something else."""
    os_path = getattr(contents_manager, "_get_os_path", None)
    return "" if os_path is None else str(os_path(""))


def file_rules(serverapp: Any, store: Sequence[str]) -> FileRules:
    """The contents manager's rules, and the places of this server's tokens, keys, settings and rooms."""
    contents = serverapp.contents_manager
    own = [serverapp.runtime_dir, serverapp.data_dir, serverapp.config_dir]
    usual = [jupyter_runtime_dir(), jupyter_data_dir(), *jupyter_config_path()]
    return FileRules(
        allow_hidden=bool(getattr(contents, "allow_hidden", False)),
        hide_globs=tuple(getattr(contents, "hide_globs", ())),
        closed=tuple(dict.fromkeys([*own, *usual, *store])),
    )
