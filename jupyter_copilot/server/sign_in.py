"""How people signed in: by themselves in a browser, or with a token, which code in a kernel can read as well.

Jupyter gives its login cookie to whoever comes with the server's token, so a cookie alone says nothing. Who signs in
without a token gets a second, signed cookie beside it, and only that makes a session `browser`.
"""

from __future__ import annotations

from typing import Any, Literal

from jupyter_server.base.handlers import JupyterHandler

Auth = Literal["browser", "token"]


class SignIns:
    """Watches a server's sign-ins, and says of a request how its user signed in."""

    def __init__(self, identity_provider: Any, *, browser_decides: bool) -> None:
        self._provider = identity_provider
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
        if not self._cookie(handler, provider.get_cookie_name(handler)):
            return "browser"  # another provider than Jupyter's own says who it is, and that no token did
        return "browser" if self._cookie(handler, self._name(handler)) == user.username else "token"

    def _signed_in(self, handler: JupyterHandler, user: Any) -> None:
        """Set the login cookie and, for a sign-in without the token, the cookie that says so."""
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
