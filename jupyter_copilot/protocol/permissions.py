"""What may happen without asking: rules that people grant, what the administrator lays down, and what is asked."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from .actors import Actor
from .base import _ID, _TITLE, AgentId, RuleId, RunId, ThreadId, Value
from .parts import Effect, Mode

Danger = Literal["deletes", "installs", "network", "secrets", "restarts", "unclear", "writes"]
"""What a call may do that people look at twice; `unclear` is what could not be read, which may be any of it."""
Lock = Literal["locked", "read-only"]
"""What a cell's `copilot` metadata or tag says: nothing may be done to it, or it may be run as it stands."""

_CODE = Annotated[str, Meta(min_length=1, max_length=4000)]
_NAMES = Meta(max_length=100)


class RuleScope(Value, frozen=True, kw_only=True):
    """Which calls a rule lets in: those that fit every field that is set. One with no field set lets nothing in.

    `effect` covers the lesser ones too: read, edit, execute. With `cells` or `tags`, each cell that the call concerns
    must be one of these or carry one of those. `command` is the whole code of what runs, word for word; in `pattern`,
    which is as whole, a `*` stands for a part of one word, never for what separates, quotes or expands.
    """

    effect: Effect | None = None
    tool: Annotated[str, _TITLE] | None = None
    server: Annotated[str, _TITLE] | None = None
    cells: Annotated[list[str], _NAMES] = []
    tags: Annotated[list[str], _NAMES] = []
    command: _CODE | None = None
    pattern: _CODE | None = None


class Grant(Value, frozen=True, kw_only=True):
    """A rule as a person grants it; the first end that is met ends it, and without one it holds until it is revoked.

    `agents` empty means whichever agent. `run_id` and `thread_id` bind it to one answer or one thread, `for_s` to a
    time, `uses` to so many calls.
    """

    rule_id: Annotated[RuleId, _ID]
    scope: RuleScope
    agents: Annotated[list[AgentId], _NAMES] = []
    run_id: Annotated[RunId, _ID] | None = None
    thread_id: Annotated[ThreadId, _ID] | None = None
    for_s: Annotated[float, Meta(gt=0, le=30 * 86400)] | None = None
    uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class Rule(Value, frozen=True, kw_only=True):
    """A rule in force: what it lets in, whose it is, and how often it was used.

    `until` is in unix ms. `definitions` has the fingerprint of each tool that it covered when it was granted: a tool
    that came or changed since is not covered.
    """

    rule_id: RuleId
    scope: RuleScope
    granted_by: Actor
    granted_at: int
    agents: list[AgentId] = []
    run_id: RunId | None = None
    thread_id: ThreadId | None = None
    until: int | None = None
    uses: int | None = None
    definitions: dict[str, str] = {}
    used: int = 0


class RuleUse(Value, frozen=True, kw_only=True):
    """The rule that let a call in, and who granted it."""

    rule_id: RuleId
    granted_by: Actor


class Match(Value, frozen=True, kw_only=True):
    """Which calls an entry of the administrator's is about: those that fit every field that is set.

    `tool`, `server` and `path`, which is the notebook's, are names or patterns with `*`.
    """

    effect: Effect | None = None
    tool: str | None = None
    server: str | None = None
    path: str | None = None
    danger: Danger | None = None
    agent: str | None = None


class Term(Value, frozen=True, kw_only=True):
    """An entry of the administrator's: such calls always ask, whatever rule or mode there is, or are refused."""

    match: Match
    then: Literal["ask", "refuse"]
    because: str = ""


class Deciders(Value, frozen=True, kw_only=True):
    """Who decides such calls, as `Policy` has it; no rule and no mode lets them in."""

    match: Match
    needed: Annotated[int, Meta(ge=1, le=50)] = 1
    people: list[str] = []
    groups: list[str] = []
    not_asker: bool = False
    escalate_after_s: float | None = None
    escalate_to: list[str] = []
    because: str = ""


class Terms(Value, frozen=True, kw_only=True):
    """What the administrator lays down: the modes that may be chosen (None: all), and whether people may grant rules.

    `because` says why, by the name of what is locked: `modes`, `rules`.
    """

    modes: list[Mode] | None = None
    rules: bool = True
    longest_rule_s: float | None = None
    entries: list[Term] = []
    deciders: list[Deciders] = []
    because: dict[str, str] = {}


class AskedCell(Value, frozen=True, kw_only=True):
    """A cell that a call concerns; one that it adds has no `lock` and no `tags`."""

    cell_id: str
    changed: bool = False
    added: bool = False
    tags: list[str] = []
    lock: Lock | None = None


class Asked(Value, frozen=True, kw_only=True):
    """What a call wants. `definition` is the fingerprint of its tool, `code` what it runs, as far as is known."""

    tool: str
    effect: Effect
    run_id: RunId
    thread_id: ThreadId
    agent_id: AgentId
    definition: str = ""
    server: str = ""
    path: str = ""
    cells: list[AskedCell] = []
    code: list[str] = []
    dangers: list[Danger] = []
    fetches: bool = False


class Circumstances(Value, frozen=True, kw_only=True):
    """What was found out about a call when it was proposed, beside what its preview says, by the ids of cells."""

    definition: str = ""
    server: str = ""
    tags: dict[str, list[str]] = {}
    locks: dict[str, Lock] = {}
    dangers: list[Danger] = []
    fetches: bool = False


RuleEnd = Literal["revoked", "time", "mode", "tool", "rights", "terms"]
"""Why a rule ended before its uses were spent, its answer was over or its thread archived."""
ReasonCode = Literal["mode", "plan", "fetches", "terms", "locked", "read-only", "danger"]


class Reason(Value, frozen=True, kw_only=True):
    """Why a call asks or is refused; `about` names the danger, the cell, or what the administrator said."""

    code: ReasonCode
    about: str = ""


class Verdict(Value, frozen=True, kw_only=True):
    """Whether a call may begin: allowed, by a rule or without one, or asked for, or refused, with the reasons."""

    then: Literal["allow", "ask", "refuse"]
    rule_id: RuleId | None = None
    because: list[Reason] = []
