"""How people signed in: by themselves in a browser, or with a token, which code in a kernel can read as well.

Jupyter gives its login cookie to whoever comes with the server's token, so a cookie alone says nothing. Who signs in
without a token gets a second, signed cookie beside it, and only that makes a session `browser`.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Literal

from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.base.handlers import JupyterHandler

Auth = Literal["browser", "token"]


class SignIns:
    """Watches a server's sign-ins, and says of a request how its user signed in."""

    def __init__(self, identity_provider: Any, *, browser_decides: bool, secret: bytes = b"") -> None:
        self._provider = identity_provider
        self._secret = secret
        self._set_login_cookie = identity_provider.set_login_cookie
        # Jupyter has no other place where a sign-in can be seen; a test holds that all its sign-ins pass here.
        identity_provider.set_login_cookie = self._signed_in
        if browser_decides and getattr(identity_provider, "allow_password_change", False):
            # Else the sign-in page would turn the token into a password, and so into a browser's session.
            identity_provider.allow_password_change = False
        self._password = getattr(identity_provider, "hashed_password", "")

    def auth_of(self, handler: JupyterHandler, user: Any) -> Auth | None:
        """How this user signed in; None on a server that authenticates nobody."""
        provider = self._provider
        if handler.token_authenticated:
            return "token"
        hub_user = getattr(user, "hub_user", None)
        if hub_user is not None:
            # A Hub's own sign-in belongs to a session; a token that somebody put into a URL does not.
            return "browser" if hub_user.get("session_id") else "token"
        if not provider.auth_enabled:
            return None
        if not self._login_cookie(handler):
            return "browser"  # another provider than Jupyter's own says who it is, and that no token did
        return "browser" if self._cookie(handler, self._name(handler)) == user.username else "token"

    def holder_of(self, handler: JupyterHandler, user: Any) -> str | None:
        """The id of whoever comes with the server's token and nothing else; None for everybody who has a name.

        Jupyter makes up another name for each such request. Here they are one participant, whose id follows from the
        token: it stays over a restart of the server as long as the token and the server's secret do, and does not tell
        the token.
        """
        if not handler.token_authenticated or not self._makes_names_up(user) or self._login_cookie(handler):
            return None
        token = handler.token or ""
        return f"token-{hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()[:16]}"

    def _makes_names_up(self, user: Any) -> bool:
        """Whether Jupyter's own provider answers for tokens, which knows nobody by theirs."""
        if getattr(user, "hub_user", None) is not None:
            return False
        mine = type(self._provider)
        asked = ("get_user", "_get_user", "get_user_token", "generate_anonymous_user")
        return all(getattr(mine, name, None) is getattr(IdentityProvider, name) for name in asked)

    def _login_cookie(self, handler: JupyterHandler) -> str | None:
        return self._cookie(handler, self._provider.get_cookie_name(handler))

    def _signed_in(self, handler: JupyterHandler, user: Any) -> None:
        """Set the login cookie and, for a sign-in without the token, the cookie that says so.

        Who comes to the copilot with a token gets no cookie for it: it would make somebody else of them.
        """
        is_ours = handler.request.path.startswith(f"{handler.base_url}api/copilot/")
        if is_ours and self._came_with_token(handler) and self._makes_names_up(user):
            return
        self._set_login_cookie(handler, user)
        provider = self._provider
        if not provider.auth_enabled or self._came_with_token(handler):
            return
        options = {"httponly": True, "path": handler.base_url, **provider.cookie_options}
        is_secure = provider.secure_cookie
        if handler.request.protocol == "https" if is_secure is None else is_secure:
            options.setdefault("secure", True)
        handler.set_secure_cookie(self._name(handler), user.username, **options)

    def _came_with_token(self, handler: JupyterHandler) -> bool:
        """Whether the request carries the server's token, or a password that was set with it since the start."""
        provider = self._provider
        token = handler.token
        if token and token in (provider.get_token(handler), *handler.get_arguments("password")):
            return True
        return bool(getattr(provider, "hashed_password", "") != self._password)

    def _name(self, handler: JupyterHandler) -> str:
        return f"copilot-signed-in-{self._provider.get_cookie_name(handler)}"

    def _cookie(self, handler: JupyterHandler, name: str) -> str | None:
        value = handler.get_secure_cookie(name, **self._provider.get_secure_cookie_kwargs)
        return None if value is None else value.decode("utf-8", "replace")
