"""Who is at the other end, as Jupyter's own identity provider and authorizer say. The only place identity is made."""

from __future__ import annotations

from collections.abc import Set
from copy import copy
from typing import Any, cast

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async

from .. import protocol as p
from ..room.session.visitor import Visitor
from .sign_in import SignIns

RESOURCE = "copilot"
TOKEN_HOLDER = "Token holder"
"""The name of whoever comes with the server's token and without a cookie, as records and other people have it."""
_ACTIONS: tuple[p.Right, ...] = ("read", "write", "execute")


async def visitor_of(
    handler: JupyterHandler, user: Any, sign_ins: SignIns, *, browser_decides: bool, groups: Set[str] = frozenset()
) -> Visitor:
    """The visitor behind a request, with the rights that Jupyter's authorizer grants on the resource `copilot`.

    With `browser_decides`, who did not sign in in a browser may not decide. Of the person's groups only those among
    `groups` are told.
    """
    rights = await rights_of(handler, user)
    auth = sign_ins.auth_of(handler, user)
    if "write" in rights and (auth == "browser" or not browser_decides):
        rights.add("decide")
    holder = sign_ins.holder_of(handler, user)
    name = TOKEN_HOLDER if holder else user.display_name or user.name or user.username
    return Visitor(
        actor=p.Actor(kind="person", id=holder or user.username, name=name, auth=auth, groups=_groups_of(user, groups)),
        rights=frozenset(rights),
        color=user.color,
        initials=None if holder else user.initials,
    )


async def rights_of(handler: JupyterHandler, user: Any) -> set[p.Right]:
    """What a user, who need not be the one behind the request, may do here, but for deciding."""
    return {action for action in _ACTIONS if await may(handler, user, action)}


def _groups_of(user: Any, wanted: Set[str]) -> tuple[str, ...]:
    """Those of a user's groups that are wanted, as a JupyterHub or an identity provider with groups tells them."""
    hub_user = getattr(user, "hub_user", None)
    told = hub_user.get("groups", []) if isinstance(hub_user, dict) else getattr(user, "groups", None)
    return tuple(sorted(group for group in told or () if isinstance(group, str) and group in wanted))


async def may_administer(handler: JupyterHandler, user: Any) -> bool:
    """Whether this user may stop the server, as Jupyter's own route for that asks."""
    return await may(handler, user, "write", "server")


async def may(handler: JupyterHandler, user: Any, action: str, resource: str = RESOURCE) -> bool:
    """Whether Jupyter's authorizer lets this user do this to a resource of the server."""
    answer = handler.authorizer.is_authorized(handler, user, action, resource)
    return bool(await ensure_async(cast(Any, answer)))


async def identify_again(handler: JupyterHandler) -> Any:
    """The user of an open connection, asked for once more; None when the credentials no longer hold.

    Identity providers keep their answer on the handler that they were asked for, so a new one carries the same request.
    Raises what the identity provider raises, as when its own service is down.
    """
    request = copy(handler.request)
    request.connection = _NoConnection()  # type: ignore[assignment]
    again = JupyterHandler(handler.application, request)
    user = await ensure_async(cast(Any, handler.identity_provider.get_user(again)))
    if user is None or user.username == handler.current_user.username:
        return user
    # A server's own token names nobody, no more than a server without sign-in does: Jupyter makes up a name each time.
    is_made_up = handler.token_authenticated or not handler.identity_provider.auth_enabled
    return handler.current_user if is_made_up else user


class _NoConnection:
    """What a handler needs of a connection over which nothing is answered."""

    def set_close_callback(self, callback: Any) -> None:
        """Never called: the connection that counts is the open one's."""
