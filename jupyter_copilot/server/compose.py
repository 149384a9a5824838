"""Putting the parts together: the store, and the engine that accompanies each room."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from msgspec import Struct, to_builtins

from .. import protocol as p
from ..agent.acp.agent import AcpAgent
from ..agent.acp.configuration import AgentConfig, read_agents
from ..agent.acp.hands import Hands
from ..agent.acp.sessions import Sessions
from ..agent.calls.front_end import RoomFrontEnd
from ..agent.copilot.agent import CopilotAgent
from ..agent.driver import Driver
from ..agent.guest.agent import GuestAgent
from ..agent.registry import Agents
from ..agent.rewind.agent import RewindAgent
from ..agent.settings import RunSettings
from ..models.completion.client import InlineCompleter
from ..models.configuration import read_settings
from ..models.openai import OpenAIModelClient
from ..models.providers.saved import Saved
from ..models.settings import ModelSettings
from ..notebooks.large_files import LargeFiles
from ..notebooks.picker import NotebookPicker
from ..ports.agent import AgentSpec
from ..ports.audit import AuditSink
from ..ports.clock import Clock
from ..ports.completion import Completer
from ..ports.leases import Leases
from ..ports.model import ModelClient
from ..ports.store import Store, StoreFactory
from ..protocol.errors import ModelError, StoreUnavailable
from ..room.room import Room
from ..storage.owner import process_owner
from ..storage.sqlite.location import STORE_VARIABLE, default_store_path
from ..storage.sqlite.log import open_sqlite
from ..tools.builtin.front_end import front_end_tools
from ..tools.live import LiveTools
from ..tools.mcp.servers import McpServers
from ..tools.registry import ToolRegistry, built_in_tools, earlier_tools
from .cell_ids import RoomCellIds
from .notices.channels import Channels
from .notices.herald import Herald
from .paths import NotebookPaths
from .permissions.ledger import Ledger
from .telemetry.auditor import audit
from .telemetry.metrics import shared_metrics

End = Callable[[], Awaitable[None]]


STORES: Mapping[str, StoreFactory] = {"sqlite": open_sqlite}
"""The stores that come with the package, by the scheme of their addresses."""
STORE_ENTRY_POINTS = "jupyter_copilot.stores"
"""The group in which other packages offer a `StoreFactory`, named by its scheme."""


def open_store(address: str, clock: Clock) -> Store:
    """The store at `address`, a path or a URL, or at the one that the environment names.

    Nothing is touched before its first use. Raises `StoreUnavailable` when no installed package offers one of this
    kind.
    """
    address = address or os.environ.get(STORE_VARIABLE, "")
    scheme = address.partition("://")[0] if "://" in address else "sqlite"
    factory = STORES.get(scheme) or _offered_store(scheme)
    return factory(address, clock)


def _offered_store(scheme: str) -> StoreFactory:
    found = [point for point in metadata.entry_points(group=STORE_ENTRY_POINTS) if point.name == scheme]
    if not found:
        raise StoreUnavailable(
            f"No installed package keeps rooms at {scheme}:// addresses.",
            hint="Install one, or give `CopilotApp.store_path` a path.",
        )
    try:
        factory: StoreFactory = found[0].load()
    except ModuleNotFoundError as error:
        raise StoreUnavailable(
            f"Rooms at {scheme}:// addresses need the package {error.name}, which is not installed.",
            hint=f"Install it: pip install {error.name}",
        ) from error
    return factory


def model_settings(
    config: Mapping[str, Any], environ: Mapping[str, str] = os.environ
) -> tuple[ModelSettings, list[p.Problem]]:
    """The models that the configuration and the environment name, and what is wrong with them.

    A wrong configuration leaves no model: the server starts, and people are told.
    """
    try:
        return read_settings(environ, config), []
    except ModelError as error:
        return ModelSettings(), [p.Problem(code=error.code, message=error.message, hint=error.hint)]


def all_tools(servers: McpServers) -> tuple[LiveTools, list[p.Problem]]:
    """The tools of all rooms, as they keep nothing, with those of installed packages and of servers of others.

    Also what is wrong with some of them.
    """
    registry = ToolRegistry([*built_in_tools(), *front_end_tools()], earlier=earlier_tools())
    registry.load_plugins()
    return LiveTools(registry, servers), [*registry.problems, *servers.problems]


class Engine(Struct, frozen=True, kw_only=True):
    """What the engines of all rooms share; `accompany` starts one beside a room."""

    leases: Leases
    agents: Agents
    clock: Clock
    settings: RunSettings
    tools: LiveTools
    paths: NotebookPaths
    cell_ids: RoomCellIds
    serverapp: Any
    contents: LargeFiles
    channels: Channels
    ledger: Ledger
    sinks: list[AuditSink]

    async def accompany(self, room: Room) -> End:
        """Start the room's driver; returns how to end it."""
        front_end = RoomFrontEnd(room, self.settings)
        picker = NotebookPicker(
            self.serverapp,
            front_end,
            lambda: self.paths.api_path(room.path) or "",
            self.clock,
            self.contents,
            self.cell_ids.of(room),
        )
        owner = process_owner()
        self.ledger.follow(room)
        shared_metrics().follow(room)
        audit(room, self.sinks, lambda: self.paths.api_path(room.path) or "")
        Herald(room, self.leases, owner, self.channels, lambda: self.paths.api_path(room.path) or "").start()
        default = self.agents.default
        room.presence.show_agent(shown(default.spec) if default.default_model() else None)
        driver = Driver(room, self.leases, self.agents, picker, self.tools, self.clock, self.settings, owner, front_end)
        await driver.start()
        return driver.stop


