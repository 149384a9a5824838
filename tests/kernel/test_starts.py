"""What the server puts into a kernel's environment, and where it keeps its hands off."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_copilot.kernel.environment import CERTIFICATE_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE
from jupyter_copilot.server.kernels.processes import has_died, process_name
from jupyter_copilot.server.kernels.starts import follow_kernels, local_url
from jupyter_copilot.server.kernels.tokens import KernelTokens


class Manager:
    """A kernel manager that remembers how kernels were started, and can fail to, or lose one at once."""

    def __init__(self) -> None:
        self.started: dict[str, dict[str, Any]] = {}
        self.fails = False
        self.loses = False

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id in self.started

    def new_kernel_id(self, **options: Any) -> str:
        return "new"

    async def start_kernel(self, *, kernel_id: str | None = None, **options: Any) -> str:
        if self.fails:
            raise OSError("no such program")
        self.started[str(kernel_id)] = options
        if self.loses:
            self.remove_kernel(str(kernel_id))
        return str(kernel_id)

    def add_restart_callback(self, kernel_id: str, callback: Callable[[], None], event: str) -> None:
        assert event == "restart" and kernel_id in self.started
        self.dies = callback

    async def restart_kernel(self, kernel_id: str, now: bool = False) -> None:
        assert now

    def remove_kernel(self, kernel_id: str) -> Any:
        return self.started.pop(kernel_id, None)


def ignored(kernel_id: str) -> None:
    """Nobody wants to know."""


PUBLIC = "https://hub.example.org/user/alice/"


def _server(manager: Any, **more: Any) -> Any:
    gateway = SimpleNamespace(gateway_enabled=more.pop("gateway", False))
    given = {"sock": "", "ip": "localhost", "certfile": "", "port": 8888, "base_url": "/base/", **more}
    return SimpleNamespace(kernel_manager=manager, gateway_config=gateway, **given)


async def test_a_kernel_gets_an_address_and_a_token_beside_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_THE_SERVER", "1")
    manager, tokens = Manager(), KernelTokens()
    ended: list[str] = []
    follow_kernels(_server(manager), tokens, ignored, ended.append)
    given = {"OWN": "1"}
    await manager.start_kernel(kernel_id="a", env=given)
    await manager.start_kernel()
    assert given == {"OWN": "1"}, "the caller's environment is not touched"
    first, second = manager.started["a"]["env"], manager.started["new"]["env"]
    assert first["OWN"] == "1" and "FROM_THE_SERVER" not in first and second["FROM_THE_SERVER"] == "1"
    assert first[URL_VARIABLE] == "http://127.0.0.1:8888/base/"
    assert tokens.kernel_of(first[TOKEN_VARIABLE]) == "a" and tokens.kernel_of(second[TOKEN_VARIABLE]) == "new"
    manager.remove_kernel("a")
    assert tokens.kernel_of(first[TOKEN_VARIABLE]) is None and ended == ["a"]


async def test_a_kernel_is_told_which_certificate_the_server_shows_and_another_address_where_one_is_set() -> None:
    manager, tokens = Manager(), KernelTokens()
    server = _server(manager, certfile="server.pem")
    stop = follow_kernels(server, tokens, ignored, ignored)
    await manager.start_kernel(kernel_id="here", env={})
    stop()
    follow_kernels(server, tokens, ignored, ignored, PUBLIC)
    await manager.start_kernel(kernel_id="elsewhere", env={})
    here, elsewhere = (manager.started[kernel_id]["env"] for kernel_id in ("here", "elsewhere"))
    assert here[URL_VARIABLE] == "https://127.0.0.1:8888/base/" and here[CERTIFICATE_VARIABLE].endswith("/server.pem")
    assert elsewhere[URL_VARIABLE] == PUBLIC and CERTIFICATE_VARIABLE not in elsewhere


@pytest.mark.parametrize(
    ("kernel_url", "told"),
    [
        ("http://10.0.0.5:8888", "http://10.0.0.5:8888/base/"),
        ("http://10.0.0.5:8888/", "http://10.0.0.5:8888/base/"),
        ("https://proxy.example.org/elsewhere", "https://proxy.example.org/elsewhere"),
    ],
)
async def test_another_address_without_a_path_gets_the_servers(kernel_url: str, told: str) -> None:
    manager = Manager()
    follow_kernels(_server(manager), KernelTokens(), ignored, ignored, kernel_url)
    await manager.start_kernel(kernel_id="elsewhere", env={})
    assert manager.started["elsewhere"]["env"][URL_VARIABLE] == told


async def test_each_start_of_a_process_is_told_also_where_a_dead_one_is_started_again() -> None:
    manager = Manager()
    begun: list[str] = []
    follow_kernels(_server(manager), KernelTokens(), begun.append, ignored)
    await manager.start_kernel(kernel_id="a")
    await manager.restart_kernel("a", now=True)
    manager.dies()
    assert begun == ["a"] * 3


async def test_an_existing_kernel_keeps_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    manager, tokens = Manager(), KernelTokens()
    follow_kernels(_server(manager), tokens, ignored, ignored)
    await manager.start_kernel(kernel_id="a")
    token = manager.started["a"]["env"][TOKEN_VARIABLE]
    await manager.start_kernel(kernel_id="a")
    assert tokens.kernel_of(token) == "a"


async def test_a_kernel_that_does_not_start_leaves_no_token_and_is_told_to_have_ended() -> None:
    manager, tokens = Manager(), KernelTokens()
    begun: list[str] = []
    ended: list[str] = []
    follow_kernels(_server(manager), tokens, begun.append, ended.append)
    manager.fails = True
    with pytest.raises(OSError, match="no such program"):
        await manager.start_kernel(kernel_id="a")
    assert not tokens.kernels()
    assert begun == ended == ["a"]


async def test_a_kernel_that_is_gone_again_by_the_end_of_its_start_was_started_all_the_same() -> None:
    manager, tokens = Manager(), KernelTokens()
    ended: list[str] = []
    follow_kernels(_server(manager), tokens, ignored, ended.append)
    manager.loses = True
    assert await manager.start_kernel(kernel_id="a") == "a"
    assert not tokens.kernels() and ended == ["a"]


async def test_kernels_of_a_gateway_are_left_alone_and_so_is_a_manager_that_is_no_longer_followed() -> None:
    manager, tokens = Manager(), KernelTokens()
    follow_kernels(_server(manager, gateway=True), tokens, ignored, ignored)
    await manager.start_kernel(kernel_id="a")
    follow_kernels(_server(manager), tokens, ignored, ignored)()
    await manager.start_kernel(kernel_id="b")
    assert manager.started == {"a": {}, "b": {}} and not tokens.kernels()


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"ip": "0.0.0.0"}, "http://127.0.0.1:8888/base/"),
        ({"ip": "::"}, "http://[::1]:8888/base/"),
        ({"ip": "10.1.2.3", "certfile": "c.pem"}, "https://10.1.2.3:8888/base/"),
        ({"sock": "/run/jupyter.sock"}, None),
    ],
)
def test_the_address_can_be_reached_from_the_servers_machine(options: dict[str, str], url: str | None) -> None:
    assert local_url(_server(Manager(), **options)) == url


def test_a_process_is_known_by_its_name_and_its_machine_is_not() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_name(child.pid)
    assert not has_died(name) and socket.gethostname() not in name
    child.kill()
    child.wait()
    assert has_died(name)
    assert not has_died("0" * 12 + ":" + name.partition(":")[2]), "another machine's processes cannot be told"
