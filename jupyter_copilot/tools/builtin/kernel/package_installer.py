"""What runs inside of a Python kernel to install packages where that kernel finds them.

The source of this module is sent to the kernel as text, so it needs nothing but the standard library of Python 3.8.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import subprocess
import sys
from typing import Any

MARK = "\x1e"


def describe() -> None:
    """Print the environment and how to install there, as JSON between marks."""
    version = ".".join(map(str, sys.version_info[:3]))
    found = {"prefix": sys.prefix, "version": version, "installer": installer()}
    print(MARK + json.dumps(found) + MARK, flush=True)


def installer() -> list[str]:
    """The command that installs into this environment; empty where there is none."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    return ["uv", "pip", "install", "--python", sys.executable] if shutil.which("uv") else []


def install(prefix: str, command: list[str]) -> None:
    """Run the command, and print what it says and, between marks, how it ended. Raises in another environment."""
    if sys.prefix != prefix:
        raise RuntimeError("The kernel runs in another environment by now, which is " + sys.prefix)
    before = loaded()
    done: Any = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    importlib.invalidate_caches()
    now = loaded()
    changed = sorted(name for name in before if name in now and now[name] != before[name])
    print(done.stdout.decode(errors="replace"))
    print(MARK + json.dumps({"code": done.returncode, "changed": changed}) + MARK, flush=True)


def loaded() -> dict[str, str]:
    """The installed version of each package of which something is imported."""
    from importlib import metadata

    imported = {name.partition(".")[0] for name in sys.modules}
    found = {}
    for each in metadata.distributions():
        names = {str(path).partition("/")[0].partition(".")[0] for path in each.files or ()}
        if names & imported:
            found[each.metadata["Name"]] = each.version
    return found
