"""Who sits at a browser: the name in the cookie `person`, for everybody who knows the server's token."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from jupyter_server.auth import IdentityProvider, User
from typing_extensions import override

COOKIE = "person"


class NamedPeople(IdentityProvider):
    """Jupyter's own provider, with a name that the test chose in place of a random one."""

    @override
    def generate_anonymous_user(self, handler: Any) -> User:
        name = unquote(handler.get_cookie(COOKIE) or "Somebody")
        return User(username=name.lower(), name=name, display_name=name, initials=name[0])
