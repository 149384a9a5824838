"""The model client against a real server: connections, keys, learning, laziness."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable

import pytest

from jupyter_copilot.models.configuration import read_settings
from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.models.settings import ModelSettings
from jupyter_copilot.ports.model import TextPart
from jupyter_copilot.protocol.errors import ModelError
from jupyter_copilot.testing.fault_server import KEY, MODEL, FaultServer
from jupyter_copilot.testing.faults import FAULTS, TEXT
from jupyter_copilot.testing.replies import Gate, Pause, Raw, answer, page, refusal, status, stream

from .conftest import PNG, conversation, hear

Connect = Callable[[ModelSettings], OpenAIModelClient]
LEARNED = [name for name in FAULTS if name.startswith(("reject", "wants"))]


async def test_text_comes_while_the_server_still_writes(connect: Connect) -> None:
    async with FaultServer([answer("one two three four", gate="middle")]) as server:
        parts = connect(server.settings()).stream(conversation())
        assert [await anext(parts), await anext(parts)] == [TextPart("one "), TextPart("two ")]
        server.open("middle")
        assert [await anext(parts), await anext(parts)] == [TextPart("three "), TextPart("four")]
        assert len([part async for part in parts]) == 1


async def test_closing_the_iterator_closes_the_connection(connect: Connect) -> None:
    async with FaultServer([answer("one two", gate="middle")]) as server:
        parts = connect(server.settings()).stream(conversation())
        await anext(parts)
        await parts.aclose()
        await server.disconnected()


async def test_after_a_closed_answer_the_next_one_comes(connect: Connect) -> None:
    async with FaultServer([answer("one two", gate="middle"), answer(TEXT)]) as server:
        client = connect(server.settings())
        parts = client.stream(conversation())
        await anext(parts)
        await parts.aclose()
        assert (await hear(client, conversation())).text == TEXT


@pytest.mark.parametrize("fault", ["reasoning", "reasoning_content", "reasoning_twice", "reasoning_with_content"])
async def test_reasoning_comes_under_whatever_name_and_once(fault: str, connect: Connect) -> None:
    async with FaultServer(FAULTS[fault]()) as server:
        assert (await hear(connect(server.settings()), conversation())).reasoning == "Let me look."


async def test_usage_that_is_summed_up_along_the_way_is_not_counted_twice(connect: Connect) -> None:
    async with FaultServer(FAULTS["cumulative_usage"]()) as server:
        end = (await hear(connect(server.settings()), conversation())).end
    assert (end.usage.prompt, end.usage.completion) == (120, len(TEXT.split()) + 1)


async def test_a_thought_signature_comes_through_as_it_was_sent(connect: Connect) -> None:
    async with FaultServer(FAULTS["extra_content"]()) as server:
        (call,) = (await hear(connect(server.settings()), conversation())).end.calls
    assert call.extra == {"extra_content": {"google": {"thought_signature": "c2lnbmF0dXJl"}}}


@pytest.mark.parametrize("place", ["before the headers", "before the first token", "amid the text"])
async def test_cancelling_closes_the_connection(place: str, connect: Connect) -> None:
    before = {"before the headers": [], "before the first token": [Raw(": hello\n\n")], "amid the text": None}[place]
    reply = answer("one two", gate="gate") if before is None else stream(*before, Gate("gate"))
    async with FaultServer([reply]) as server:
        hearing = asyncio.ensure_future(hear(connect(server.settings()), conversation()))
        await server.reached("gate")
        hearing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hearing
        await server.disconnected()


async def test_comments_that_keep_the_connection_alive_do_not_count_as_an_answer(connect: Connect) -> None:
    comments = [part for _ in range(100) for part in (Raw(": wait\n\n"), Pause(0.05))]
    async with FaultServer([stream(*comments)]) as server:
        with pytest.raises(ModelError) as raised:
            await hear(connect(server.settings(first_chunk_s=0.3)), conversation())
        assert raised.value.code == "timeout"
        await server.disconnected()


@pytest.mark.parametrize("fault", LEARNED)
async def test_what_a_model_refused_is_not_tried_again(fault: str, connect: Connect) -> None:
    async with FaultServer(FAULTS[fault]()) as server:
        client = connect(server.settings(options={"parallel_tool_calls": True}))
        await hear(client, conversation())
        refused = len(server.requests) - 1
        server.add(answer(TEXT))
        assert (await hear(client, conversation())).text == TEXT
        assert len(server.requests) == refused + 2
        assert server.requests[-1].body == server.requests[-2].body


async def test_a_refusal_that_teaches_nothing_new_is_asked_about_once_only(connect: Connect) -> None:
    stubborn = refusal(400, "Unsupported parameter: stream_options", param="stream_options")
    async with FaultServer([stubborn, stubborn]) as server:
        with pytest.raises(ModelError) as raised:
            await hear(connect(server.settings()), conversation())
        assert raised.value.code == "bad_request"
        assert len(server.requests) == 2


async def test_a_model_that_refused_images_says_so_and_gets_a_note_in_their_place(connect: Connect) -> None:
    async with FaultServer(FAULTS["reject_images"]()) as server:
        client = connect(server.settings())
        assert [spec.images for spec in client.models()] == [True]
        await hear(client, conversation())
        assert [spec.images for spec in client.models()] == [False]
        assert PNG in server.requests[0].body["messages"][1]["content"]
        assert server.requests[1].body["messages"][1]["content"] == (
            "What is this?\n[An image stood here. This model cannot see images.]"
        )


async def test_people_are_told_when_a_server_takes_no_tools(connect: Connect) -> None:
    async with FaultServer(FAULTS["reject_tools"]()) as server:
        heard = await hear(connect(server.settings()), conversation())
    assert [note.code for note in heard.end.notes] == ["tools_refused"]


async def test_people_are_told_when_a_server_reads_only_a_part_of_the_prompt(connect: Connect) -> None:
    long = conversation(messages=[{"role": "user", "content": "word " * 8000}])
    short, whole = {"prompt_tokens": 2048, "completion_tokens": 1}, {"prompt_tokens": 8010, "completion_tokens": 1}
    async with FaultServer([answer(TEXT, usage=short), answer(TEXT, usage=whole)]) as server:
        client = connect(server.settings())
        assert [note.code for note in (await hear(client, long)).end.notes] == ["prompt_cut"]
        assert (await hear(client, long)).end.notes == []


async def test_a_server_that_does_not_count_the_tools_is_not_said_to_have_read_only_a_part(connect: Connect) -> None:
    tools = [{"type": "function", "function": {"name": "look", "description": "word " * 8000}}]
    usage = {"prompt_tokens": 40, "completion_tokens": 1}
    async with FaultServer([answer(TEXT, usage=usage)]) as server:
        heard = await hear(connect(server.settings()), conversation(tools=tools))
    assert heard.end.notes == []


async def test_answers_at_the_same_time_do_not_mix(connect: Connect) -> None:
    def asking(word: str) -> object:
        return conversation(messages=[{"role": "user", "content": word}])

    script = [answer(f"{word} one two", gate=word).only(word) for word in ("apple", "pear")]
    async with FaultServer(script) as server:
        client = connect(server.settings())
        hearing = [asyncio.ensure_future(hear(client, asking(word))) for word in ("pear", "apple")]  # type: ignore[arg-type]
        await server.reached("apple")
        await server.reached("pear")
        server.open("apple")
        server.open("pear")
        assert [heard.text for heard in await asyncio.gather(*hearing)] == ["pear one two", "apple one two"]


# Keys and addresses


async def test_the_key_goes_into_the_request_and_nowhere_else(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with FaultServer([answer(TEXT), page(500, f"It broke with {KEY}")]) as server:
        settings = server.settings()
        client = connect(settings)
        await hear(client, conversation())
        with pytest.raises(ModelError) as raised:
            await hear(client, conversation())
        assert {request.key for request in server.requests} == {"expected"}
    assert KEY not in repr(settings) + str(settings) + repr(vars(client)) + repr(raised.value) + str(raised.value)
    assert KEY not in caplog.text


async def test_another_providers_key_and_account_are_not_sent(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-meant-for-openai")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    async with FaultServer([answer(TEXT)]) as server:
        await hear(connect(server.settings(api_key="")), conversation())
        request = server.requests[0]
        assert request.key == "none"
        assert not {"openai-organization", "openai-project"} & set(request.headers)


async def test_a_server_on_this_machine_is_reached_without_a_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with FaultServer([answer(TEXT)]) as server:
        assert (await hear(connect(server.settings()), conversation())).text == TEXT


async def test_a_server_without_a_named_model_is_asked_which_one_it_has(connect: Connect) -> None:
    async with FaultServer([answer(TEXT)]) as server:
        client = connect(read_settings({"OPENAI_BASE_URL": server.base_url}))
        (spec,) = client.models()
        assert (await hear(client, conversation(model=spec.name))).text == TEXT
        assert server.requests[0].body["model"] == MODEL


async def test_azure_is_asked_in_its_versioned_way(connect: Connect) -> None:
    async with FaultServer([answer(TEXT)]) as server:
        environ = {
            "AZURE_OPENAI_ENDPOINT": server.base_url.removesuffix("/v1"),
            "AZURE_OPENAI_API_KEY": KEY,
            "AZURE_OPENAI_DEPLOYMENT": MODEL,
            "OPENAI_API_VERSION": "2026-01-01",
        }
        await hear(connect(read_settings(environ)), conversation())
        assert server.requests[0].path == f"/openai/deployments/{MODEL}/chat/completions"
        assert server.requests[0].key == "expected"
        assert server.requests[0].body["max_completion_tokens"] == 512


async def test_a_server_that_is_not_running_is_named(connect: Connect) -> None:
    server = FaultServer([])
    await server.start()
    settings = server.settings()
    await server.close()
    with pytest.raises(ModelError) as raised:
        await hear(connect(settings), conversation())
    assert (raised.value.code, raised.value.retryable) == ("unreachable", True)
    assert server.base_url.split("/")[2] in raised.value.message
    assert "Is it running?" in raised.value.hint


async def test_https_where_http_is_spoken_is_named(connect: Connect) -> None:
    async def answer_in_plain_text(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer_in_plain_text, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        environ = {"OPENAI_BASE_URL": f"https://127.0.0.1:{port}/v1", "OPENAI_MODEL": MODEL}
        with pytest.raises(ModelError) as raised:
            await hear(connect(read_settings(environ)), conversation())
    assert (raised.value.code, raised.value.retryable) == ("unreachable", False)
    assert "http:" in raised.value.hint


async def test_a_server_that_takes_no_connection_is_given_up_in_time(connect: Connect) -> None:
    async with FaultServer([]) as server:  # it waits for a request where a handshake comes
        https = {"base_url": server.base_url.replace("http:", "https:"), "models": [MODEL], "connect_s": 0.2}
        with pytest.raises(ModelError) as raised:
            await hear(connect(read_settings({}, {"endpoints": {"test": https}})), conversation())
    assert (raised.value.code, raised.value.retryable) == ("unreachable", True)


async def test_a_model_that_is_not_offered_is_refused_with_those_that_are(connect: Connect) -> None:
    async with FaultServer([]) as server:
        with pytest.raises(ModelError) as raised:
            await hear(connect(server.settings()), conversation(model="another"))
    assert raised.value.code == "model_unknown"
    assert MODEL in raised.value.hint


async def test_without_any_model_people_are_told_which_variables_to_set(connect: Connect) -> None:
    with pytest.raises(ModelError) as raised:
        await hear(connect(read_settings({})), conversation())
    assert raised.value.code == "no_model"
    assert "OPENAI_API_KEY" in raised.value.hint


# Laziness

_LAZY = """
import asyncio, sys, threading
threads = []
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "openai" or name.startswith("openai."):
            threads.append(threading.current_thread() is threading.main_thread())
