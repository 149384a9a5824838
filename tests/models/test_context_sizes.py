"""How much a model reads is asked of real HTTP servers that answer as the known ones do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from jupyter_copilot.models.configuration import read_settings
from jupyter_copilot.models.context_sizes import size_in
from jupyter_copilot.models.openai import CAREFUL_TOKENS, MAX_LOOKS, OpenAIModelClient
from jupyter_copilot.models.settings import ModelSettings

Connect = Callable[[ModelSettings], OpenAIModelClient]


class Answers(RequestHandler):
    """Says what the server's table has for a path."""

    def get(self) -> None:
        server: Server = self.application.settings["server"]
        server.asked.append(self.request.path)
        found = server.says.get(self.request.path)
        self.set_status(200 if found is not None else 404)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(found))

    post = get


class Server:
    """A model server on this machine, with what it says by path."""

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}
        self.asked: list[str] = []
        (sock,) = bind_sockets(0, "127.0.0.1")
        self.url = f"http://127.0.0.1:{sock.getsockname()[1]}/v1"
        self._http = HTTPServer(Application([(".*", Answers)], server=self))
        self._http.add_sockets([sock])

    async def close(self) -> None:
        self._http.stop()
        await self._http.close_all_connections()

    def settings(self, **table: Any) -> ModelSettings:
        models = [{"name": "mine", "model": "qwen3:8b", **table}]
        return read_settings({}, {"endpoints": {"local": {"base_url": self.url, "models": models}}})


@pytest.fixture
def server(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Server]:
    async def opened() -> Server:
        return Server()

    made = jp_asyncio_loop.run_until_complete(opened())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def looked(client: OpenAIModelClient) -> int:
    await client.look("mine")
    return client.models()[0].context_tokens


@pytest.mark.parametrize(
    "says",
    [
        {"/v1/models": {"data": [{"id": "x", "max_model_len": 9_999}, {"id": "qwen3:8b", "max_model_len": 16_384}]}},
        {"/v1/models": {"data": [{"id": "qwen3:8b", "context_length": 16_384}]}},
        {"/v1/models": {"data": [{"id": "qwen3:8b", "meta": {"n_ctx": 16_384, "n_ctx_train": 131_072}}]}},
        {
            "/api/v0/models": {
                "data": [{"id": "qwen3:8b", "max_context_length": 131_072, "loaded_context_length": 16_384}]
            },
            "/v1/models": {"data": [{"id": "qwen3:8b"}]},
        },
        {
            "/api/ps": {"models": [{"name": "qwen3:8b", "model": "qwen3:8b", "context_length": 16_384}]},
            "/v1/models": {"data": [{"id": "qwen3:8b"}]},
        },
        {
            "/api/ps": {"models": []},
            "/api/show": {
                "parameters": "stop  \"<|im_end|>\"\nnum_ctx                        16384\n",
                "model_info": {"qwen3.context_length": 131_072},
            },
        },
    ],
    ids=["vLLM", "OpenRouter", "llama.cpp", "LM Studio", "Ollama, loaded", "Ollama, not loaded"],
)  # fmt: skip
async def test_each_kind_of_server_tells_it_in_its_own_place(
    says: dict[str, Any], server: Server, connect: Connect
) -> None:
    server.says = says
    client = connect(server.settings())
    assert await looked(client) == 16_384
    asked = len(server.asked)
    assert await looked(client) == 16_384
    assert len(server.asked) == asked, "once known it is not asked again"


async def test_a_server_that_does_not_say_is_taken_for_a_small_one_and_asked_again_when_it_may_be_loaded(
    server: Server, connect: Connect
) -> None:
    client = connect(server.settings())
    assert await looked(client) == CAREFUL_TOKENS
    server.says["/api/ps"] = {"models": [{"name": "qwen3:8b", "context_length": 4_096}]}
    assert await looked(client) == 4_096


async def test_a_server_that_never_says_is_left_alone_after_a_while(server: Server, connect: Connect) -> None:
    client = connect(server.settings())
    for _ in range(MAX_LOOKS + 2):
        await client.look("mine")
    assert server.asked.count("/v1/models") == MAX_LOOKS


async def test_what_the_configuration_says_counts_and_nobody_is_asked(server: Server, connect: Connect) -> None:
    server.says["/v1/models"] = {"data": [{"id": "qwen3:8b", "max_model_len": 16_384}]}
    assert await looked(connect(server.settings(context_tokens=8_000))) == 8_000
    assert server.asked == []


async def test_looking_never_fails(server: Server, connect: Connect) -> None:
    server.says = {"/api/ps": [1], "/api/v0/models": "x", "/v1/models": {"data": 3}}
    client = connect(server.settings())
    assert await looked(client) == CAREFUL_TOKENS
    await client.look("no such model")


@pytest.mark.parametrize("found", [{}, {"context_length": "8192"}, {"context_length": 0}, {"meta": None}, {"meta": {}}])
def test_what_is_no_size_is_none(found: dict[str, Any]) -> None:
    assert size_in(found) is None
