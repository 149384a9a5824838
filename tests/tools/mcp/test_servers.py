"""Real servers of others, over standard streams and HTTP: what they offer, how they fail, and who trusts them."""

from __future__ import annotations

import asyncio
import importlib
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.tool_snapshot import ToolSnapshot
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.tool import kind_of
from jupyter_copilot.protocol.errors import ToolError
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.live import LiveTools
from jupyter_copilot.tools.mcp import connection as connections
from jupyter_copilot.tools.mcp.configuration import read_servers
from jupyter_copilot.tools.mcp.servers import McpServers
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools

from ...agent.stage import Stage

ODD = str(Path(__file__).with_name("odd_server.py"))
NODE = Path(sys.prefix, "lib", "mcp-clients", "node_modules", ".bin")
CALL = "m1.r1.s1.a1.c1"


def odd(**more: Any) -> dict[str, Any]:
    return {"odd": {"command": sys.executable, "args": [ODD], **more}}


@asynccontextmanager
async def connected(config: dict[str, Any], folder: Path | None = None) -> AsyncIterator[McpServers]:
    """The servers, once each of them is ready."""
    servers = McpServers(config, folder)
    assert not servers.problems
    servers.start()
    try:
        await until(lambda: all(each["state"] == "ready" for each in servers.describe()), servers)
        yield servers
    finally:
        await servers.stop()


async def until(predicate: Callable[[], bool], servers: McpServers) -> None:
    for _ in range(1500):
        if predicate():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(servers.describe())


def tools_of(servers: McpServers) -> LiveTools:
    return LiveTools(ToolRegistry(built_in_tools()), servers)


def stage(servers: McpServers, tool: str, **args: Any) -> Stage:
    """A run in which the model calls one tool of a server, and then says something."""
    tools: Any = tools_of(servers)
    return Stage(Answer(calls=[call(tool, **args)]), "Done.", tools=tools)


async def called(stage: Stage) -> s.CallDone:
    """Approve the call and wait for its end."""
    await stage.post()
    await stage.asked(f"{CALL}.q")
    await stage.decide(f"{CALL}.q")
    return await stage.settled(CALL)


# What is configured


def test_a_broken_entry_is_left_out_and_told() -> None:
    config: dict[str, Any] = {
        "good": {"command": "x"},
        "both": {"command": "x", "url": "http://x"},
        "neither": {},
        "odd name!": {"command": "x"},
        "typo": {"comand": "x"},
        "ftp": {"url": "ftp://x"},
        "text": "x",
    }
    servers, problems = read_servers(config)
    assert list(servers) == ["good"] and len(problems) == 6
    assert all(problem.code == "mcp_servers" and problem.hint for problem in problems)


def test_the_shape_that_everybody_knows_is_read() -> None:
    servers, problems = read_servers(
        {
            "a": {"command": "uvx", "args": ["x"], "env": {"A": "b"}},
            "b": {"type": "http", "url": "https://x", "headers": {}},
        }
    )
    assert list(servers) == ["a", "b"] and not problems


# What they offer