sys.meta_path.insert(0, Watch())
from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.testing.fault_server import FaultServer
from jupyter_copilot.testing.replies import answer
from tests.models.conftest import conversation, hear
assert not threads, "importing the client imports openai"
async def main():
    async with FaultServer([answer("Hello")]) as server:
        client = OpenAIModelClient(server.settings(), SystemClock())
        client.models()
        assert not threads, "listing models imports openai"
        await hear(client, conversation())
        await client.close()
asyncio.run(main())
assert threads, "openai was never imported"
print("on the loop:", sum(threads), "of", len(threads))
"""


@pytest.mark.slow
def test_openai_is_imported_at_the_first_answer_and_off_the_loop() -> None:
    done = subprocess.run([sys.executable, "-c", _LAZY], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("on the loop: 0 of"), done.stdout


@pytest.mark.parametrize("model", ["test-model", None])
async def test_an_address_without_version_is_tried_with_one(model: str | None, connect: Connect) -> None:
    async with FaultServer([answer(TEXT).always()]) as server:
        table = {"base_url": server.base_url.removesuffix("/v1"), "api_key": "k", "models": [model] if model else []}
        client = connect(read_settings({}, {"endpoints": {"lab": table}}))
        (spec,) = client.models()
        for _ in range(2):
            assert (await hear(client, conversation(model=spec.name))).text == TEXT
        assert [request.path for request in server.requests] == ["/v1/chat/completions"] * 2


async def test_an_address_that_has_nothing_with_a_version_either_is_named(connect: Connect) -> None:
    nothing = status(404, {"detail": "Not Found"})
    async with FaultServer([nothing, nothing]) as server:
        table = {"base_url": server.base_url.removesuffix("/v1") + "/llm", "models": ["m"]}
        client = connect(read_settings({}, {"endpoints": {"lab": table}}))
        with pytest.raises(ModelError) as raised:
            await hear(client, conversation(model="m"))
        assert [request.path for request in server.requests] == ["/llm/chat/completions", "/llm/v1/chat/completions"]
    assert raised.value.code == "wrong_url" and "/v1" in raised.value.hint
