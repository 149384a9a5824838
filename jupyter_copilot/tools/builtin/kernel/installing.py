"""The tool that installs packages into the kernel's environment."""

from __future__ import annotations

import inspect
import json
import re
import shlex
from collections import OrderedDict
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ....core.untrusted_text import as_data
from ....ports.tool import Proposal, ToolContext
from ....protocol import CallId, CallResult, Effect, Preview
from ....protocol.errors import NotebookError, ToolError
from ...authoring.arguments import Arguments
from ...authoring.typed import TypedTool
from ...render.data import quoted, shorten, titled
from ..inspecting import needs_python
from . import package_installer

LOOK_S = 10.0
INSTALL_S = 900.0
MAX_CHARS = 3_000
_REMEMBERED = 200
_VERSION = r"\s*(?:===?|>=|<=|~=|!=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*"
_PACKAGE = re.compile(
    rf"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[A-Za-z0-9._,\s-]+\])?(?:{_VERSION}(?:,{_VERSION})*)?"
)
_ARCHIVE = re.compile(r".*\.(whl|zip|tar|tgz|tbz|txz|tlz|tar\.\w+)", re.IGNORECASE)
"""What installers take for a file that lies beside the notebook."""


class InstallPackagesArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of install_packages."""

    packages: Annotated[
        list[str], Meta(min_length=1, max_length=20, description='Names, with versions if need be: "polars>=1".')
    ]


class Environment(Struct, frozen=True, kw_only=True):
    """Where a kernel finds its packages, and the command that puts some there."""

    prefix: str
    version: str
    installer: list[str]


class InstallPackagesTool(TypedTool[InstallPackagesArgs]):
    """Installs packages where the notebook's kernel finds them."""

    name = "install_packages"
    description = "Install Python packages where the notebook's kernel finds them."
    effect: Effect = "execute"
    arguments = InstallPackagesArgs

    def __init__(self) -> None:
        super().__init__()
        # The kernel is asked once a call, not each time that an open card is looked at.
        self._found: OrderedDict[CallId, Environment] = OrderedDict()

    async def plan(self, args: InstallPackagesArgs, context: ToolContext) -> Proposal:
        """The command, and the environment by its folder. Raises `ToolError` for what is no package's name."""
        packages = [checked(each) for each in args.packages]
        where = await self._environment(context)
        names = ", ".join(map(titled, packages))
        return Proposal(
            preview=Preview(
                title=f"Install {names} into {titled(where.prefix)} (Python {where.version})",
                code=shlex.join([*where.installer, *packages]),
                language="bash",
            ),
            pinned={"kernel:environment": where.prefix},
            dangers=["installs", "network"],
        )

    async def act(self, args: InstallPackagesArgs, proposal: Proposal, context: ToolContext) -> CallResult:
        """Install them there. Raises `ToolError` with what the installer said when it fails."""
        where = await self._environment(context)
        command = [*where.installer, *map(checked, args.packages)]
        code = code_for(f"install({where.prefix!r}, {command!r})")
        said, ended = _parts(await context.notebook.evaluate(code, INSTALL_S))
        output = as_data("output", shorten(said.strip(), MAX_CHARS, tail=0.8))
        if ended["code"] != 0:
            raise ToolError(f"It could not be installed.\n{output}", hint="Say what is in the way, or try a version.")
        changed = ", ".join(map(quoted, ended["changed"]))
        again = f"Already imported in an older version: {changed}. A restart of the kernel loads the new one."
        return CallResult(text="\n".join(["Installed.", *([again] if changed else []), output]))

    async def _environment(self, context: ToolContext) -> Environment:
        known = self._found.get(context.call_id)
        if known is not None:
            return known
        await needs_python(context)
        _, told = _parts(await context.notebook.evaluate(code_for("describe()"), LOOK_S))
        found = msgspec.convert(told, Environment)
        if not found.installer:
            raise ToolError(
                f"The kernel's environment {quoted(found.prefix)} has neither pip nor uv.",
                hint="Tell people how they could install it there.",
            )
        self._found[context.call_id] = found
        while len(self._found) > _REMEMBERED:
            self._found.popitem(last=False)
        return found


def checked(package: str) -> str:
    """A requirement by name. Raises `ToolError` for options, addresses and paths, which could be anything."""
    name = package.strip()
    if not _PACKAGE.fullmatch(name) or _ARCHIVE.fullmatch(name.partition("[")[0].strip()):
        raise ToolError(
            f"{quoted(package)} is not the name of a package.",
            hint='Pass names such as "polars", "polars[all]" or "polars>=1,<2"; no options, addresses or paths.',
        )
    return "".join(name.split())


def code_for(call: str) -> str:
    """One expression that calls a function of the installer, and binds no name among the user's."""
    builtins = "__import__('builtins')"
    return f"{builtins}.exec({_source() + call!r}, {{'__name__': 'installer'}})"


@cache
def _source() -> str:
    return inspect.getsource(package_installer) + "\n"


def _parts(printed: str) -> tuple[str, dict[str, Any]]:
    parts = printed.split(package_installer.MARK)
    if len(parts) < 3:
        raise NotebookError("The kernel did not answer.", hint="Look at its state, then try again.")
    told: dict[str, Any] = json.loads(parts[-2])
    return parts[0], told