async def test_every_tool_asks_unless_somebody_trusts_it_and_none_edits(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers:
        effects = {tool.name: tool.effect for tool in servers.tools()}
        assert effects["odd__environment"] == "execute", "what a server claims counts for nothing"
        assert set(effects.values()) == {"execute"}
        assert all(kind_of(tool).server == "odd" for tool in servers.tools())


async def test_trust_of_the_administrator_makes_a_tool_read_and_nothing_else(tmp_path: Path) -> None:
    async with connected(odd(trust=["*"]), tmp_path) as servers:
        trusted = [tool.name for tool in servers.tools() if tool.effect == "read"]
        assert trusted == ["odd__environment"], "those that say so themselves"
    async with connected(odd(trust=["write"]), tmp_path / "other") as servers:
        assert [tool.name for tool in servers.tools() if tool.effect == "read"] == ["odd__write"]


async def test_a_person_trusts_what_they_saw_and_a_change_asks_again_even_after_a_restart(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers:
        (told,) = [t for t in servers.describe()[0]["tools"] if t["title"] == "environment"]
        with pytest.raises(ToolError):
            servers.trust("odd", told["name"], "another pin", True)
        servers.trust("odd", told["name"], told["pin"], True)
        assert servers.get(told["name"]).effect == "read"  # type: ignore[union-attr]
    async with connected(odd(), tmp_path) as servers:
        assert servers.get(told["name"]).effect == "read"  # type: ignore[union-attr]
        before = kind_of(servers.get(told["name"]))  # type: ignore[arg-type]
        async with stage(servers, "odd__turn") as run:
            await called(run)
            await run.over()
        await until(lambda: servers.get(told["name"]).effect == "execute", servers)  # type: ignore[union-attr]
        (now,) = [t for t in servers.describe()[0]["tools"] if t["title"] == "environment"]
        assert now["changed"] and not now["trusted"] and now["pin"] != told["pin"]
        assert kind_of(servers.get(told["name"])).definition != before.definition  # type: ignore[arg-type]


async def test_tools_come_and_go_and_a_step_keeps_those_that_it_was_told_of(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers:
        tools = tools_of(servers)
        snapshot = ToolSnapshot(tools)
        old = snapshot.get("odd__environment")
        async with stage(servers, "odd__grow") as run:
            await called(run)
            await run.over()
        await until(lambda: servers.get("odd__grown") is not None, servers)
        names = [each["function"]["name"] for each in tools.definitions()]
        assert names[-9:] == sorted(names[-9:]) and "odd__grown" in names
        assert "odd__grown" not in [each["function"]["name"] for each in snapshot.definitions()]
        assert snapshot.get("odd__environment") is old


async def test_with_very_many_tools_they_are_searched_and_called_through_one(tmp_path: Path) -> None:
    async with connected(odd(env={"ODD_MANY": "1"}), tmp_path) as servers:
        tools = tools_of(servers)
        names = [each["function"]["name"] for each in tools.definitions()]
        assert len(servers.tools()) > 60 and names[-2:] == ["find_tools", "use_tool"] and len(names) < 40
        find = Answer(calls=[call("find_tools", query="append to a file")])
        use = Answer(calls=[call("use_tool", tool="odd__write", args={"path": str(tmp_path / "f")})])
        any_tools: Any = tools
        async with Stage(find, use, "Done.", tools=any_tools) as run:
            await run.post()
            await run.asked("m1.r1.s2.a1.c1.q")
            assert '"odd__write"' in run.state.calls[CALL].result.text  # type: ignore[union-attr]
            assert run.state.calls["m1.r1.s2.a1.c1"].tool == "odd__write"
            await run.decide("m1.r1.s2.a1.c1.q")
            await run.over()
        assert (tmp_path / "f").read_text() == "x"


# Calls


async def test_a_call_asks_with_the_server_the_arguments_and_what_the_tool_says(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers, stage(servers, "odd__write", path=str(tmp_path / "f")) as run:
        await run.post()
        await run.asked(f"{CALL}.q")
        opened = run.state.confirmations[f"{CALL}.q"]
        assert opened.title == "odd: write" and "cannot be undone" in opened.body and "Append to a file" in opened.body
        assert str(tmp_path) in (run.state.calls[CALL].preview.code or "")
        assert opened.policy.right == "execute"
        await run.decide(f"{CALL}.q", p.DENY)
        await run.over()
    assert not (tmp_path / "f").exists()


async def test_progress_is_seen_and_the_result_told(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers, stage(servers, "odd__slow") as run:
        done = await called(run)
        await run.over()
        assert done.result.text == "all parts" and not done.is_error
        assert "part 3 (3 of 3)" in "".join(output.text for output in done.outputs)


async def test_an_error_of_the_tool_is_told_to_the_model(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers, stage(servers, "odd__fail") as run:
        done = await called(run)
        await run.over()
        assert done.is_error and "Error executing tool fail" in done.result.text


async def test_arguments_that_do_not_fit_are_told_before_anybody_is_asked(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers, stage(servers, "odd__write", path=3) as run:
        await run.post()
        assert (await run.settled(CALL)).is_error
        await run.over()
        assert not run.state.confirmations


async def test_a_server_that_dies_after_the_request_leaves_doubt_comes_back_and_nothing_runs_twice(
    tmp_path: Path,
) -> None:
    target = tmp_path / "f"
    async with connected(odd(), tmp_path) as servers, stage(servers, "odd__write_and_die", path=str(target)) as run:
        await run.post()
        await run.asked(f"{CALL}.q")
        await run.decide(f"{CALL}.q")
        await run.asked(f"{CALL}.again")
        assert isinstance(run.state.calls[CALL], s.CallDoubtful)
        await until(lambda: servers.describe()[0]["state"] == "ready", servers)
        await run.decide(f"{CALL}.again", "leave")
        await run.over()
    assert target.read_text() == "x"


async def test_a_server_that_is_down_before_the_request_is_an_error_and_nothing_was_done(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers, stage(servers, "odd__write", path=str(tmp_path / "f")) as run:
        await run.post()
        await run.asked(f"{CALL}.q")
        await servers.stop()
        await run.decide(f"{CALL}.q")
        done = await run.settled(CALL)
        await run.over()
        assert done.is_error and "is not connected" in done.result.text and "Nothing was done" in done.result.text
    assert not (tmp_path / "f").exists()


async def test_a_question_of_a_server_is_one_to_everybody_and_its_answer_goes_back(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers, stage(servers, "odd__ask") as run:
        await run.post()
        await run.asked(f"{CALL}.q")
        await run.decide(f"{CALL}.q")
        await run.asked(f"{CALL}.e1")
        asked = run.state.confirmations[f"{CALL}.e1"]
        assert asked.kind == "question" and "Which year" in asked.title and "odd: ask" in asked.body
        await run.decide(f"{CALL}.e1", p.ANSWER, value={"year": 1984})
        assert (await run.settled(CALL)).result.text == "accept: 1984"
        await run.over()


async def test_a_question_that_is_skipped_is_declined_and_one_of_a_stopped_run_taken_back(tmp_path: Path) -> None:
    async with connected(odd(), tmp_path) as servers:
        async with stage(servers, "odd__ask") as run:
            await run.post()
            await run.asked(f"{CALL}.q")
            await run.decide(f"{CALL}.q")
            await run.asked(f"{CALL}.e1")
            await run.decide(f"{CALL}.e1", p.SKIP)
            assert (await run.settled(CALL)).result.text == "decline: None"
            await run.over()
        async with Stage(Answer(calls=[call("odd__ask")]), tools=tools_of(servers)) as run:  # type: ignore[arg-type]
            await run.post()
            await run.asked(f"{CALL}.q")
            await run.decide(f"{CALL}.q")
            await run.asked(f"{CALL}.e1")
            await run.do(p.CancelRun(run_id=p.RunId("m1.r1")))
            await run.settled(CALL)
            assert isinstance(run.state.confirmations[f"{CALL}.e1"], s.Withdrawn)


async def test_a_process_gets_none_of_jupyters_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "secret")
    async with connected(odd(env={"OWN": "1"}), tmp_path) as servers, stage(servers, "odd__environment") as run:
        told = (await called(run)).result.text.split()
        await run.over()
        assert "OWN" in told and "PATH" in told and not any(name.startswith("JUPYTER") for name in told)


# Servers that are not there


async def test_a_dead_server_costs_nothing_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(connections, "LAST_PAUSE_S", 0.1)
    program = tmp_path / "server"
    servers = McpServers({"late": {"command": str(program)}}, tmp_path)
    servers.start()
    assert servers.describe()[0]["state"] == "connecting" and servers.tools() == []
    try:
        await until(lambda: servers.describe()[0]["state"] == "failed", servers)
        assert servers.describe()[0]["problem"]
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ODD}"\n')
        program.chmod(0o755)
        await until(lambda: servers.describe()[0]["state"] == "ready", servers)
        assert servers.get("late__write") is not None
    finally:
        await servers.stop()


async def test_the_sdk_is_imported_beside_the_loop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[tuple[str, bool]] = []
    importing = importlib.import_module

    def watched(name: str) -> Any:
        seen.append((name, threading.current_thread() is threading.main_thread()))
        return importing(name)

    monkeypatch.setattr(importlib, "import_module", watched)
    async with connected(odd(), tmp_path):
        assert ("mcp", False) in seen and not any(on_loop for _, on_loop in seen)


# Servers that people have


@pytest.mark.slow
async def test_the_servers_that_people_have_answer(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    (tmp_path / "repo" / "new.txt").write_text("new")
    bin_folder = str(Path(sys.executable).parent)
    config = {
        "time": {"command": f"{bin_folder}/mcp-server-time"},
        "git": {"command": f"{bin_folder}/mcp-server-git"},
        "files": {"command": str(NODE / "mcp-server-filesystem"), "args": [str(tmp_path / "repo")]},
        "everything": {"command": str(NODE / "mcp-server-everything"), "args": ["stdio"]},
    }
    async with connected(config, tmp_path) as servers:
        assert len(servers.tools()) > 30
        for tool, args, wanted in (
            ("git__git_status", {"repo_path": str(tmp_path / "repo")}, "new.txt"),
            ("time__get_current_time", {"timezone": "UTC"}, "UTC"),
            ("files__list_directory", {"path": str(tmp_path / "repo")}, "new.txt"),
            ("everything__echo", {"message": "hello"}, "hello"),
        ):
            async with Stage(
                Answer(calls=[call("use_tool", tool=tool, args=args)]),
                "Done.",
                tools=tools_of(servers),  # type: ignore[arg-type]
            ) as run:
                done = await called(run)
                await run.over()
                assert wanted in done.result.text, (tool, done)
        async with Stage(
            Answer(calls=[call("use_tool", tool="everything__get-tiny-image", args={})]),
            "Done.",
            tools=tools_of(servers),  # type: ignore[arg-type]
        ) as run:
            done = await called(run)
            await run.over()
            assert done.result.images and done.result.images[0].mime == "image/png"


@pytest.mark.parametrize("kind", ["python", "node"])
async def test_a_server_over_http_is_the_same(kind: str, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if kind == "python":
        command, env, tool, args = [sys.executable, ODD, str(port)], {}, "web__fail", {}
    else:
        command = [str(NODE / "mcp-server-everything"), "streamableHttp"]
        env, tool, args = {"PORT": str(port)}, "web__echo", {"message": "hello"}
    import os

    process = subprocess.Popen(command, env={**os.environ, **env}, stderr=subprocess.DEVNULL)
    try:
        async with connected({"web": {"url": f"http://127.0.0.1:{port}/mcp"}}, tmp_path) as servers:
            async with stage(servers, tool, **args) as run:
                done = await called(run)
                await run.over()
            assert ("fail" if kind == "python" else "hello") in done.result.text
    finally:
        process.terminate()
        process.wait()


@pytest.mark.slow
async def test_a_server_of_the_handshake_generation_asks_people_as_well(tmp_path: Path) -> None:
    config = {"everything": {"command": str(NODE / "mcp-server-everything"), "args": ["stdio"]}}
    async with (
        connected(config, tmp_path) as servers,
        stage(servers, "everything__trigger-elicitation-request") as run,
    ):
        await run.post()
        await run.asked(f"{CALL}.q")
        await run.decide(f"{CALL}.q")
        await run.asked(f"{CALL}.e1")
        assert run.state.confirmations[f"{CALL}.e1"].schema is not None
        await run.decide(f"{CALL}.e1", p.SKIP)
        assert not (await run.settled(CALL)).is_error
        await run.over()
