"""Inline completion: what the server adds to a request that goes to the model by itself, in turns in one run."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request

from openai import AsyncOpenAI

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import completion

from .bench import Bench
from .jupyter import TOKEN, Jupyter
from .measure import spread
from .report import Result, Target

MODEL = "coder"
AIM_MS = 15.0
PAUSE_S = 0.21
"""A person may ask five times a second."""
PROMPT = "import pandas as pd\n\n# %%\ndf."
CODE = {"prefix": "df.", "above": ["import pandas as pd"]}


def measure(bench: Bench) -> Result:
    """Ask the model bare and through the server, from the request to the answer's end."""
    count = 8 if bench.quick else 100
    with (
        FaultServerThread([completion("head()").always()]) as model,
        Jupyter(bench.folder("completion"), model_url=model.base_url, model=MODEL) as jupyter,
    ):
        bare, ours = asyncio.run(_in_turns(model.base_url, jupyter.url, count))
    added = [one - other for one, other in zip(ours, bare, strict=True)]
    share = spread(added).median
    rows = [[name, f"{spread(times).median:.1f}"] for name, times in (("bare", bare), ("ours", ours), ("added", added))]
    return Result(
        name="completion",
        title="a completion of one line, ms from the request to its end",
        columns=["", "p50"],
        rows=rows,
        targets=[
            Target(
                what="what the server adds, p50",
                aim=f"≤ {AIM_MS:.0f} ms",
                value=f"{share:.1f} ms",
                met=share <= AIM_MS,
            )
        ],
        notes=["The bare request is made with the same client of the same model server, in turns with ours."],
        raw={"bare_ms": bare, "ours_ms": ours},
    )


async def _in_turns(model_url: str, jupyter_url: str, count: int) -> tuple[list[float], list[float]]:
    async with AsyncOpenAI(base_url=model_url, api_key="none") as client:
        await _bare(client)
        await asyncio.to_thread(_ours, jupyter_url)  # both are warm now
        bare, ours = [], []
        for _ in range(count):
            bare.append(await _timed_bare(client))
            ours.append(await asyncio.to_thread(_ours, jupyter_url))
            await asyncio.sleep(PAUSE_S)
    return bare, ours


async def _timed_bare(client: AsyncOpenAI) -> float:
    began = time.perf_counter()
    await _bare(client)
    return (time.perf_counter() - began) * 1000


async def _bare(client: AsyncOpenAI) -> None:
    stream = await client.completions.create(model=MODEL, prompt=PROMPT, suffix="", max_tokens=64, stream=True)
    async for _ in stream:
        pass


def _ours(jupyter_url: str) -> float:
    body = json.dumps({"code": CODE}).encode()
    headers = {"Authorization": f"token {TOKEN}"}
    request = urllib.request.Request(f"{jupyter_url}api/copilot/completions", body, headers)
    began = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        lines = answer.read().splitlines()
    took = (time.perf_counter() - began) * 1000
    assert json.loads(lines[-1])["type"] == "done", lines
    return took
