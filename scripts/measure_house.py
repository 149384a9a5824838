"""Write the table of docs/house.md: how the package is built, before its rooms were made and now.

`python scripts/measure_house.py [BEFORE]` compares the commit BEFORE with the working tree.
"""

from __future__ import annotations

import ast
import asyncio
import re
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "house.md"
BEFORE = "ce36ebf^"
"""The last commit of the flat package."""
PACKAGE = "jupyter_copilot"


class House(NamedTuple):
    """What is measured of a tree; a number comes with the place where it was found."""

    modules: int
    most: tuple[int, str]
    loose: int
    depth: int
    file: tuple[int, str]
    function: tuple[int, str]


def measure(root: Path) -> House:
    """Measure the package below `root`."""
    files = [path for path in (root / PACKAGE).rglob("*.py") if "labextension" not in path.parts]
    counts: dict[str, int] = {}
    lines: list[tuple[int, str]] = []
    functions: list[tuple[int, str]] = []
    for path in files:
        name = path.relative_to(root / PACKAGE).as_posix()
        text = path.read_text(encoding="utf-8")
        if path.name != "__init__.py":
            folder = path.parent.relative_to(root / PACKAGE).as_posix()
            counts[folder] = counts.get(folder, 0) + 1
        lines.append((len(text.splitlines()), name))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.append(((node.end_lineno or 0) - node.lineno + 1, f"{name}: {node.name}"))
    most = max((count, folder) for folder, count in counts.items())
    loose = len([path for path in files if path.parent == root / PACKAGE and not path.name.startswith("_")])
    return House(len(files), most, loose, depth(root, files), max(lines), max(functions))


def depth(root: Path, files: list[Path]) -> int:
    """The longest way down from one top folder or loose module to others that it imports; circles count once."""
    below: dict[str, set[str]] = {}
    for path in files:
        parts = path.relative_to(root / PACKAGE).with_suffix("").parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = parts[: len(parts) - node.level]
                target = [*base, *(node.module or "").split(".")]
                names = [target[0]] if target[0] else [alias.name for alias in node.names]
                below.setdefault(parts[0], set()).update(name for name in names if name != parts[0])

    def longest(name: str, seen: frozenset[str]) -> int:
        return 1 + max(
            (longest(each, seen | {each}) for each in below.get(name, set()) - seen if each in below), default=0
        )

    return max(longest(name, frozenset({name})) for name in ("server", "cli") if name in below)


def at(commit: str, folder: Path) -> Path:
    """The package as it was at a commit, unpacked into a folder."""
    packed = subprocess.run(["git", "archive", commit, PACKAGE], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


class Hops:
    """Which files of the package a piece of work passes, and how deep its stack gets in them."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.deepest = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or f"/{PACKAGE}/" not in frame.f_code.co_filename:
            return
        self.files.add(frame.f_code.co_filename)
        stack = 0
        above: FrameType | None = frame
        while above is not None:
            stack += f"/{PACKAGE}/" in above.f_code.co_filename and "testing" not in above.f_code.co_filename
            above = above.f_back
        self.deepest = max(self.deepest, stack)


async def hops_of_commands() -> dict[str, Hops]:
    """What a `post_message` and a `decide` pass on the server, from the session's frame to the acknowledgement."""
    from jupyter_copilot import protocol as p
    from jupyter_copilot.ports.clock import SystemClock
    from jupyter_copilot.room.registry import Rooms
    from jupyter_copilot.testing.loopback import Loopback
    from jupyter_copilot.testing.memory_log import MemoryEventLog

    log = MemoryEventLog()
    loopback = Loopback(Rooms(log, log, SystemClock()))
    found: dict[str, Hops] = {}
    async with loopback.client("alice") as alice:
        state = await alice.live()
        await alice.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Go?"))
        opened = state.confirmations["q"]
        commands: dict[str, p.Command] = {
            "post_message": p.PostMessage(message_id=p.MessageId("m"), text="Hello", run=False),
            "decide": p.Decide(confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option="confirm"),
        }
        for name, command in commands.items():
            hops = found[name] = Hops()
            sys.setprofile(hops)
            await alice.command(command)
            sys.setprofile(None)
            hops.files = {file for file in hops.files if "/testing/" not in file and "/client/" not in file}
    await loopback.rooms.drain()
    return found


def table(before: House, now: House, hops: dict[str, Hops]) -> str:
    """The rows of the page."""
    rows = [
        ("", "before", "now"),
        ("---", "---", "---"),
        ("modules", before.modules, now.modules),
        ("most modules in one folder", _named(before.most), _named(now.most)),
        ("loose modules in the package's root", before.loose, now.loose),
        ("longest way down through folders, from the edge", before.depth, now.depth),
        ("longest file, in lines", _named(before.file), _named(now.file)),
        ("longest function, in lines", _named(before.function), _named(now.function)),
        *(
            (f"`{name}` on the server: files passed, deepest stack", was, f"{len(hop.files)}, {hop.deepest}")
            for (name, hop), was in zip(hops.items(), ("18, 11", "not measured"), strict=True)
        ),
    ]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def _named(found: tuple[int, str]) -> str:
    return f"{found[0]} (`{found[1]}`)"


def main(commit: str) -> None:
    """Write the table into the page."""
    with tempfile.TemporaryDirectory() as folder:
        before = measure(at(commit, Path(folder)))
    text = table(before, measure(ROOT), asyncio.run(hops_of_commands()))
    page = PAGE.read_text(encoding="utf-8")
    start, end = "<!-- measured -->", "<!-- end -->"
    PAGE.write_text(re.sub(f"(?s){start}.*{end}", lambda _: f"{start}\n{text}\n{end}", page), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else BEFORE)
