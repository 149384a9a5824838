"""`jupyter copilot doctor`: what works, what does not, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import sys
import urllib.error
import urllib.request
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from msgspec import Struct

from .._version import __version__
from ..protocol.errors import CopilotError, StoreError
from .command import Command
from .servers import Server, add_server_arguments, running_servers
from .terminal import inline, say

OWN, OTHER = "jupyter-collaborative-copilot", "jupyter-copilot"
PROBE_S = 5.0


class Finding(Struct, frozen=True):
    """One line: what was looked at, whether it is well (None: of no account), what was found, and what to do."""

    subject: str
    well: bool | None
    found: str
    remedy: str = ""


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Print a line for each check; the exit code is 1 when one fails."""
    findings = []
    for check in CHECKS:
        for finding in check(arguments):
            findings.append(finding)
            mark = {True: "✓", False: "✕", None: "·"}[finding.well]
            say(f"{mark} {inline(finding.subject):<30} {finding.found}")
            if finding.well is False:
                say(f"  {'':<30} → {finding.remedy}")
    failed = sum(finding.well is False for finding in findings)
    say()
    say(f"{failed} of {len(findings)} need attention." if failed else "All is well.")
    return 1 if failed else 0


def versions(arguments: Namespace) -> Iterator[Finding]:
    """Python and the packages that matter."""
    yield Finding("Python", sys.version_info >= (3, 10), sys.version.split()[0], "Use Python 3.10 or newer.")
    yield Finding(OWN, True, __version__)
    for name, needed in (
        ("jupyter-server", True),
        ("jupyterlab", False),
        ("notebook", False),
        ("jupyter-collaboration", False),
        ("openai", True),
        ("ipywidgets", True),
    ):
        version = _version(name)
        yield Finding(name, None if version is None and not needed else version is not None,
                      version or "not installed", f"Run: pip install {name}")  # fmt: skip


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def namesake(arguments: Namespace) -> Iterator[Finding]:
    """The unrelated distribution that writes into the same import package."""
    version = _version(OTHER)
    yield Finding(
        "names",
        version is None,
        "no other package writes into jupyter_copilot" if version is None else f"{OTHER} {version} is installed too",
        f"Run: pip uninstall {OTHER}, then pip install --force-reinstall {OWN}",
    )


def server_extension(arguments: Namespace) -> Iterator[Finding]:
    """Whether servers enable the extension by themselves."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager

    found: dict[str, bool] = {}
    for folder in reversed(jupyter_config_path()):
        manager = ExtensionConfigManager(read_config_path=[folder])
        found |= manager.get_jpserver_extensions()  # type: ignore[no-untyped-call]
    enabled = found.get("jupyter_copilot", False)
    yield Finding(
        "server extension",
        enabled,
        "enabled" if enabled else "not enabled",
        "Run: jupyter server extension enable jupyter_copilot",
    )


def labextension(arguments: Namespace) -> Iterator[Finding]:
    """Whether JupyterLab and Notebook 7 find the sidebar."""
    from jupyter_core.paths import jupyter_path

    places = [Path(folder, OWN, "package.json") for folder in jupyter_path("labextensions")]
    found = next((place for place in places if place.exists()), None)
    yield Finding(
        "sidebar",
        found is not None,
        f"installed in {found.parent}" if found else "not installed",
        f"Run: pip install --force-reinstall {OWN}",
    )


def store(arguments: Namespace) -> Iterator[Finding]:
    """Whether the default store can be read, and every row of it is whole."""
    from ..ports.clock import SystemClock
    from ..server.compose import open_store

    kept = open_store("", SystemClock())
    path = Path(kept.files[0])
    if not path.exists():
        yield Finding("store", None, f"none yet at {path}")
        return

    async def verify() -> tuple[list[str], int]:
        try:
            faults, rooms = await kept.verify(), len(await kept.rooms())
            return [*faults, *(notice.message for notice in kept.notices)], rooms
        finally:
            await kept.close()

    try:
        faults, rooms = asyncio.run(verify())
    except StoreError as error:
        yield Finding("store", False, error.message, error.hint)
        return
    size = path.stat().st_size / 1e6
    found = f"{path}: {rooms} rooms, {size:.1f} MB" if not faults else "; ".join(faults[:3])
    yield Finding("store", not faults, found, f"Stop the servers, keep a copy of {path}, and report what is said here.")


def model(arguments: Namespace) -> Iterator[Finding]:
    """Whether a model is configured in this environment, and its server answers."""
    from ..models.configuration import read_settings

    try:
        settings = read_settings(os.environ)
    except CopilotError as error:
        yield Finding("model", False, error.message, error.hint)
        return
    if not settings.endpoints:
        yield Finding("model", None, "none in this environment; the server's own configuration may name one")
        return
    for endpoint in settings.endpoints:
        found, well = _probe(endpoint.base_url, endpoint.key.reveal())
        remedy = f"Check {endpoint.key_source or 'OPENAI_API_KEY'}, OPENAI_BASE_URL, and that its server runs."
        yield Finding(f"model {endpoint.name}", well, f"{endpoint.host}: {found}", remedy)


def _probe(base_url: str, key: str) -> tuple[str, bool]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(base_url.rstrip("/") + "/models", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PROBE_S) as response:
            return f"answers ({response.status})", True
    except urllib.error.HTTPError as error:
        # A server without a list of models answers 404, and may answer questions all the same.
        return f"answers {error.code} {error.reason}", error.code in (404, 405)
    except (OSError, ValueError) as error:
        return f"cannot be reached: {error}", False


def servers(arguments: Namespace) -> Iterator[Finding]:
    """Whether the running servers have the extension, and what they say of themselves."""
    found = [Server(arguments.url, arguments.token or "", "")] if arguments.url else running_servers()
    if not found:
        yield Finding("running servers", None, "none")
    for server in found:
        try:
            status = server.get("api/copilot/status?verify=1")
        except CopilotError as error:
            yield Finding("running server", False, f"{server.url}: {error.message}", error.hint)
            continue
        models = ", ".join(m["name"] for m in status["models"]) or "no model configured"
        sessions = f"{status['sessions']} sessions in {status['rooms_loaded']} rooms"
        yield Finding("running server", True, f"{server.url}: {status['version']}, {sessions}, {models}")
        for notice in status["notices"]:
            yield Finding("  notice", False, notice["message"], notice["hint"])
        for fault in status["faults"] or []:
            yield Finding("  store", False, fault, "Keep a copy of the store, and report what is said here.")


CHECKS: tuple[Callable[[Namespace], Iterator[Finding]], ...] = (
    versions, namesake, server_extension, labextension, store, model, servers,
)  # fmt: skip

DOCTOR = Command(
    name="doctor",
    help="Check the installation, the store, the model and the servers.",
    add_arguments=add_arguments,
    run=run,
)
