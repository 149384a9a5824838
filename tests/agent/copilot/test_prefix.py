"""How much of a prompt is an unchanged prefix of the one before."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot.agent.copilot.prefix import prefix_tokens, request_tokens
from jupyter_copilot.ports.model import ModelRequest

from ...models.conftest import PNG, TOOLS


def request(*texts: str, **changes: Any) -> ModelRequest:
    messages = [{"role": "user", "content": text} for text in texts]
    return ModelRequest(**{"model": "m", "messages": messages, "tools": TOOLS, **changes})


def test_a_request_that_only_grew_begins_with_the_whole_one_before() -> None:
    before = request("one " * 100, "two " * 100)
    assert prefix_tokens(before, request("one " * 100, "two " * 100, "three")) == request_tokens(before)


def test_the_prefix_ends_at_the_first_change() -> None:
    before, now = request("one " * 100, "two", "three"), request("one " * 100, "TWO", "three")
    assert prefix_tokens(before, now) == request_tokens(request("one " * 100))


def test_the_prefix_is_scaled_to_what_the_provider_counted() -> None:
    before, now = request("one " * 1000, tools=[]), request("one " * 1000, "one " * 1000, tools=[])
    assert prefix_tokens(before, now, 1000) == pytest.approx(500, abs=5)
    assert prefix_tokens(now, now, 1234) == 1234


def test_other_tools_another_model_or_no_call_before_leave_no_prefix() -> None:
    now = request("one")
    assert prefix_tokens(None, now) == 0
    assert prefix_tokens(request("one", tools=[]), now) == 0
    assert prefix_tokens(request("one", model="other"), now) == 0


def test_an_image_counts_as_an_image_and_not_as_its_base64() -> None:
    large = {**PNG, "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    shown = ModelRequest(model="m", messages=[{"role": "user", "content": [large]}])
    assert request_tokens(shown) < 2_000
