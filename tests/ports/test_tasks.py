"""Tasks that run beside whoever began them."""

from __future__ import annotations

import asyncio
import gc

from jupyter_copilot.ports.tasks import Tasks


async def test_a_task_runs_to_its_end_though_nobody_else_holds_it() -> None:
    tasks, arrived = Tasks(), asyncio.get_running_loop().create_future()
    ended = asyncio.Event()

    async def work() -> None:
        await arrived
        ended.set()

    tasks.spawn(work())
    await asyncio.sleep(0)
    gc.collect()
    arrived.set_result(None)
    await tasks.wait()
    assert ended.is_set()


async def test_closing_cancels_what_runs_and_waits_for_its_end() -> None:
    tasks, said = Tasks(), list[str]()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            said.append("tidied up")

    tasks.spawn(work())
    await asyncio.sleep(0)
    await tasks.close()
    assert said == ["tidied up"]


async def test_a_task_may_close_the_others() -> None:
    tasks, said = Tasks(), list[str]()

    async def close_all() -> None:
        await tasks.close()
        said.append("closed")

    async def wait_for_ever() -> None:
        await asyncio.Event().wait()

    other = tasks.spawn(wait_for_ever())
    tasks.spawn(close_all())
    await tasks.wait()
    assert (other.cancelled(), said) == (True, ["closed"])
