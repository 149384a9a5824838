"""What a server brings to the permissions of its rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from ... import protocol as p
from ..budgets import Budget, Price

_EFFECTS: tuple[p.Effect, ...] = ("read", "edit", "execute")


class ToolKind(Struct, frozen=True, kw_only=True):
    """A tool as far as permission goes: the fingerprint of its definition, its effect, and the MCP server it is of."""

    definition: str
    effect: p.Effect
    server: str = ""


class House(Struct, frozen=True, kw_only=True):
    """What the administrator lays down, the tools by name, and the path of the notebook as people know it.

    `budgets` and `prices` (by the model's name) are the administrator's, too.
    """

    terms: p.Terms = p.Terms()
    tools: Mapping[str, ToolKind] = MappingProxyType({})
    path: str = ""
    budgets: Sequence[Budget] = ()
    prices: Mapping[str, Price] = MappingProxyType({})
    spent_elsewhere: Callable[[], Mapping[str, p.Spent]] = dict
    """What was spent in the other rooms of this server, by the keys of the state's own."""

    def definitions(self, scope: p.RuleScope) -> dict[str, str]:
        """The fingerprint of each tool that a rule of this scope could let in."""
        return {name: kind.definition for name, kind in self.tools.items() if _may_cover(scope, name, kind)}


NO_HOUSE = House()
"""Where nothing is laid down and no tool is known."""


def _may_cover(scope: p.RuleScope, name: str, kind: ToolKind) -> bool:
    return (
        scope.tool in (None, name)
        and scope.server in (None, kind.server)
        and (scope.effect is None or _EFFECTS.index(kind.effect) <= _EFFECTS.index(scope.effect))
    )
