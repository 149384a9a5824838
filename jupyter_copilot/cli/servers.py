"""Which Jupyter server a command speaks to: the one that is named, else a running one that fits."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from argparse import ArgumentParser, Namespace
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from msgspec import Struct

from ..protocol.errors import CopilotError

TIMEOUT_S = 20.0


class Server(Struct, frozen=True):
    """A Jupyter server: its base URL, its token, and the folder that it serves."""

    url: str
    token: str
    root: str

    def get(self, path: str, *, raw: bool = False) -> Any:
        """What `GET <path>` answers, as JSON or as text. Raises `CopilotError` in words."""
        text = self._fetch(path, None)
        return text if raw else json.loads(text)

    def post(self, path: str, body: object) -> Any:
        """What `POST <path>` answers to a JSON body. Raises `CopilotError` in words."""
        return json.loads(self._fetch(path, json.dumps(body).encode()))

    def command(self, path: str, command: dict[str, Any]) -> Any:
        """What a command to the notebook's room is answered by. Raises `CopilotError` in words."""
        body = {"command_id": f"cli.{uuid4().hex}", "command": command}
        return self.post(f"api/copilot/notebooks/{self.quoted(path)}/commands", body)

    def quoted(self, path: str) -> str:
        """A notebook's path as it stands in an address."""
        return quote(path)

    def delete(self, path: str) -> None:
        """Have `DELETE <path>` done. Raises `CopilotError` in words."""
        self._fetch(path, None, "DELETE")

    def _fetch(self, path: str, body: bytes | None, method: str | None = None) -> str:
        try:
            url = self.url.rstrip("/") + "/" + path
            request = urllib.request.Request(url, data=body, headers=self._headers(), method=method)
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                return str(response.read().decode())
        except urllib.error.HTTPError as error:
            raise _http_error(error, path) from None
        except (OSError, ValueError, HTTPException) as error:
            raise CopilotError(
                f"The server at {self.url} cannot be reached: {error}.", hint="Is it still running?"
            ) from None

    def notebook(self, path: str, route: str = "", *, raw: bool = False) -> Any:
        """What a route of the notebook's room answers."""
        return self.get(f"api/copilot/notebooks/{quote(path)}{route}", raw=raw)

    def _headers(self) -> dict[str, str]:
        known = {"Authorization": f"token {self.token}"} if self.token else {}
        return {**known, "Content-Type": "application/json"}

    def path_of(self, notebook: str) -> str:
        """A notebook's path below the server's root: what is given, or a file of this machine made relative."""
        given = Path(notebook).expanduser()
        if self.root and given.exists():
            with_root = os.path.realpath(self.root)
            relative = os.path.relpath(os.path.realpath(given), with_root)
            if not relative.startswith(".."):
                return relative.replace(os.sep, "/")
        return notebook


def _refusal(error: urllib.error.HTTPError) -> CopilotError | None:
    """A refusal of the room, in its own words."""
    try:
        told = json.loads(error.read())
    except (ValueError, OSError):
        return None
    if not isinstance(told, dict) or told.get("type") != "reject":
        return None
    return CopilotError(str(told.get("message")), hint=str(told.get("hint") or ""), code=str(told.get("code")))


def _http_error(error: urllib.error.HTTPError, path: str) -> CopilotError:
    refused = _refusal(error)
    if refused is not None:
        return refused
    match error.code:
        case 401 | 403:
            return CopilotError("The server does not let you in.", hint="Give the right --token.")
        case 404 if "/notebooks/" in path:
            return CopilotError("The server has no such notebook.", hint="Give its path below the server's folder.")
        case 404:
            return CopilotError(
                "The server does not have the copilot.",
                hint="Install jupyter-collaborative-copilot in its environment and start it again.",
            )
        case _:
            return CopilotError(f"The server answered {error.code} {error.reason}.")


def add_server_arguments(parser: ArgumentParser) -> None:
    """The options that name a server."""
    parser.add_argument("--url", help="the server's address; without it, a running server of this machine is found")
    parser.add_argument("--token", help="the server's token; default: JUPYTER_TOKEN, or that of the running server")


def running_servers() -> list[Server]:
    """The Jupyter servers that run on this machine for this user."""
    from jupyter_server.serverapp import list_running_servers

    return [Server(found["url"], found.get("token", ""), found["root_dir"]) for found in list_running_servers()]


def server_for(arguments: Namespace, notebook: str | None = None) -> Server:
    """The server to speak to. Raises `CopilotError` when there is none, or it is not plain which one."""
    if arguments.url:
        root = next((s.root for s in running_servers() if s.url.rstrip("/") == arguments.url.rstrip("/")), "")
        return Server(arguments.url, arguments.token or os.environ.get("JUPYTER_TOKEN", ""), root)
    found = running_servers()
    if not found:
        raise CopilotError("No running Jupyter server was found.", hint="Start one, or give --url and --token.")
    fitting = [server for server in found if notebook is None or _serves(server, notebook)] or found
    if len(fitting) > 1:
        listed = ", ".join(server.url for server in fitting)
        raise CopilotError(f"Several servers run: {listed}.", hint="Say which one with --url.")
    server = fitting[0]
    return Server(server.url, arguments.token or server.token, server.root)


def _serves(server: Server, notebook: str) -> bool:
    given = Path(notebook).expanduser()
    if given.exists():
        return os.path.realpath(given).startswith(os.path.realpath(server.root) + os.sep)
    return Path(server.root, notebook).exists()
