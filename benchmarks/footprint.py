"""Memory, start and size: what the extension takes when nobody does anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from statistics import mean
from urllib.parse import quote

from .bench import Bench
from .jupyter import TOKEN, Jupyter
from .measure import spread
from .processes import Helper
from .report import Result, Target

ROOT = Path(__file__).parent.parent
BUNDLE = ROOT / "jupyter_copilot" / "labextension" / "static"
START_AIM_MS, BUNDLE_AIM_KB = 150.0, 330.0
CONNECTIONS, ROOMS = 150, 100


def measure(bench: Bench) -> Result:
    """Measure all three."""
    memory = _memory(bench)
    starts = _starts(bench, rounds=1 if bench.quick else 4)
    sizes = _sizes(bench)
    wall = [(a[0] - b[0]) * 1000 for a, b in zip(starts[True], starts[False], strict=True)]
    cpu = [(a[1] - b[1]) * 1000 for a, b in zip(starts[True], starts[False], strict=True)]
    bare = spread([start[1] * 1000 for start in starts[False]])
    return Result(
        name="footprint",
        title="memory, start and size",
        columns=["what", "figure"],
        rows=[
            ["kB per idle connection", f"{memory['connection'] / 1000:.0f}"],
            ["kB per loaded room (empty)", f"{memory['room'] / 1000:.0f}"],
            [
                "MB of a server with / without the extension",
                f"{memory['with'] / 1e6:.1f} / {memory['without'] / 1e6:.1f}",
            ],
            ["ms of CPU until a bare Jupyter server answers", bare.text(0)],
            ["ms of CPU that the extension adds", spread(cpu).text(0)],
            ["ms that the extension adds", spread(wall).text(0)],
            *([name, f"{kilobytes:,.0f}"] for name, kilobytes in sizes.items()),
        ],
        targets=[
            Target(
                what="CPU that the extension adds to the start, mean",
                aim=f"< {START_AIM_MS:.0f} ms",
                value=f"{mean(cpu):.0f} ms",
                met=mean(cpu) < START_AIM_MS,
            ),
            *_bundle_target(sizes),
        ],
        raw={"memory": memory, "starts": {str(key): value for key, value in starts.items()}, "sizes": sizes},
    )


def _memory(bench: Bench) -> dict[str, float]:
    """Bytes per connection and per room, after the same number of each was there once."""
    connections, rooms = (20, 10) if bench.quick else (CONNECTIONS, ROOMS)
    with Jupyter(bench.folder("bare"), extension=False) as bare:
        without = bare.rss()
    with Helper("viewers") as fleet, Jupyter(bench.folder("memory")) as jupyter:
        names = [jupyter.notebook(f"{n}.ipynb") for n in range(rooms + 10)]
        for name in names[:10]:
            _visit(jupyter, name)
        before = jupyter.rss()
        for name in names[10:]:
            _visit(jupyter, name)
        room = (jupyter.rss() - before) / rooms
        fleet.ask(do="open", port=jupyter.port, path=jupyter.channel(names[0]), token=TOKEN, count=20)
        time.sleep(0.5)
        before = jupyter.rss()
        fleet.ask(do="open", port=jupyter.port, path=jupyter.channel(names[0]), token=TOKEN, count=connections)
        time.sleep(0.5)
        connection = (jupyter.rss() - before) / connections
        return {"room": room, "connection": connection, "with": before, "without": without}


def _visit(jupyter: Jupyter, notebook: str) -> None:
    jupyter.get(f"api/copilot/notebooks/{quote(notebook)}")


def _starts(bench: Bench, rounds: int) -> dict[bool, list[tuple[float, float]]]:
    """Seconds, and seconds of CPU, until a server answers: with and without the extension, alternately."""
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for number in range(0 if rounds > 1 else 1, rounds + 1):
        for extension, starts in found.items():
            jupyter = Jupyter(bench.folder("start"), extension=extension)
            begin = time.perf_counter()
            jupyter.start()
            jupyter.wait()
            if number:  # the first pair fills the disk cache
                starts.append((time.perf_counter() - begin, jupyter.cpu_s()))
            jupyter.stop()
    return found


def _sizes(bench: Bench) -> dict[str, float]:
    """Kilobytes of what is shipped; nothing about a bundle that was not built."""
    folder = bench.folder("wheel")
    sizes: dict[str, float] = {}
    if BUNDLE.is_dir():
        size = {path.name.partition(".")[0]: path.stat().st_size / 1000 for path in BUNDLE.glob("*.js")}
        others = sum(size.get(name, 0) for name in ("others", "remoteEntry"))  # libraries, and webpack's own
        sizes["kB of the front end's own code"] = sum(size.values()) - others
        sizes["kB of others in its bundle"] = others
        packed = shutil.make_archive(str(folder / "bundle"), "gztar", BUNDLE)
        sizes["kB of the bundle, compressed"] = Path(packed).stat().st_size / 1000
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    sizes["kB of the wheel"] = wheel.stat().st_size / 1000
    with zipfile.ZipFile(wheel) as archive:
        sizes["kB installed, without dependencies"] = sum(entry.file_size for entry in archive.infolist()) / 1000
    return sizes


def _bundle_target(sizes: dict[str, float]) -> list[Target]:
    size = sizes.get("kB of the front end's own code")
    if size is None:
        return []
    aim = f"< {BUNDLE_AIM_KB:.0f} kB"
    return [Target(what="the front end's own code", aim=aim, value=f"{size:.0f} kB", met=size < BUNDLE_AIM_KB)]
