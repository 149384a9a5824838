"""The completer against a scripted server: which ways it tries, what it sends, and when it lets go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_copilot.core.inline_completion.code import CodeAround
from jupyter_copilot.models.completion.client import InlineCompleter
from jupyter_copilot.models.configuration import read_settings
from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.models.settings import ModelSettings
from jupyter_copilot.ports.completion import CompletionPart, Done, Sent, Text
from jupyter_copilot.protocol.errors import ModelError
from jupyter_copilot.testing.fault_server import FaultServer
from jupyter_copilot.testing.replies import answer, completion, refusal, status

from ..conftest import EpochClock

HERE = CodeAround(prefix="df.", suffix="\nprint(df)", above=["import pandas as pd"], names={"df": "pandas.DataFrame"})
NO_SUFFIX = refusal(400, "suffix is not currently supported")
NOT_THERE = status(404)


@pytest.fixture
def complete_with(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    made: list[InlineCompleter] = []

    def connected(settings: ModelSettings, default: str = "") -> InlineCompleter:
        clock = EpochClock()
        made.append(InlineCompleter(settings, clock, lambda sober: OpenAIModelClient(sober, clock), default))
        return made[-1]

    yield connected
    for each in made:
        jp_asyncio_loop.run_until_complete(each.close())


async def parts_of(completer: InlineCompleter, code: CodeAround = HERE, **options: Any) -> list[CompletionPart]:
    return [part async for part in completer.complete(code, **options)]


def last_text(parts: list[CompletionPart]) -> str:
    return [part.text for part in parts if isinstance(part, Text)][-1]


async def test_a_server_that_knows_a_suffix_is_given_one(complete_with: Any) -> None:
    async with FaultServer([completion("head ()")]) as server:
        parts = await parts_of(complete_with(server.settings()))
        (request,) = server.requests
    assert request.path == "/v1/completions" and request.key == "expected"
    assert request.body["prompt"].endswith("import pandas as pd\n\n# %%\ndf.")
    assert request.body["suffix"] == "\nprint(df)" and request.body["temperature"] == 0
    assert [type(part) for part in parts] == [Sent, Text, Text, Done] and last_text(parts) == "head ()"
    assert isinstance(parts[0], Sent) and (parts[0].way, parts[0].cells, parts[0].names) == ("suffix", 1, 1)


async def test_each_way_that_a_server_lacks_is_tried_once_and_the_next_one_kept(complete_with: Any) -> None:
    script = [NO_SUFFIX, NOT_THERE, completion("head()"), completion("tail()")]
    async with FaultServer(script) as server:
        completer = complete_with(server.settings(model="qwen2.5-coder:7b"))
        assert last_text(await parts_of(completer)) == "head()"
        assert last_text(await parts_of(completer)) == "tail()"
        paths = [request.path for request in server.requests]
        prompt = server.requests[-1].body["prompt"]
    assert paths == ["/v1/completions", "/infill", "/v1/completions", "/v1/completions"]
    assert prompt.startswith("<|fim_prefix|># df: pandas.DataFrame")
    assert prompt.endswith("df.<|fim_suffix|>\nprint(df)<|fim_middle|>")


async def test_a_model_of_no_known_family_is_asked_in_chat(complete_with: Any) -> None:
    async with FaultServer([NO_SUFFIX, NOT_THERE, answer("```python\ndf.head()\n```")]) as server:
        parts = await parts_of(complete_with(server.settings()))
        asked = server.requests[-1]
    assert asked.path == "/v1/chat/completions" and "<|cursor|>" in asked.body["messages"][1]["content"]
    assert asked.body["temperature"] == 0 and asked.body["max_tokens"] == 64
    assert last_text(parts) == "head()" and isinstance(parts[-1], Done)


@pytest.mark.parametrize(
    ("infill", "path", "field"),
    [
        ("chat", "/v1/chat/completions", "messages"),
        ("suffix", "/v1/completions", "suffix"),
        ("mistral", "/v1/fim/completions", "suffix"),
        ("infill", "/infill", "input_suffix"),
        ("starcoder", "/v1/completions", "prompt"),
        ("A{prefix}B{suffix}C", "/v1/completions", "prompt"),
    ],
)
async def test_what_is_configured_is_the_one_way(infill: str, path: str, field: str, complete_with: Any) -> None:
    reply = answer("head()") if infill in ("chat", "mistral") else completion("head()")
    async with FaultServer([reply, NOT_THERE]) as server:
        completer = complete_with(server.settings(infill=infill))
        assert last_text(await parts_of(completer)) == "head()"
        with pytest.raises(ModelError):
            await parts_of(completer)
        request = server.requests[0]
    assert request.path == path and field in request.body


def test_an_infill_that_is_none_is_refused() -> None:
    model = {"name": "m", "infill": "fim"}
    with pytest.raises(ModelError, match="infill"):
        read_settings({}, {"endpoints": {"here": {"base_url": "http://localhost:1/v1", "models": [model]}}})


async def test_llama_cpp_answers_in_its_own_words(complete_with: Any) -> None:
    from jupyter_copilot.testing.replies import data, stream

    async with FaultServer([stream(data({"content": "head"}), data({"content": "()", "stop": True}))]) as server:
        assert last_text(await parts_of(complete_with(server.settings(infill="infill")))) == "head()"


async def test_an_address_without_version_is_asked_with_one(complete_with: Any) -> None:
    async with FaultServer([completion("head()")]) as server:
        url = server.base_url.removesuffix("/v1")
        settings = read_settings({}, {"endpoints": {"lab": {"base_url": url, "models": ["m"]}}})
        assert last_text(await parts_of(complete_with(settings))) == "head()"
        assert server.requests[0].path == "/v1/completions"


@pytest.mark.parametrize("code", [401, 429, 503])
async def test_what_has_nothing_to_do_with_the_way_is_told(code: int, complete_with: Any) -> None:
    async with FaultServer([status(code)]) as server:
        with pytest.raises(ModelError):
            await parts_of(complete_with(server.settings()))
        assert len(server.requests) == 1


async def test_closing_closes_the_connection_to_the_model(complete_with: Any) -> None:
    async with FaultServer([completion("one two", gate="middle")]) as server:
        parts = complete_with(server.settings()).complete(HERE)
        assert isinstance(await anext(parts), Sent) and await anext(parts) == Text(text="one ")
        await parts.aclose()
        await server.disconnected()


async def test_an_answer_that_goes_on_behind_its_line_is_cut_off(complete_with: Any) -> None:
    async with FaultServer([completion("head()\n and more", gate="never")]) as server:
        parts = await parts_of(complete_with(server.settings()))
        await server.disconnected()
    assert last_text(parts) == "head()"


async def test_a_model_that_only_thinks_is_no_help_while_one_types(complete_with: Any) -> None:
    async with FaultServer([answer("", reasoning="Let me think.")]) as server:
        with pytest.raises(ModelError, match="thinks before"):
            await parts_of(complete_with(server.settings(infill="chat")))


async def test_another_answer_is_asked_for_with_more_daring(complete_with: Any) -> None:
    async with FaultServer([completion("a"), completion("b")]) as server:
        completer = complete_with(server.settings())
        await parts_of(completer)
        await parts_of(completer, again=True)
        assert [request.body["temperature"] for request in server.requests] == [0, 0.8]


def test_local_models_come_first_and_a_demo_is_none(complete_with: Any) -> None:
    def endpoint(url: str, name: str, **more: Any) -> dict[str, Any]:
        return {"base_url": url, "models": [{"name": name, **more}]}

    endpoints = {
        "far": endpoint("https://api.openai.com/v1", "gpt"),
        "demo": endpoint("http://127.0.0.1:1/v1", "demo", demo=True),
        "near": endpoint("http://10.0.0.7:8000/v1", "coder"),
    }
    settings = read_settings({}, {"endpoints": endpoints})
    assert [(model.name, model.costs) for model in complete_with(settings).models()] == [
        ("coder", False),
        ("gpt", True),
    ]
    assert complete_with(settings, "gpt").models()[0].name == "gpt"
