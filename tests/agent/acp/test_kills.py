"""Kill -9 of an agent at each step of a permission: how it ends is known or in doubt, and nobody is asked in vain."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.protocol.errors import Rejected

from .stage import AcpStage, effects
from .test_failures import pid_of

STEPS = 10
"""Records that a permission takes, from the message to the end of the answer."""


@pytest.mark.parametrize("at", range(2, STEPS + 1))
async def test_a_permission_ends_well_wherever_the_agent_is_killed(at: int, tmp_path: Path) -> None:
    marks = tmp_path / "effects"
    async with AcpStage("--effects", str(marks)) as stage:
        seen = 0

        def kill(records: Sequence[p.Record]) -> None:
            nonlocal seen
            seen += len(records)
            sessions = [each for each in stage.sessions._sessions.values() if each._process is not None]
            if seen >= at and sessions and not killed:
                killed.append(pid_of(stage))
                os.kill(killed[0], signal.SIGKILL)

        killed: list[int] = []
        leave = stage.room.listen(kill)
        await stage.tell("ask execute y")
        with contextlib.suppress(Rejected):
            await stage.until(lambda state: bool(state.confirmations) or isinstance(state.runs["m1.r1"], s.Finished))
            for opened in list(s.open_confirmations(stage.state)):
                await stage.decide(opened.confirmation_id)
        ended = await stage.over()
        leave()
        done = effects(marks).count("y")
        assert killed and not list(s.open_confirmations(stage.state))
        for call in stage.calls():
            decided = stage.state.confirmations.get(call.confirmation_id or "")
            assert done <= (1 if isinstance(decided, s.Decided) else 0)
            assert isinstance(call, s.CallDoubtful) or (isinstance(call, s.CallDone) and (done == 1 or call.is_error))
        assert ended.outcome == "success" or (ended.error is not None and ended.error.code == "agent_died")
