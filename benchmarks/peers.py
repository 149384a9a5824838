"""Peers: jupyterlab-chat, the chat below jupyter-ai, on the same work."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from .bench import Bench
from .measure import spread
from .peer_copilot import ROOM, STORE
from .report import Result

PACKAGE = "jupyterlab-chat"
ENVIRONMENT = Path("build/peers")
HISTORIES = (20, 500)
CHUNKS = 300
KILL_HISTORY, KILL_PER_S, SEED = 200, 30, 20261122
THEIRS = Path(__file__).with_name("peer_chat.py")
Command = list[str]


def measure(bench: Bench) -> Result:
    """Stream and kill both, alternately; says so when the peer cannot be installed."""
    peer = _installed(download=not bench.quick)
    commands: dict[str, Command] = {"copilot": [sys.executable, "-m", f"{__package__}.peer_copilot"]}
    version = "not measured: it is not installed, and a quick run downloads nothing, or it could not be"
    if peer is not None:
        commands[PACKAGE] = [str(peer), str(THEIRS)]
        code = f"from importlib.metadata import version; print(version({PACKAGE!r}))"
        version = subprocess.run([peer, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    chunks, rounds, kills = (50, 1, 1) if bench.quick else (CHUNKS, 2, 6)
    streamed: dict[str, list[dict[str, float]]] = {}
    for _ in range(rounds):
        for history in HISTORIES[:1] if bench.quick else HISTORIES:
            for who, command in commands.items():
                taken = _streamed(command, bench.folder(who), history, chunks)
                streamed.setdefault(f"{who}, {history} messages before", []).append(taken)
    lost = dict.fromkeys(commands, 0)
    chance = random.Random(SEED)
    for _ in range(kills):
        after_s = chance.uniform(0.05, 0.6)
        for who, command in commands.items():
            folder = bench.folder(who)
            _killed(command, folder, after_s)
            lost[who] += READERS[who](folder) < KILL_HISTORY
    return Result(
        name="peers",
        title=f"an answer in {chunks} chunks of 5 characters; {PACKAGE} {version}",
        columns=["who", "ms of CPU a chunk", "ms a chunk", "bytes to each viewer"],
        rows=[_row(what, samples, chunks) for what, samples in streamed.items()],
        notes=[
            *(
                f"{who}: of {kills} kills in the middle of a stream at {KILL_PER_S} chunks/s, with {KILL_HISTORY} "
                f"messages before, {n} lost the conversation."
                for who, n in lost.items()
            ),
            "Ours records each chunk by itself here and waits for the disk; in the product a tick joins them.",
        ],
        raw={"streamed": streamed, "lost": lost, "kills": kills},
    )


def _installed(*, download: bool) -> Path | None:
    """The interpreter of an environment with the peer in it, or None."""
    python = (ENVIRONMENT / "bin" / "python").absolute()
    if not python.exists() and download:
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        pip = [str(python), "-m", "pip", "install", "-qq", PACKAGE]
        if subprocess.run(pip, capture_output=True, check=False).returncode:
            return None
    works = python.exists() and not subprocess.run([python, "-c", "import jupyterlab_chat"], check=False).returncode
    return python if works else None


def _streamed(command: Command, folder: Path, history: int, chunks: int) -> dict[str, float]:
    arguments = [*command, str(folder), str(history), str(chunks), "0"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    taken: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return taken


def _killed(command: Command, folder: Path, after_s: float) -> None:
    arguments = [*command, str(folder), str(KILL_HISTORY), "1000", str(KILL_PER_S)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after_s)
        process.kill()


def _chat_messages(folder: Path) -> int:
    """How many messages the chat has when it is opened again: a file that is no JSON is opened as an empty chat."""
    try:
        messages: list[Any] = json.loads((folder / "one.chat").read_text())["messages"]
    except json.JSONDecodeError:
        return 0
    return len(messages)


def _room_messages(folder: Path) -> int:
    async def read() -> int:
        log = SqliteEventLog(folder / STORE)
        records = await log.read(ROOM, 0, 10_000)
        await log.close()
        return sum(isinstance(record.event, p.MessagePosted) for record in records)

    return asyncio.run(read())


READERS: dict[str, Callable[[Path], int]] = {"copilot": _room_messages, PACKAGE: _chat_messages}
"""How many messages survived."""


def _row(what: str, samples: list[dict[str, float]], chunks: int) -> list[str]:
    cpu, wall = (spread([one[key] * 1000 / chunks for one in samples]) for key in ("cpu", "wall"))
    return [what, cpu.text(), wall.text(), f"{samples[0]['bytes']:,.0f}"]
