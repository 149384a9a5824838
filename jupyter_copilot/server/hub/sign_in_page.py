"""The page that a browser opens once, so that it has the service's cookie."""

from __future__ import annotations

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

_PAGE = """<!doctype html>
<html lang="en">
<title>Copilot</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 20vh auto; max-width: 30em; text-align: center }}</style>
<h1>Signed in</h1>
<p>You are signed in to the copilot as {name}. You may close this window.</p>
</html>
"""


class SignInPage(JupyterHandler):
    """`copilot/sign-in`: sends whoever is not signed in to the Hub, and back; it shows who they are, and no more."""

    @web.authenticated
    def get(self) -> None:
        """Say that it worked."""
        user = self.current_user
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(_PAGE.format(name=_escaped(user.display_name or user.name or user.username)))


def _escaped(text: str) -> str:
    from tornado.escape import xhtml_escape

    return xhtml_escape(text)
