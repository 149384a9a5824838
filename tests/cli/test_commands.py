"""`jupyter copilot …` against a real server."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.cli.main import main
from jupyter_copilot.client import connect
from jupyter_copilot.core import state as s

from ..server.conftest import jp_server_config, notebook

__all__ = ["jp_server_config", "notebook"]

Cli = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def address(jp_base_url: str, jp_http_port: int, http_server_client: Any) -> str:
    return f"http://127.0.0.1:{jp_http_port}{jp_base_url}"


@pytest.fixture
def token(jp_serverapp: Any) -> str:
    return str(jp_serverapp.identity_provider.token)


@pytest.fixture
def cli(address: str, token: str, capsys: pytest.CaptureFixture[str]) -> Cli:
    async def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(main, [*arguments, "--url", address, "--token", token])
        out, err = capsys.readouterr()
        return code, out, err

    return run


async def test_rooms_lists_what_has_a_room(cli: Cli, notebook: str, address: str, token: str) -> None:
    assert "No notebook has a room yet" in (await cli("rooms"))[1]
    async with connect(address, notebook, token) as client:
        await client.live()
        await client.post("hello", run=False)
    code, out, _ = await cli("rooms")
    assert code == 0 and "one.ipynb" in out and "1 records" in out


async def test_ask_without_a_model_says_what_to_do_and_fails(cli: Cli, notebook: str) -> None:
    code, out, _ = await cli("ask", notebook, "What is this?")
    assert code == 1 and "What is this?" in out
    assert "OPENAI_API_KEY" in out


async def test_ask_can_leave_the_question_in_the_room(cli: Cli, notebook: str, address: str, token: str) -> None:
    code, out, _ = await cli("ask", notebook, "What is this?", "--no-wait")
    async with connect(address, notebook, token) as client:
        state = await client.live()
        assert code == 0 and out.strip() in state.runs


async def test_decide_lists_and_decides_and_a_late_one_is_told_who_won(
    cli: Cli, notebook: str, address: str, token: str
) -> None:
    async with connect(address, notebook, token) as client:
        await client.live()
        await client.command(
            p.OpenConfirmation(confirmation_id=p.ConfirmationId("q1"), title="Delete 10,000 rows?", body="From df.")
        )
        _, out, _ = await cli("decide", notebook)
        assert "Delete 10,000 rows?" in out and "From df." in out and "confirm (Confirm)" in out
        seen = seen_in(out)
        code, _, err = await cli("decide", notebook, "certainly", *seen)
        assert code == 1 and "was not offered" in err
        code, out, _ = await cli("decide", notebook, "confirm", "--comment", "go on", *seen)
        assert code == 0
        state = await client.wait(lambda state: isinstance(state.confirmations["q1"], s.Decided))
        decided = state.confirmations["q1"]
        assert isinstance(decided, s.Decided) and decided.comment == "go on" and decided.by.surface == "cli"
        code, _, err = await cli("decide", notebook, "cancel", *seen)
        assert code == 1 and "decided this already: Confirm" in err


def seen_in(listed: str) -> list[str]:
    """The options that name what a listing shows."""
    words = listed.split()
    return ["--id", words[words.index("id") + 1], "--hash", words[words.index("hash") + 1]]


@pytest.mark.parametrize("given", [[], ["--id", "q1"], ["--hash", "0123"]])
async def test_without_a_terminal_a_decision_names_what_was_seen(
    given: list[str], cli: Cli, notebook: str, address: str, token: str
) -> None:
    async with connect(address, notebook, token) as client:
        await client.live()
        await client.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q1"), title="Go on?"))
        code, _, err = await cli("decide", notebook, "confirm", *given)
        assert code == 1 and "--id and --hash" in err
        state = await client.live()
        assert isinstance(state.confirmations["q1"], s.Open)


async def test_another_hash_than_that_of_what_is_asked_now_decides_nothing(
    cli: Cli, notebook: str, address: str, token: str
) -> None:
    async with connect(address, notebook, token) as client:
        await client.live()
        await client.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q1"), title="Go on?"))
        code, _, err = await cli("decide", notebook, "confirm", "--id", "q1", "--hash", "0123")
        assert code == 1 and "has changed since you saw it" in err


@pytest.mark.parametrize(("answer", "decided"), [("y", True), ("n", False), ("", False), ("approve", False)])
async def test_at_a_terminal_the_card_is_shown_and_asked_for(
    answer: str, decided: bool, notebook: str, address: str, token: str
) -> None:
    async with connect(address, notebook, token) as client:
        await client.live()
        await client.command(
            p.OpenConfirmation(confirmation_id=p.ConfirmationId("q1"), title="Go on?", body="x\r\x1b[2Jrm()")
        )

        def at_a_terminal() -> tuple[str, int]:
            command = ["-m", "jupyter_copilot.cli.main", "decide", notebook, "confirm", "--url", address]
            with pexpect.spawn(
                sys.executable, [*command, "--token", token], encoding="utf-8", timeout=60, echo=False
            ) as person:
                person.expect_exact("Decide “confirm”? [y/N] ")
                shown = person.before
                person.sendline(answer)
                person.expect(pexpect.EOF)
                person.wait()
                return shown, person.exitstatus

        shown, code = await asyncio.to_thread(at_a_terminal)
        assert "Go on?" in shown and "rm()" in shown and "\x1b" not in shown and "⟨U+001B⟩" in shown
        assert "It has control characters" in shown
        state = await client.live()
        assert isinstance(state.confirmations["q1"], s.Decided) == decided and (code == 0) == decided


async def test_a_form_is_answered_with_json(cli: Cli, notebook: str, address: str, token: str) -> None:
    async with connect(address, notebook, token) as client:
        await client.live()
        schema = {"type": "object", "properties": {"rows": {"type": "integer"}}, "required": ["rows"]}
        await client.command(
            p.OpenConfirmation(
                confirmation_id=p.ConfirmationId("q1"), title="How many?", kind="question", schema=schema
            )
        )
        seen = seen_in((await cli("decide", notebook))[1])
        assert "is not JSON" in (await cli("decide", notebook, "answer", "--value", "{rows", *seen))[2]
        assert (await cli("decide", notebook, "answer", "--value", '{"rows": 3}', *seen))[0] == 0


async def test_export_writes_json_markdown_and_csv(
    cli: Cli, notebook: str, address: str, token: str, tmp_path: Path
) -> None:
    async with connect(address, notebook, token) as client:
        await client.live()
        await client.post("hello ```there```", run=False)
        await client.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q1"), title="Go on?"))
        await client.decide("q1", "confirm")
    target = tmp_path / "room.json"
    assert (await cli("export", notebook, "--format", "json", "-o", str(target)))[0] == 0
    assert [record["seq"] for record in json.loads(target.read_text())["records"]] == [1, 2, 3]
    _, out, _ = await cli("export", notebook)
    assert out.startswith("# one.ipynb") and "> hello ```there```" in out and "Go on?: Confirm, decided by" in out
    _, out, _ = await cli("export", notebook, "--format", "csv")
    assert out.splitlines()[1].startswith('"q1","kernel","Go on?"')


async def test_wrong_tokens_and_paths_are_told_in_words(cli: Cli, notebook: str, address: str) -> None:
    code, _, err = await cli("decide", "nothing.ipynb")
    assert code == 1 and "no such notebook" in err
    code = await asyncio.to_thread(main, ["rooms", "--url", address, "--token", "wrong"])
    assert code == 1
    code = await asyncio.to_thread(main, ["rooms", "--url", "http://127.0.0.1:9/", "--token", "x"])
    assert code == 1


@pytest.mark.slow
async def test_watch_shows_the_room_as_it_lives(notebook: str, address: str, token: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "jupyter_copilot.cli.main", "watch", notebook, "--url", address, "--token", token,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert b"one.ipynb" in await process.stdout.readline()
    async with connect(address, notebook, token) as client:
        await client.live()
        await client.post("hello there", run=False)
        assert b"hello there" in await process.stdout.readline()
    process.kill()
    await process.wait()


async def test_doctor_names_what_is_wrong_and_what_to_do(
    cli: Cli, notebook: str, monkeypatch: pytest.MonkeyPatch, jp_environ: Any
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setattr(
        "jupyter_copilot.cli.doctor._version", lambda name: "0.1.5" if name == "jupyter-copilot" else "1"
    )
    code, out, _ = await cli("doctor")
    assert code == 1
    assert "jupyter-copilot 0.1.5 is installed too" in out and "pip uninstall jupyter-copilot" in out
    assert "cannot be reached" in out and "OPENAI_BASE_URL" in out
    assert "running server" in out and "no model configured" not in out.split("running server")[0]


async def test_rules_are_granted_listed_and_revoked_and_a_mode_is_chosen(
    cli: Cli, notebook: str, address: str, token: str
) -> None:
    assert "No rules are in force" in (await cli("rules", notebook))[1]
    code, out, _ = await cli("rules", notebook, "grant", "--effect", "edit", "--tag", "draft", "--for", "2h")
    rule_id = out.strip()
    async with connect(address, notebook, token) as client:
        rule = (await client.live()).rules[rule_id]
        assert code == 0 and rule.scope == p.RuleScope(effect="edit", tags=["draft"])
        assert rule.until is not None and rule.granted_by.surface == "cli"
        _, out, _ = await cli("rules", notebook)
        assert f"{rule_id}  edits in cells tagged draft here until" in out and "not used yet" in out
        assert json.loads((await cli("rules", notebook, "--json"))[1])["rules"][0]["rule_id"] == rule_id
        assert (await cli("rules", notebook, "revoke", rule_id))[0] == 0
        await client.wait(lambda state: not state.rules)
        assert (await cli("rules", notebook, "mode", "auto", "--for", "30m"))[0] == 0
        state = await client.wait(lambda state: state.threads["main"].mode == "auto")
        assert state.threads["main"].mode_until is not None
    _, out, _ = await cli("export", notebook)
    assert "allows: edits in cells tagged draft here" in out and "A rule ended: revoked by" in out
    assert "chose the mode Auto" in out


async def test_a_rule_that_lets_nothing_in_and_words_that_are_missing_are_told(cli: Cli, notebook: str) -> None:
    code, _, err = await cli("rules", notebook, "grant")
    assert code == 1 and "lets nothing in" in err
    code, _, err = await cli("rules", notebook, "revoke")
    assert code == 1 and "Revoke which rule?" in err
    code, _, err = await cli("rules", notebook, "mode", "yolo")
    assert code == 1 and "There is no mode 'yolo'" in err


async def test_a_chat_goes_back_and_comes_back(cli: Cli, notebook: str, address: str, token: str) -> None:
    async with connect(address, notebook, token) as client:
        await client.live()
        message_id = await client.post("Never mind.", run=False)
        _, out, _ = await cli("rewind", notebook)
        assert message_id in out and "Never mind." in out and "(chat)" in out
        code, _, err = await cli("rewind", notebook, message_id)
        assert code == 1 and "Nothing in the notebook was changed" in err
        code, out, _ = await cli("rewind", notebook, message_id, "--what", "chat")
        assert code == 0 and "The chat went back." in out
        state = await client.wait(lambda state: bool(state.threads["main"].rewinds))
        rewind_id = state.threads["main"].rewinds[0].rewind_id
        assert "--undo brings it back" in (await cli("rewind", notebook))[1]
        assert (await cli("rewind", notebook, "--undo", rewind_id))[0] == 0
        await client.wait(lambda state: not state.threads["main"].rewinds)