class Outside(Struct, frozen=True, kw_only=True):
    """What agents of others need of the server: their sessions, the notebook's tools, and what is open."""

    sessions: Sessions
    hands: Hands
    open_files: Callable[[], list[str]]
    shown_path: Callable[[str], str]


def all_agents(
    model: ModelClient, config: Mapping[str, Any], allowed: list[str] | None, outside: Outside
) -> tuple[Agents, list[p.Problem]]:
    """Every agent that may answer, and what is wrong with some; another kind of agent is one more line here.

    `allowed` names those of others that may be offered; None: all.
    """
    found, problems = read_agents(config)
    others = [each for id, agent in found.items() for each in _profiles(id, agent, outside)]
    offered = [each for each in others if allowed is None or each.spec.agent_id in allowed]
    return Agents([CopilotAgent(model), *offered], guest=GuestAgent(), rewind=RewindAgent()), problems


def _profiles(id: str, config: AgentConfig, outside: Outside) -> list[AcpAgent]:
    """An agent on the notebook only, where it can be held to that; and with files and a shell."""
    return [
        AcpAgent(
            id,
            config,
            outside.sessions,
            files=files,
            hands=outside.hands,
            open_files=outside.open_files,
            shown_path=outside.shown_path,
        )
        for files in (False, True)
        if files or config.confined is not None
    ]


def new_model_client(settings: ModelSettings, clock: Clock) -> ModelClient:
    """The client for the configured models; it imports `openai` at the first call only."""
    return OpenAIModelClient(settings, clock)


def models_file(path: str, store_path: str) -> Path:
    """Where the models are kept that people set up: at `path`, else beside the store."""
    if path:
        return Path(path).expanduser()
    is_file = store_path and "://" not in store_path
    return (Path(store_path).expanduser() if is_file else default_store_path()).with_name("models.json")


def with_saved(config: Mapping[str, Any], saved: Mapping[str, Saved]) -> ModelSettings:
    """The settings of the configuration with what people set up beside it. Raises `ModelError`."""
    settings = read_settings(os.environ, config)
    taken = {entry.spec.name for endpoint in settings.endpoints for entry in endpoint.models}
    endpoints: dict[str, Any] = dict(config.get("endpoints") or {})
    for name, each in saved.items():
        if name not in endpoints:
            table = each.endpoint(name, taken)
            taken |= {model if isinstance(model, str) else model.name for model in table.models}
            endpoints[name] = to_builtins(table)
    both = read_settings(os.environ, {**config, "endpoints": endpoints})
    return replace(
        both,
        endpoints=tuple(
            replace(endpoint, key_source="the key on the Models page") if endpoint.name in saved else endpoint
            for endpoint in both.endpoints
        ),
    )


def new_completer(settings: ModelSettings, clock: Clock, default_model: str) -> Completer:
    """What completes code while people type, with the same models."""
    return InlineCompleter(settings, clock, lambda sober: new_model_client(sober, clock), default_model)


def shown(agent: AgentSpec) -> p.Participant:
    """An agent among the participants, under the name that says what it is."""
    return p.Participant(
        client_id=p.ClientId(agent.agent_id), kind="agent", id=agent.agent_id, name=agent.name, surface="agent"
    )
