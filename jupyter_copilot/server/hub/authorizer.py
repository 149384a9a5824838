"""Who may do what in the rooms of a Hub service: what the scopes of a Hub's token say."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.base.handlers import JupyterHandler

from ..identity import RESOURCE

DECIDE = "custom:copilot:decide"
"""The scope of people: to see rooms, ask and decide. The token of somebody's server does not have it."""


class HubAuthorizer(Authorizer):
    """People take part in rooms; nobody does anything else here, and nobody's server anything at all.

    A person's server runs code of that person, of their notebooks and of agents. What its token may do, they all may:
    so it opens no room, and cannot decide for its own user.
    """

    def is_authorized(self, handler: JupyterHandler, user: Any, action: str, resource: str) -> bool:
        """Whether the token that this request came with has the scope."""
        return resource == RESOURCE and DECIDE in scopes_of(user)


def scopes_of(user: Any) -> frozenset[str]:
    """The scopes that the Hub says a user's token has; none for whoever did not come through the Hub."""
    hub_user = getattr(user, "hub_user", None)
    told = hub_user.get("scopes", ()) if isinstance(hub_user, dict) else ()
    return frozenset(scope for scope in told if isinstance(scope, str))
