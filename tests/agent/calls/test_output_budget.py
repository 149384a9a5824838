"""What a call shows of its output: enough, then a note, then nothing."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.calls.output_budget import MAX_IMAGE_CHARS, MAX_PIECES, MAX_TEXT_CHARS, NOTE, OutputBudget


def picture(chars: int) -> p.Output:
    return p.Output(kind="image", image=p.Image(mime="image/png", data="A" * chars))


@pytest.mark.parametrize(
    ("outputs", "passed"),
    [
        ([p.Output(kind="result", text="x")] * (MAX_PIECES + 9), MAX_PIECES),
        ([p.Output(kind="stdout", text="x")] * (MAX_PIECES * 2), MAX_PIECES * 2),
        ([p.Output(kind="stdout", text="x" * (MAX_TEXT_CHARS // 2))] * 5, 2),
        ([picture(MAX_IMAGE_CHARS // 4)] * 9, 4),
        ([picture(600_000)], 1),
    ],
)
def test_output_passes_until_there_is_enough(outputs: list[p.Output], passed: int) -> None:
    budget = OutputBudget()
    shown = [out for output in outputs if (out := budget.take(output)) is not None]
    assert shown[:passed] == outputs[:passed]
    assert [out.text for out in shown[passed:]] == ([] if passed == len(outputs) else [NOTE])
