"""The demo model over real HTTP, with the client that the copilot uses for real providers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest

from jupyter_copilot.demo.server import AT_ONCE, MODEL, Pace, serve

TOOLS: list[Any] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("read_notebook", "inspect_variables")
]
OWNER = """\
import subprocess, sys
command = [sys.executable, "-m", "jupyter_copilot.demo"]
model = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(model.pid, model.stdout.readline(), end="", flush=True)
sys.stdin.read()
"""
HELLO: list[Any] = [{"role": "user", "content": "Alice: hello"}]
EXPLAIN: list[Any] = [{"role": "user", "content": "Alice: explain cell 2"}]


@asynccontextmanager
async def demo_model(pace: Pace = AT_ONCE) -> AsyncIterator[openai.AsyncOpenAI]:
    """A client of the model, which listens on a free port."""
    server, url = serve("secret", pace)
    async with openai.AsyncOpenAI(base_url=url, api_key="secret", max_retries=0) as client:
        yield client
    server.stop()
    await server.close_all_connections()


async def test_the_model_is_listed_with_its_label() -> None:
    async with demo_model() as model:
        models = [entry async for entry in await model.models.list()]
        assert [(m.id, m.owned_by) for m in models] == [("demo", "Demo model — no language model")]


async def test_text_streams_in_words_and_ends_with_usage() -> None:
    async with demo_model() as model:
        stream = await model.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        words = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
        assert "".join(words).startswith("Hello! I am the **demo model**")
        assert len(words) > 20
        assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
        assert chunks[-1].choices == [] and chunks[-1].usage is not None
        assert chunks[-1].usage.prompt_tokens > 0 and chunks[-1].usage.completion_tokens >= len(words)


async def test_reasoning_and_several_tool_calls_stream_in_one_step() -> None:
    async with demo_model() as model:
        stream = await model.chat.completions.create(model=MODEL, messages=EXPLAIN, tools=TOOLS, stream=True)
        reasoning, finish = "", None
        calls: dict[int, dict[str, Any]] = {}
        async for chunk in stream:
            choice = chunk.choices[0]
            reasoning += (choice.delta.model_extra or {}).get("reasoning_content", "")
            for part in choice.delta.tool_calls or ():
                assert part.function is not None
                entry = calls.setdefault(part.index, {"id": part.id, "name": part.function.name, "args": ""})
                entry["args"] += part.function.arguments or ""
            finish = choice.finish_reason or finish
        assert reasoning == "Which cell is meant, and what does the kernel know?"
        assert [(c["name"], json.loads(c["args"])) for c in calls.values()] == [
            ("read_notebook", {}),
            ("inspect_variables", {}),
        ]
        assert len({c["id"] for c in calls.values()}) == 2
        assert finish == "tool_calls"


async def test_without_stream_the_answer_comes_whole() -> None:
    async with demo_model() as model:
        answer = await model.chat.completions.create(model=MODEL, messages=EXPLAIN, tools=TOOLS)
        message = answer.choices[0].message
        called = [call.function.name for call in message.tool_calls or [] if call.type == "function"]
        assert called == ["read_notebook", "inspect_variables"]
        assert answer.usage is not None and answer.usage.total_tokens > 0


@pytest.mark.parametrize("path", ["models", "chat/completions"])
async def test_without_the_token_nothing_is_told(path: str) -> None:
    async with demo_model() as model:
        stranger = model.with_options(api_key="another")
        with pytest.raises(openai.AuthenticationError) as refused:
            if path == "models":
                await stranger.models.list()
            else:
                await stranger.chat.completions.create(model=MODEL, messages=HELLO)
        assert refused.value.code == "invalid_api_key"


async def test_another_model_does_not_exist_here() -> None:
    async with demo_model() as model:
        with pytest.raises(openai.NotFoundError) as refused:
            await model.chat.completions.create(model="gpt-5.4-mini", messages=HELLO)
        assert refused.value.code == "model_not_found"


@pytest.mark.parametrize("messages", [None, [1], [{"role": "assistant", "tool_calls": "x"}], [{"content": [None]}]])
async def test_what_is_no_request_is_refused_in_words(messages: Any) -> None:
    async with demo_model() as model:
        with pytest.raises(openai.BadRequestError, match="no Chat Completions request"):
            await model.chat.completions.create(model=MODEL, messages=messages)


async def test_the_pace_is_kept_word_by_word() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with demo_model(Pace(first=1, word=0.5, thought=0.25, sleep=sleep)) as model:
        stream = await model.chat.completions.create(model=MODEL, messages=EXPLAIN, tools=TOOLS, stream=True)
        async for _ in stream:
            pass
    assert slept == [1] + [0.25] * 10


async def test_a_reader_who_leaves_ends_the_stream() -> None:
    said: list[float] = []
    waiting, gone_on = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        said.append(seconds)
        if len(said) == 5:
            waiting.set()
            await gone_on.wait()

    async with demo_model(Pace(sleep=sleep)) as model:
        stream = await model.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
        await waiting.wait()
        await stream.close()
        closed = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0, closed.set_result, None)
        await closed
        gone_on.set()
    assert len(said) <= 6


@pytest.mark.crash
@pytest.mark.parametrize("end", ["closed", "killed"])
def test_the_process_ends_with_whoever_holds_its_input(end: str) -> None:
    pipe = subprocess.PIPE
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert owner.stdin is not None and owner.stdout is not None and owner.stderr is not None
    pid, url, token = owner.stdout.readline().split()
    client = openai.OpenAI(base_url=url, api_key=token)
    assert [m.id for m in client.models.list()] == ["demo"]
    os.kill(int(pid), signal.SIGINT)
    assert [m.id for m in client.models.list()] == ["demo"]
    if end == "killed":
        owner.kill()
    else:
        owner.stdin.close()
    owner.wait(10)
    # The model has its owner's standard error, so this ends when the model has ended too.
    assert owner.stderr.read() == ""
    with pytest.raises(openai.APIConnectionError):
        client.with_options(max_retries=0).models.list()
