"""A process that has an agent, prints its id and its child's, and waits to be killed."""

from __future__ import annotations

import asyncio
import os
import sys

from jupyter_copilot.agent.acp.process import AgentProcess
from jupyter_copilot.testing import acp_agent


async def main() -> None:
    command = [sys.executable, "-S", acp_agent.__file__, "--child", "--hang"]
    agent = await AgentProcess.start(command, dict(os.environ), os.getcwd())
    while "child" not in agent.errors:
        await asyncio.sleep(0.02)
    print(agent.pid, agent.errors.split()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
