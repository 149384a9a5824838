"""The tool that asks people."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ...core.json_schema import schema_problem
from ...core.untrusted_text import as_data
from ...ports.tool import Proposal, ToolContext
from ...protocol import SKIP, CallResult, Effect, JsonObject, Option, Preview
from ...protocol.errors import ToolError
from ..authoring.arguments import Arguments
from ..authoring.typed import TypedTool

ANSWER_KEY = "_answer"
MAX_TITLE = 120

# Where the model asks in words alone, people answer in words.
FREE_TEXT: JsonObject = {
    "type": "object",
    "properties": {"answer": {"type": "string", "title": "Answer"}},
    "required": ["answer"],
}


class AskUserArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of ask_user."""

    question: Annotated[str, Meta(min_length=1, description="Its first line is the title.")]
    schema: Annotated[
        dict[str, Any] | None,
        Meta(description="JSON Schema of a form: an object with titles and simple types."),
    ] = None
    options: Annotated[list[str] | None, Meta(description="Short answers, shown as buttons.")] = None


class AskUserTool(TypedTool[AskUserArgs]):
    """Asks everybody here a question, which one of them answers.

    `execute` gets the answer in `args["_answer"]`, as `{"option", "value", "comment", "by"}`; what is missing is empty.
    """

    name = "ask_user"
    description = (
        "Ask the people here and wait for an answer, when a decision is theirs. Pass `options` for a "
        "choice, `schema` for a form, or neither for an answer in words."
    )
    effect: Effect = "read"
    arguments = AskUserArgs
    idempotent = True

    async def plan(self, args: AskUserArgs, context: ToolContext) -> Proposal:
        """The question as people will see it. Raises `ToolError` for a form or options that cannot be shown."""
        title, body = _title_and_body(args.question)
        question = {
            "title": title,
            "body": body,
            "schema": None if args.options else _form(args),
            "options": msgspec.to_builtins(_options(args)),
        }
        return Proposal(preview=Preview(title=title), question=question)

    async def execute(self, args: dict[str, Any], proposal: Proposal, context: ToolContext) -> CallResult:
        """Tell the answer that people gave."""
        asked = self.decode({key: value for key, value in args.items() if key != ANSWER_KEY})
        answer = args.get(ANSWER_KEY)
        return CallResult(text=_told(asked, answer if isinstance(answer, dict) else {"value": answer}))

    async def act(self, args: AskUserArgs, proposal: Proposal, context: ToolContext) -> CallResult:
        """Without an answer there is nothing to tell."""
        return CallResult(text=_told(args, {}))


def _title_and_body(question: str) -> tuple[str, str]:
    first, _, rest = question.strip().partition("\n")
    if len(first) <= MAX_TITLE:
        return first, rest.strip()
    return first[: MAX_TITLE - 1].rstrip() + "…", question.strip()


def _form(args: AskUserArgs) -> JsonObject:
    schema = FREE_TEXT if args.schema is None else args.schema
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), dict) or not schema["properties"]:
        raise ToolError(
            "`schema` must be an object with properties, each a field of the form.",
            hint='Such as {"type": "object", "properties": {"rows": {"type": "integer", "title": "Rows"}}}.',
        )
    problem = schema_problem(schema)
    if problem is not None:
        raise ToolError(f"The form cannot be shown. {problem}", hint="Use a simpler schema.")
    return schema


def _options(args: AskUserArgs) -> list[Option]:
    """One button for each short answer, and one to skip; none where a form is filled in."""
    if not args.options:
        return []
    if args.schema is not None:
        raise ToolError("ask_user takes either `options` or `schema`.", hint="Make the options a field of the form.")
    labels = list(dict.fromkeys(label.strip() for label in args.options))
    if len(labels) < 2 or len(labels) > 8 or not all(0 < len(label) <= 80 for label in labels):
        raise ToolError(
            "`options` needs 2 to 8 different answers of at most 80 characters.",
            hint="Put the details into `question`.",
        )
    chosen = [Option(id=f"option_{number}", label=label) for number, label in enumerate(labels, 1)]
    return [*chosen, Option(id=SKIP, label="Skip")]


def _told(args: AskUserArgs, answer: dict[str, Any]) -> str:
    """The answer for the model: who said what."""
    who = answer.get("by") or "Somebody"
    option, value, comment = answer.get("option"), answer.get("value"), answer.get("comment")
    label = next((each.label for each in _options(args) if each.id == option), None)
    if option == SKIP or (value is None and not comment and label is None):
        said = f"{who} skipped the question." if option == SKIP else "Nobody answered the question."
        parts = [f"{said} Go on with what you think best, and say what you assumed."]
    else:
        parts = [f"{who} answered:"]
        parts += [as_data("answer", text) for text in (label, _value(value)) if text]
    if comment:
        parts.append(f"Comment:\n{as_data('comment', str(comment))}")
    return "\n".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, dict) and value.keys() == FREE_TEXT["properties"].keys():
        return str(value["answer"])
    return "" if value is None else msgspec.json.encode(value).decode()
