"""What this server brings to the permissions of its rooms: the administrator's terms, and its tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from ... import protocol as p
from ...core.permissions.house import House, ToolKind
from .policy_file import Policy, PolicyFile


class Houses:
    """The house of each room, by the room's key; the policy is asked each time, as it may be read anew."""

    def __init__(
        self,
        policy: Policy,
        tools: Callable[[], Mapping[str, ToolKind]],
        shown_path: Callable[[str], str],
        spent_elsewhere: Callable[[str], Mapping[str, p.Spent]],
    ) -> None:
        self._policy = policy
        self._tools = tools
        self._shown_path = shown_path
        self._spent_elsewhere = spent_elsewhere

    def at(self, key: str) -> House:
        """The house of the room with this key."""
        terms, file, tools = self._policy.terms(), self._policy.file, self._tools()
        refused = list(refusals(file, tools))
        return House(
            terms=replace(terms, entries=[*terms.entries, *refused]) if refused else terms,
            tools=tools,
            path=self._shown_path(key),
            budgets=file.budgets,
            prices=file.prices,
            spent_elsewhere=lambda: self._spent_elsewhere(key),
        )


def refusals(file: PolicyFile, tools: Mapping[str, ToolKind]) -> Iterator[p.Term]:
    """A refusal for each tool that may not be used, by its name or by that of its MCP server."""
    for name, kind in tools.items():
        if not file.tools.allows(name):
            yield p.Term(match=p.Match(tool=name), then="refuse", because=file.tools.because)
        elif kind.server and not file.mcp_servers.allows(kind.server):
            yield p.Term(match=p.Match(tool=name), then="refuse", because=file.mcp_servers.because)
    yield from _agents(file)


def _agents(file: PolicyFile) -> Iterable[p.Term]:
    for pattern in file.agents.refused:
        yield p.Term(match=p.Match(agent=pattern), then="refuse", because=file.agents.because)
    if file.agents.allowed is not None and not file.agents.allows(p.COPILOT):
        yield p.Term(match=p.Match(agent=p.COPILOT), then="refuse", because=file.agents.because)
