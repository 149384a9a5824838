"""Putting the parts together: the store, and the engine that accompanies each room."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from .. import protocol as p
from ..agent.calls.front_end import RoomFrontEnd
from ..agent.copilot.agent import CopilotAgent
from ..agent.driver import Driver
from ..agent.guest.agent import GuestAgent
from ..agent.registry import Agents
from ..agent.settings import RunSettings
from ..models.configuration import read_settings
from ..models.openai import OpenAIModelClient
from ..models.settings import ModelSettings
from ..notebooks.large_files import LargeFiles
from ..notebooks.picker import NotebookPicker
from ..ports.agent import AgentSpec
from ..ports.clock import Clock
from ..ports.model import ModelClient
from ..protocol.errors import ModelError
from ..room.room import Room
from ..storage.owner import process_owner
from ..storage.sqlite.location import default_store_path
from ..storage.sqlite.log import SqliteEventLog
from ..tools.builtin.front_end import front_end_tools
from ..tools.registry import ToolRegistry, built_in_tools
from .cell_ids import RoomCellIds
from .paths import NotebookPaths

End = Callable[[], Awaitable[None]]


def open_store(path: str, clock: Clock) -> SqliteEventLog:
    """The SQLite store at `path`, or at the default place; the file is touched at its first use only."""
    return SqliteEventLog(Path(path).expanduser() if path else default_store_path(), clock=clock)


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


def all_tools() -> ToolRegistry:
    """The tools of all rooms, as they keep nothing, with those of installed packages; and the problems of some."""
    registry = ToolRegistry([*built_in_tools(), *front_end_tools()])
    registry.load_plugins()
    return registry


class Engine(Struct, frozen=True, kw_only=True):
    """What the engines of all rooms share; `accompany` starts one beside a room."""

    store: SqliteEventLog
    agents: Agents
    clock: Clock
    settings: RunSettings
    tools: ToolRegistry
    paths: NotebookPaths
    cell_ids: RoomCellIds
    serverapp: Any
    contents: LargeFiles

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
        default = self.agents.default
        room.presence.show_agent(shown(default.spec) if default.default_model() else None)
        driver = Driver(
            room, self.store, self.agents, picker, self.tools, self.clock, self.settings, process_owner(), front_end
        )
        await driver.start()
        return driver.stop


def all_agents(model: ModelClient) -> Agents:
    """Every agent that may answer; another kind of agent is one more line here."""
    return Agents([CopilotAgent(model)], guest=GuestAgent())


def new_model_client(settings: ModelSettings, clock: Clock) -> ModelClient:
    """The client for the configured models; it imports `openai` at the first call only."""
    return OpenAIModelClient(settings, clock)


def shown(agent: AgentSpec) -> p.Participant:
    """An agent among the participants, under the name that says what it is."""
    return p.Participant(
        client_id=p.ClientId(agent.agent_id), kind="agent", id=agent.agent_id, name=agent.name, surface="agent"
    )
