"""The administrator's policy: one TOML file, read anew when it changes, with every mistake named by its place."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from ... import protocol as p
from ...core.budgets import Budget, Price
from ...core.permissions.patterns import fits_name
from ...protocol.errors import CopilotError
from ..notices.channels import ChannelTable
from ..telemetry.auditor import AuditTable

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
TIGHT = p.Terms(modes=["plan", "ask"], rules=False, because=dict.fromkeys(("modes", "rules"), "The policy is broken."))
"""What holds while a policy that is wanted cannot be read, and none was read before."""


SECTIONS = ("modes", "rules", "models", "agents", "tools", "mcp_servers")
"""Each says with `because` why it is as it is."""


class PolicyError(CopilotError):
    """The policy file cannot be read as one."""

    code = "bad_policy"


class Modes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which modes may be chosen; without `allowed`, all."""

    allowed: list[p.Mode] | None = None
    because: str = ""


class Rules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether people may grant rules, and for how long at most."""

    allowed: bool = True
    longest_s: float | None = None
    because: str = ""


class Allowed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of a kind may be used: names or patterns with `*`; without `allowed` all, and never those `refused`."""

    allowed: list[str] | None = None
    refused: list[str] = []
    because: str = ""

    def allows(self, name: str) -> bool:
        """Whether this one may be used."""
        fits = self.allowed is None or any(fits_name(pattern, name) for pattern in self.allowed)
        return fits and not any(fits_name(pattern, name) for pattern in self.refused)


class Models(Allowed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The models that may be chosen, the one that answers otherwise, and whether people set up their own."""

    default: str = ""
    own: bool = True


class PolicyFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. `calls` always ask or are refused, whatever people grant; `deciders` says who decides which."""

    modes: Modes = Modes()
    rules: Rules = Rules()
    calls: list[p.Term] = []
    deciders: list[p.Deciders] = []
    channels: list[ChannelTable] = []
    models: Models = Models()
    agents: Allowed = Allowed()
    tools: Allowed = Allowed()
    mcp_servers: Allowed = Allowed()
    budgets: list[Budget] = []
    prices: dict[str, Price] = {}
    audit: list[AuditTable] = []

    def terms(self) -> p.Terms:
        """The same as the rooms take it."""
        said = {name: getattr(self, name).because for name in SECTIONS}
        return p.Terms(
            modes=self.modes.allowed,
            rules=self.rules.allowed,
            longest_rule_s=self.rules.longest_s,
            entries=self.calls,
            deciders=self.deciders,
            because={name: because for name, because in said.items() if because},
        )


def read_policy(path: Path) -> PolicyFile:
    """The policy in a file. Raises `PolicyError`, which says what is wrong and where."""
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=PolicyFile)
    except OSError as error:
        raise PolicyError(f"The policy {path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"The policy {path} is wrong: {error}.", hint="See docs/permissions.md.") from error
    _check_names(msgspec.toml.decode(path.read_bytes()), path)
    return found


def _check_names(said: dict[str, object], path: Path) -> None:
    """Words of the wire's types that are not known would be passed over in silence, which no policy should."""
    for section, known in (("calls", p.Term), ("deciders", p.Deciders)):
        entries = said.get(section, [])
        for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
            unknown = sorted(set(entry) - set(known.__struct_fields__))
            unknown += [f"match.{name}" for name in sorted(set(entry["match"]) - set(p.Match.__struct_fields__))]
            if unknown:
                raise PolicyError(f"The policy {path} is wrong: {section} entry {number} says {', '.join(unknown)}.")


def policy_schema() -> dict[str, object]:
    """The JSON schema of the file."""
    return msgspec.json.schema(PolicyFile)


class Policy:
    """The terms of the file at `path` as it is now; an empty path lays down nothing.

    A file that is broken by an edit leaves what held before, and is told as a problem.
    """

    def __init__(self, path: str, now: Callable[[], float] = time.monotonic) -> None:
        self._path = Path(path).expanduser() if path else None
        self._now = now
        self._looked: float | None = None
        self._mark: tuple[int, int] | None = None
        self._file = PolicyFile()
        self._terms = p.Terms()
        self.problems: list[p.Problem] = []
        if self._path is not None:
            self._terms = TIGHT
            self.terms()

    @property
    def file(self) -> PolicyFile:
        """The whole file that is in force now: the same object until another one is."""
        self.terms()
        return self._file

    def terms(self) -> p.Terms:
        """The terms now; looks at the file once a second at most."""
        if self._path is not None and (self._looked is None or self._now() - self._looked >= LOOK_EVERY_S):
            self._looked = self._now()
            self._look(self._path)
        return self._terms

    def _look(self, path: Path) -> None:
        try:
            found = path.stat()
            mark = (found.st_mtime_ns, found.st_size)
        except OSError:
            mark = (0, -1)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._file = read_policy(path)
            self._terms = self._file.terms()
            self.problems = []
        except PolicyError as error:
            log.error("%s %s", error.message, error.hint)
            self.problems = [p.Problem(code=error.code, message=error.message, hint=error.hint)]

    @property
    def groups(self) -> frozenset[str]:
        """The groups that the terms name: no others are told of anybody."""
        deciding = [group for each in self.terms().deciders for group in (*each.groups, *each.escalate_to)]
        return frozenset([*deciding, *(group for each in self._file.budgets for group in (*each.groups, *each.ask))])
