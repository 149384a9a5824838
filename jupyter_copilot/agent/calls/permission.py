"""Permission: what is found out about a call, and what the room makes of it, on the newest state each time."""

from __future__ import annotations

from ... import protocol as p
from ...core import state as s
from ...core.fetching import fetched_by_call
from ...core.permissions.asked import asked_of, code_of, current_mode
from ...core.permissions.danger import ORDER, dangers_of
from ...core.permissions.deciders import policy_for
from ...core.permissions.house import House
from ...core.permissions.judge import judge
from ...core.permissions.locks import lock_of, tags_of
from ...core.permissions.wording import card_note
from ...core.policy import right_to_decide
from ...ports.notebook import Notebook
from ...ports.tool import Proposal, Tool, kind_of


async def circumstances_of(
    tool: Tool, args: p.JsonObject, proposal: Proposal, notebook: Notebook, effect: p.Effect
) -> p.Circumstances:
    """What is found out about a call of this effect: its tool, its cells' tags and locks, what its code may do."""
    kind = kind_of(tool)
    concerned = {diff.cell_id for diff in proposal.preview.cells}
    cells = [cell for cell in await notebook.read() if cell.cell_id in concerned] if concerned else []
    tags = {cell.cell_id: tags_of(cell.metadata) for cell in cells}
    locks = {cell.cell_id: lock for cell in cells if (lock := lock_of(cell.metadata)) is not None}
    fetching = None if effect == "read" else fetched_by_call(proposal.preview, args)
    return p.Circumstances(
        definition=kind.definition,
        server=kind.server,
        tags={cell_id: some for cell_id, some in tags.items() if some},
        locks=locks,
        dangers=await _dangers(effect, proposal, notebook),
        fetches=fetching is not None,
    )


async def _dangers(effect: p.Effect, proposal: Proposal, notebook: Notebook) -> list[p.Danger]:
    if effect != "execute":
        return []
    if proposal.dangers is not None:
        return proposal.dangers
    code = code_of(effect, proposal.preview)
    restarts: list[p.Danger] = ["restarts"] if proposal.restart else []
    if not code:
        return restarts or ["unclear"]  # A tool that runs something and does not show what.
    found = dangers_of(code, (await notebook.describe()).language)
    return [each for each in ORDER if each in found or each in restarts]


def verdict_on(
    house: House, state: s.RoomState, call: s.Call | p.CallProposed, now: int
) -> p.Verdict:  # fmt: skip
    """What the room makes of a call now."""
    mode = current_mode(state, call.run_id, now)
    return judge(house.terms, state.rules.values(), mode, asked_of(call, state.runs[call.run_id], house.path), now)


def deciding(house: House, state: s.RoomState, call: s.Call | p.CallProposed, now: int) -> p.Policy:
    """Who decides about a call that asks now."""
    asked = asked_of(call, state.runs[call.run_id], house.path)
    return policy_for(house.terms, asked, right_to_decide(call.effect), now)


def note_of(call: s.Call | p.CallProposed, verdict: p.Verdict) -> str:
    """What a card says of a call beside its preview."""
    fetching = fetched_by_call(call.preview, call.args) if call.circumstances and call.circumstances.fetches else None
    parts = [card_note(verdict.because), "" if fetching is None else fetching.warning]
    return " ".join(filter(None, parts))
