"""Every fault ends as the table in `docs/model-servers.md` says."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from jupyter_copilot.models.errors.error_classes import KINDS
from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.models.settings import ModelSettings
from jupyter_copilot.protocol.errors import ModelError
from jupyter_copilot.testing.fault_server import KEY, FaultServer
from jupyter_copilot.testing.faults import CALLS, FAULTS, TEXT

from .conftest import conversation, hear

PAGE = (Path(__file__).parents[2] / "docs" / "model-servers.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", re.MULTILINE)
ERROR = re.compile(r"`(\w+)`: (tried again|the run ends)(?: after ([\d.]+) s)?")

ENDS: dict[str, tuple[str, list[tuple[str, object]]]] = {
    "whole: the text": (TEXT, []),
    "whole: both calls": ("", list(CALLS)),
    "whole: the call": ("", [CALLS[1]]),
    "whole: two calls of one tool": ("", [(CALLS[1][0], args) for _, args in CALLS]),
    "whole: a call without arguments": ("", [(CALLS[1][0], {})]),
    "whole: a call of no tool": ("", [("", CALLS[1][1])]),
    "whole: unreadable arguments": ("", [(CALLS[1][0], None)]),
}


class Failure(NamedTuple):
    code: str
    retryable: bool
    retry_after_s: float | None


def _section(title: str) -> str:
    return PAGE.split(f"## {title}")[1].split("\n## ")[0]


TABLE = dict(ROW.findall(_section("What servers get wrong, and how each ends")))


def test_the_table_names_every_fault_and_no_other() -> None:
    assert sorted(TABLE) == sorted(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_ends_as_the_table_says(
    fault: str, connect: Callable[[ModelSettings], OpenAIModelClient]
) -> None:
    said = TABLE[fault]
    async with FaultServer(FAULTS[fault]()) as server:
        settings = server.settings(
            first_chunk_s=0.5 if fault == "stall_at_once" else 60,
            idle_s=1.5 if fault.startswith("stall") else 60,
            options={"parallel_tool_calls": True},
        )
        client = connect(settings)
        failed = ERROR.fullmatch(said)
        if failed is None:
            heard = await hear(client, conversation())
            assert (heard.text, [(call.tool, call.args) for call in heard.end.calls]) == ENDS[said]
            return
        with pytest.raises(ModelError) as raised:
            await hear(client, conversation())
        error = raised.value
        code, ends, after = failed.groups()
        assert Failure(error.code, error.retryable, error.retry_after_s) == Failure(
            code, ends == "tried again", float(after) if after else None
        )
        assert error.message and error.hint, "people are told what happened and what to do"
        assert KEY not in "".join(traceback.format_exception(error)), "the key is nowhere"


def test_the_codes_that_people_are_told_are_all_listed() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", _section("What people are told when it fails"), re.MULTILINE))
    used = {said.group(1) for said in map(ERROR.fullmatch, TABLE.values()) if said}
    assert used | {kind.code for kind in KINDS} <= listed
