"""What an agent wants chosen or answered, and what it says in lists: read with care, and put to people. Pure."""

from __future__ import annotations

from typing import Any

from ... import protocol as p
from ...core import state as s
from ...core.fingerprints import question_hash
from ...core.json_schema import schema_problem
from ...protocol import JsonObject

MAX_PLAN, MAX_ENTRY = 50, 300
MAX_TITLE = 120
ALWAYS = ("allow_always", "reject_always")
"""Never handed to an agent, which would remember it where nobody sees it: lasting permissions are the room's rules."""


def text_of(content: object) -> str:
    """The text of a block of content; of others, what they are."""
    if not isinstance(content, dict):
        return ""
    text = content.get("text")
    return text if isinstance(text, str) else f"[{content.get('type', 'something')}]"


def plan_of(entries: object) -> list[p.PlanEntry]:
    """The entries of a plan."""
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [
        p.PlanEntry(
            content=str(entry.get("content", ""))[:MAX_ENTRY],
            status=str(entry.get("status", "pending"))[:40],
            priority=str(entry.get("priority", ""))[:40],
        )
        for entry in found[:MAX_PLAN]
    ]


def mode_options(options: object) -> list[JsonObject]:
    """Those of a session's options that choose its mode."""
    found = options if isinstance(options, list) else []
    return [each for each in found if isinstance(each, dict) and "mode" in (each.get("category"), each.get("id"))]


def options_of(options: object) -> dict[str, str]:
    """The options of a request by their kind, the first of each kind."""
    found: dict[str, str] = {}
    for each in options if isinstance(options, list) else []:
        if isinstance(each, dict) and isinstance(each.get("optionId"), str):
            found.setdefault(str(each.get("kind")), each["optionId"])
    return found


def selected(option: str) -> JsonObject:
    """The answer that chooses an option."""
    return {"outcome": {"outcome": "selected", "optionId": option}}


def choice(
    state: s.RoomState, run_id: p.RunId, number: int, told: JsonObject, options: dict[str, str]
) -> p.ConfirmationOpened | None:
    """The question which of an agent's options to take, those that last left out; None when none is left."""
    kinds = [kind for kind in options if kind not in ALWAYS]
    if not kinds:
        return None
    labels = {"allow_once": "Allow once", "reject_once": "Reject"}
    offered = [p.Option(id=kind[:60], label=labels.get(kind, kind.replace("_", " "))[:100]) for kind in kinds]
    return _question(state, run_id, number, str(told.get("title") or "The agent asks"), "", offered, None)


def form(state: s.RoomState, run_id: p.RunId, number: int, params: JsonObject) -> p.ConfirmationOpened | None:
    """The question that an agent asks by a form; None when it cannot be shown."""
    schema = params.get("requestedSchema")
    if not isinstance(schema, dict) or schema_problem(schema) is not None:
        return None
    offered = [p.Option(id=p.ANSWER, label="Answer", style="primary"), p.Option(id=p.SKIP, label="Skip")]
    message = str(params.get("message") or "The agent asks")
    return _question(state, run_id, number, message, message, offered, schema)


def form_answer(decided: s.Decided | None) -> JsonObject:
    """What an agent is told of the answer to its form."""
    if decided is None:
        return {"action": "cancel"}
    if decided.option != p.ANSWER:
        return {"action": "decline"}
    return {"action": "accept", "content": decided.value if isinstance(decided.value, dict) else {}}


def let_use_files(state: s.RoomState, run_id: p.RunId, number: int, agent: str, account: str) -> p.ConfirmationOpened:
    """The question whether an agent may use files and a shell in a thread."""
    title = f"Let {agent} use files and a shell?"
    body = (
        f"{agent} runs on the server, with {account or 'the account of the server’s user'} and that user's rights. In "
        "this chat it may read files without asking, and asks here before it changes one or runs a command, as far as "
        "its own program keeps to that. Nothing that it does outside of the notebook can be undone here."
    )
    offered = [p.Option(id="allow", label="Allow", style="primary"), p.Option(id=p.DENY, label="Deny", style="danger")]
    return _question(state, run_id, number, title, body, offered, None, right="execute")


def _question(
    state: s.RoomState,
    run_id: p.RunId,
    number: int,
    title: str,
    body: str,
    options: list[p.Option],
    schema: JsonObject | None,
    right: p.Right = "write",
) -> p.ConfirmationOpened:
    first = title.strip().partition("\n")[0]
    title = first if len(first) <= MAX_TITLE else first[: MAX_TITLE - 1] + "…"
    body = body[: p.MAX_TEXT_CHARS]
    return p.ConfirmationOpened(
        confirmation_id=p.ConfirmationId(f"{run_id}.o{number}"),
        kind="question",
        thread_id=state.runs[run_id].thread_id,
        run_id=run_id,
        title=title,
        body=body,
        args_hash=question_hash(title, body, [option.id for option in options], schema),
        options=options,
        schema=schema,
        policy=p.Policy(right=right),
    )


def bounded(args: JsonObject) -> JsonObject:
    """Arguments as they are recorded: large ones are left out."""
    return args if len(p.encode(args)) <= p.MAX_ARGS_BYTES else {name: args[name] for name in ("id", "kind")}


def usage_of(told: Any) -> p.Usage:
    """The tokens that an agent says an answer took; what it does not say counts as none."""
    told = told if isinstance(told, dict) else {}

    def count(*names: str) -> int:
        return next((int(told[name]) for name in names if isinstance(told.get(name), int)), 0)

    return p.Usage(
        prompt=count("inputTokens", "input_tokens"),
        cached=count("cachedReadTokens", "cachedInputTokens", "cached_read_tokens"),
        completion=count("outputTokens", "output_tokens"),
        reasoning=count("thoughtTokens", "reasoningTokens"),
    )
