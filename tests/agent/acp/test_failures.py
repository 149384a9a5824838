"""How each failure of an agent ends: what is recorded, what people are told, and that no process is left."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.acp import session as session_module
from jupyter_copilot.agent.acp.sessions import Sessions
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.clock import SystemClock

from ...builders import BOB
from .stage import AcpStage, config, effects


def error_of(run: s.Finished) -> p.Problem:
    assert run.outcome == "failed" and run.error is not None, run
    return run.error


async def test_a_missing_command_says_how_to_install_it() -> None:
    agent = config(command=["no-such-agent"], install="npm install -g it")
    async with AcpStage(agent=agent) as stage:
        await stage.tell("say hi")
        error = error_of(await stage.over())
        assert error.code == "agent_not_found" and "npm install -g it" in error.hint
        assert stage.agent.spec.missing == "Not installed. npm install -g it"


async def test_one_that_ends_at_once_is_told_with_its_last_words() -> None:
    words = "import sys; sys.exit('no licence here')"
    async with AcpStage(agent=config(command=[sys.executable, "-c", words])) as stage:
        await stage.tell("say hi")
        error = error_of(await stage.over())
        assert error.code == "agent_not_found" and "no licence here" in error.message


async def test_one_that_does_not_get_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "START_S", 1.0)
    async with AcpStage("--hang") as stage:
        await stage.tell("say hi")
        error = error_of(await stage.over())
        assert error.code == "agent_start" and "did not start" in error.message and error.hint == "Try again."


async def test_another_version_of_the_protocol_is_not_spoken() -> None:
    async with AcpStage("--protocol", "2") as stage:
        await stage.tell("say hi")
        assert error_of(await stage.over()).code == "agent_start"


async def test_one_of_another_version_than_is_pinned_is_not_started() -> None:
    async with AcpStage(agent=config(version="2.0")) as stage:
        await stage.tell("say hi")
        error = error_of(await stage.over())
        assert error.code == "agent_start" and "'1.0'" in error.message


async def test_one_that_is_not_signed_in_says_where_to_do_it() -> None:
    async with AcpStage(agent=config("--auth", login="fake login")) as stage:
        await stage.tell("say hi")
        error = error_of(await stage.over())
        assert error.code == "agent_auth" and "fake login" in error.hint and "Please sign in" in error.message


@pytest.mark.parametrize("modes", ["", "auto,yolo"])
async def test_without_an_asking_mode_nothing_runs(modes: str, tmp_path: Path) -> None:
    async with AcpStage("--modes", modes, "--effects", str(tmp_path / "effects")) as stage:
        await stage.tell("unasked execute rm")
        error = error_of(await stage.over())
        assert error.code == "agent_mode"
        assert all(mode in error.message for mode in modes.split(",") if mode)
        assert not effects(tmp_path / "effects")


async def test_one_that_changes_its_mode_by_itself_is_ended() -> None:
    async with AcpStage() as stage:
        await stage.tell("say a; mode auto")
        error = error_of(await stage.over())
        assert error.code == "agent_mode_changed" and "auto" in error.message


async def test_one_that_dies_in_a_turn_leaves_no_button_and_no_false_result(tmp_path: Path) -> None:
    async with AcpStage("--store", str(tmp_path / "store")) as stage:
        await stage.tell("slow execute rm; say x; ask execute y")
        opened = await stage.opened()
        await stage.until(lambda state: any(isinstance(call, s.CallRunning) for call in state.calls.values()))
        os.kill(pid_of(stage), signal.SIGKILL)
        error = error_of(await stage.over())
        assert error.code == "agent_died" and "goes on where it was" in error.hint
        withdrawn = stage.state.confirmations[opened.confirmation_id]
        assert isinstance(withdrawn, s.Withdrawn) and "ended while it worked" in withdrawn.reason
        states = {call.preview.title: type(call) for call in stage.calls()}
        assert states == {"rm": s.CallDoubtful, "y": s.CallDone}
        await stage.do(p.RetryRun(run_id=p.RunId("m1.r1")))
        await stage.until(lambda state: "m1.r2" in state.runs)
        assert stage.state.runs["m1.r2"].agent_id == "fake"
        await stage.opened()
        assert stage.state.threads["main"].sessions["fake"].begun == "resumed"
        await stage.do(p.CancelRun(run_id=p.RunId("m1.r2")))


async def test_one_that_dies_after_it_was_let_to_leaves_doubt_and_no_offer_to_run_it_again() -> None:
    async with AcpStage("--deaf") as stage:
        await stage.tell("ask execute y")
        opened = await stage.opened()
        os.kill(pid_of(stage), signal.SIGSTOP)
        await stage.decide(opened.confirmation_id)
        await stage.until(lambda state: any(isinstance(call, s.CallRunning) for call in state.calls.values()))
        os.kill(pid_of(stage), signal.SIGKILL)
        await stage.over()
        (call,) = stage.calls()
        assert isinstance(call, s.CallDoubtful) and "ended while it did this" in call.message
        assert not list(s.open_confirmations(stage.state))


@pytest.mark.parametrize(
    ("options", "begun"),
    [([], "resumed"), (["--no-resume"], "loaded"), (["--no-resume", "--no-load"], "afresh")],
)
async def test_another_process_goes_on_in_the_way_that_the_agent_can(
    options: list[str], begun: str, tmp_path: Path
) -> None:
    store = str(tmp_path / "store")
    async with AcpStage("--store", store, *options) as stage:
        await stage.tell("say first")
        await stage.over()
        os.kill(pid_of(stage), signal.SIGKILL)
        await stage.noticed_the_end()
        await stage.tell("recall; told", "m2")
        await stage.over("m2.r1")
        assert stage.state.threads["main"].sessions["fake"].begun == begun
        text = stage.text("m2.r1")
        assert ("I remember: say first" in text) == (begun != "afresh")
        assert ("Fake: first" in text) == (begun == "afresh")
        assert "an old answer" not in text


async def test_a_session_that_cannot_be_loaded_begins_afresh_with_the_transcript(tmp_path: Path) -> None:
    store = tmp_path / "store"
    async with AcpStage("--store", str(store)) as stage:
        await stage.tell("say first")
        await stage.over()
        os.kill(pid_of(stage), signal.SIGKILL)
        await stage.noticed_the_end()
        store.write_text("{}")
        await stage.tell("told", "m2")
        await stage.over("m2.r1")
        assert stage.state.threads["main"].sessions["fake"].begun == "afresh"
        assert "Fake: first" in stage.text("m2.r1")


async def test_after_the_end_of_the_server_the_run_is_over_and_the_next_prompt_goes_on(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    async with AcpStage("--store", store) as first:
        await first.tell("say a; slow execute rm; ask execute y")
        await first.opened()
        await first.until(lambda state: any(isinstance(call, s.CallRunning) for call in state.calls.values()))
    async with AcpStage("--store", store, before=first.records, owner="second") as second:
        error = error_of(await second.over())
        assert error.code == "agent_interrupted"
        await second.until(lambda state: any(isinstance(call, s.CallDoubtful) for call in state.calls.values()))
        assert not list(s.open_confirmations(second.state))
        await second.tell("recall", "m2")
        await second.over("m2.r1")
        assert "say a" in second.text("m2.r1")
        assert second.state.threads["main"].sessions["fake"].begun == "resumed"


async def test_a_flood_is_bounded_and_ends_the_run() -> None:
    async with AcpStage() as stage:
        await stage.tell("flood 300")
        assert error_of(await stage.over()).code == "answer_too_long"


@pytest.mark.parametrize("path", ["one.ipynb", "./one.ipynb", ".ipynb_checkpoints/one-checkpoint.ipynb"])
async def test_a_write_to_an_open_notebook_is_refused_whatever_anybody_says(path: str, tmp_path: Path) -> None:
    notebook = str(tmp_path / "one.ipynb")
    target = str(tmp_path / path)
    marks = tmp_path / "effects"
    async with AcpStage("--effects", str(marks), open_files=[notebook]) as stage:
        await stage.tell(f"asked-write {target}; ask execute echo x > one.ipynb; say on")
        await stage.over()
        for call in stage.calls():
            assert isinstance(call, s.CallDone) and call.is_error and "people have open" in call.result.text
        assert len(stage.calls()) == 2 and not effects(marks) and "not allowed: n" in stage.text()


async def test_one_that_writes_the_notebook_unasked_is_ended(tmp_path: Path) -> None:
    notebook = str(tmp_path / "one.ipynb")
    async with AcpStage(open_files=[notebook]) as stage:
        await stage.tell(f"unasked-write {notebook}")
        assert error_of(await stage.over()).code == "agent_wrote_notebook"


async def test_a_write_elsewhere_shows_its_diff_and_asks(tmp_path: Path) -> None:
    async with AcpStage(open_files=[str(tmp_path / "one.ipynb")]) as stage:
        await stage.tell(f"asked-write {tmp_path / 'other.py'}")
        opened = await stage.opened()
        (call,) = stage.calls()
        assert call.preview.language == "diff" and "+b" in (call.preview.code or "")
        await stage.decide(opened.confirmation_id, p.DENY)
        await stage.over()


@pytest.mark.parametrize("reason", ["max_tokens", "max_turn_requests", "refusal"])
async def test_an_answer_that_ends_early_says_why(reason: str) -> None:
    async with AcpStage() as stage:
        await stage.tell(f"say a; stop {reason}")
        error = error_of(await stage.over())
        assert error.code == reason and error.hint and stage.text() == "a"


async def test_it_gets_little_of_the_environment_and_an_empty_folder() -> None:
    environ = {"PATH": os.environ["PATH"], "JUPYTER_TOKEN": "t", "JPY_PARENT": "1", "SECRET": "s", "FAKE_KEY": "k"}
    async with AcpStage(agent=config(env={"MORE": "1"}, pass_env=["FAKE_*", "JUPYTER_*"]), environ=environ) as stage:
        await stage.tell("environ; fs")
        await stage.over()
        text = stage.text()
        names = set(text.partition("I have ")[2].partition(" in ")[0].split())
        assert {"PATH", "MORE", "FAKE_KEY"} <= names and not names & {"JUPYTER_TOKEN", "JPY_PARENT", "SECRET"}
        assert "copilot-agent-" in text and "confined True" in text and "-32601" in text


async def test_files_and_a_shell_take_the_consent_of_people_once_a_chat() -> None:
    async with AcpStage(files=True) as stage:
        assert stage.agent.spec.agent_id == "fake-files" and "with files" in stage.agent.spec.name
        await stage.tell("environ")
        opened = await stage.opened()
        assert "files and a shell" in opened.title and opened.policy.right == "execute"
        await stage.decide(opened.confirmation_id, p.DENY)
        assert error_of(await stage.over()).code == "agent_not_allowed"
        await stage.tell("environ", "m2")
        await stage.decide((await stage.opened()).confirmation_id, "allow", by=BOB)
        await stage.over("m2.r1")
        assert "confined False" in stage.text("m2.r1")
        await stage.tell("say again", "m3")
        await stage.over("m3.r1")
        assert stage.text("m3.r1") == "again"


async def test_a_server_has_so_many_processes_at_most_and_none_that_idles() -> None:
    sessions = Sessions(SystemClock(), most=1, idle_s=0.2)
    async with AcpStage(sessions=sessions) as stage:
        await stage.do(p.CreateThread(thread_id=p.ThreadId("other"), title="Other"))
        await stage.tell("say a; hang")
        await stage.until(lambda state: any(isinstance(m, s.Streaming) for m in state.messages.values()))
        await stage.tell("say b", "m2", thread_id="other")
        assert error_of(await stage.over("m2.r1")).code == "agent_limit"
        pid = pid_of(stage)
        await stage.do(p.CancelRun(run_id=p.RunId("m1.r1")))
        await until_ended(pid)


async def test_children_end_with_their_agent() -> None:
    async with AcpStage("--child") as stage:
        await stage.tell("say a")
        await stage.over()
        (session,) = stage.sessions._sessions.values()
        child = int(re.search(r"child (\d+)", session.errors).group(1))  # type: ignore[union-attr]
        os.kill(child, 0)
        os.kill(pid_of(stage), signal.SIGKILL)
        await until_ended(child)


async def test_no_process_is_left_when_the_server_is_killed() -> None:
    server = await asyncio.create_subprocess_exec(sys.executable, "-m", f"{__package__}.server_process", stdout=-1)
    assert server.stdout is not None
    agent, child = map(int, (await server.stdout.readline()).split())
    os.kill(agent, 0)
    os.kill(child, 0)
    server.kill()
    await server.wait()
    await until_ended(agent)
    await until_ended(child)


def pid_of(stage: AcpStage) -> int:
    """The process of the one session."""
    (session,) = stage.sessions._sessions.values()
    assert session._process is not None
    return session._process.pid


async def until_ended(pid: int) -> None:
    for _ in range(400):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except OSError:
            return
        await asyncio.sleep(0.025)
    raise AssertionError(f"process {pid} lives on")
