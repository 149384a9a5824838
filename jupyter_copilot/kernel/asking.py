"""A shared confirmation from its opening to its end, on the connection's loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from .. import protocol as p
from ..client.core import Client
from ..core import state as s
from ..protocol.errors import NotConfirmed, Rejected
from .connection import command, joined

Options = Sequence[str] | Mapping[str, str] | None
"""Labels, or labels by id; the first one confirms. None offers Confirm and Cancel."""
LATE_S = 10.0
"""How much later than the server a kernel without a connection says that the time is over."""
APPEAR_S = 5.0
"""How long a confirmation that another kernel opened may take to appear here."""


def question(
    title: str, details: str, options: Options, schema: Mapping[str, Any] | None, timeout: float | None, thread: str
) -> p.OpenConfirmation:  # fmt: skip
    """The command that opens a confirmation of a kernel."""
    return p.OpenConfirmation(
        confirmation_id=p.ConfirmationId(uuid4().hex),
        title=title,
        body=details,
        kind="kernel",
        thread_id=p.ThreadId(thread),
        options=offered(options),
        schema=dict(schema) if schema is not None else None,
        expires_in_s=timeout,
    )


def offered(options: Options) -> list[p.Option]:
    """The options as the protocol has them; a label that is no valid id gets one that looks like it."""
    if options is None:
        return []
    pairs = options.items() if isinstance(options, Mapping) else [(_id_of(label), label) for label in options]
    return [
        p.Option(id=key, label=label, style="plain" if index else "primary") for index, (key, label) in enumerate(pairs)
    ]


def _id_of(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9._:-]+", "-", label).strip("-") or f"option-{uuid4().hex[:8]}"


async def settled(client: Client, wanted: p.OpenConfirmation) -> s.Confirmation:
    """Open a confirmation and return it once it is decided, expired or withdrawn.

    A connection that breaks in between comes back; the confirmation is the same one. Raises `ConnectionLost` when it
    never came about, `Rejected` when the server refuses the question, and `NotConfirmed` when time is over here.
    """
    await joined(client)
    waiting = _settled(client, wanted)
    if wanted.expires_in_s is None:
        return await waiting
    try:
        return await asyncio.wait_for(waiting, wanted.expires_in_s + LATE_S)
    except asyncio.TimeoutError:
        raise NotConfirmed(f"Nobody decided in time: {wanted.title}", code="expired") from None


async def _settled(client: Client, wanted: p.OpenConfirmation) -> s.Confirmation:
    key = wanted.confirmation_id
    while True:
        try:
            await command(client, wanted)
        except Rejected as refusal:
            if refusal.code != "already_exists":
                raise
        state = await client.wait(lambda state: not isinstance(state.confirmations.get(key), s.Open))
        found = state.confirmations.get(key)
        if found is not None:
            return found  # else the room was set aside and begun anew, and the question is asked again


async def followed(client: Client, key: str) -> s.Confirmation:
    """Return a confirmation that anybody opened, once it is settled. Raises `Rejected` when there is none."""
    await joined(client)
    try:
        await asyncio.wait_for(client.wait(lambda state: key in state.confirmations), APPEAR_S)
    except asyncio.TimeoutError:
        raise Rejected("not_found", f"There is no confirmation {key!r} in this notebook's room.") from None
    state = await client.wait(lambda state: not isinstance(state.confirmations.get(key), s.Open))
    found = state.confirmations.get(key)
    if found is None:
        raise Rejected("not_found", f"The confirmation {key!r} is no longer kept in this notebook's room.")
    return found


async def withdraw(client: Client, key: p.ConfirmationId, reason: str) -> None:
    """Take a confirmation back; one that is settled or never came about is left as it is."""
    try:
        await client.command(p.WithdrawConfirmation(confirmation_id=key, reason=reason))
    except Rejected:
        return
