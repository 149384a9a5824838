"""The server extension: its settings, and the one place where the parts are put together."""

from __future__ import annotations

import asyncio
import contextlib
from importlib import metadata
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from msgspec.structs import replace
from traitlets import Bool, Dict, Enum, Float, Int, List, Unicode

from .. import protocol as p
from .._version import __version__
from ..agent.acp.sessions import Sessions
from ..agent.registry import Agents
from ..agent.settings import RunSettings
from ..notebooks.large_files import LargeFiles
from ..ports.clock import Clock, SystemClock
from ..ports.model import ModelClient
from ..room.options import RoomOptions
from ..room.registry import Rooms
from ..room.session.visitor import Host
from ..tools.live import LiveTools
from ..tools.mcp.servers import McpServers
from .agui.handler import AguiHandler
from .cell_ids import CellIdsHandler, RoomCellIds
from .completions import CompletionsHandler
from .compose import Engine, Outside, all_agents, all_tools, models_file, open_store
from .files import file_rules, served_root
from .follow import follow_notebooks
from .guests.passes_rest import PassesHandler, PassHandler
from .guests.rest import GuestsHandler
from .kernels.handlers import KernelChannelHandler, KernelCommandsHandler
from .kernels.participants import KernelParticipants
from .kernels.starts import local_url
from .mcp.handler import McpHandler
from .mcp.hands import LentHands
from .mcp.lobby import LobbyHandler
from .model_setup import ModelConfig, ServerModels
from .notices.channels import Channels
from .notices.inbox import Inbox
from .notices.rest import InboxHandler
from .paths import NotebookPaths
from .permissions.house import Houses
from .permissions.ledger import Ledger
from .permissions.models import AllowedModels
from .permissions.policy_file import Policy
from .permissions.rest import BudgetsHandler, PolicyHandler
from .pictures import PictureHandler
from .providers import ProviderHandler, ProvidersHandler, ProviderTestHandler
from .rest import (
    ChangesHandler,
    CommandsHandler,
    ConfirmationsHandler,
    ModelsHandler,
    RecheckHandler,
    RecordsHandler,
    RoomHandler,
    RoomsHandler,
    StatusHandler,
)
from .services import Services
from .sign_in import SignIns
from .telemetry.auditor import open_sinks
from .tool_servers import ToolServersHandler
from .websocket import ChannelHandler

OTHER_DISTRIBUTION = "jupyter-copilot"
OWN_DISTRIBUTION = "jupyter-collaborative-copilot"


class CopilotApp(ExtensionApp):
    """One shared copilot for everybody who looks at a notebook."""

    name = "jupyter_copilot"
    description = "One shared AI copilot for everybody who looks at a notebook."
    load_other_extensions = True
    room_options = RoomOptions()

    store_path = Unicode(
        "",
        help="Where all rooms are kept: a SQLite file, or the address of another kind of store (`scheme://…`), which "
        "an installed package offers. Empty: `jupyter_copilot/rooms.sqlite3` in Jupyter's data folder.",
    ).tag(config=True)
    models = Dict(
        help="Endpoints of model servers by name, each with base_url, api_key_env (or api_key) and models. "
        "Empty: OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL of the environment."
    ).tag(config=True)
    default_model = Unicode("", help="The model that answers when none is chosen.").tag(config=True)
    allowed_models = List(
        Unicode(),
        allow_none=True,
        default_value=None,
        help="Names or patterns of models that may be chosen; None: all.",
    ).tag(config=True)
    models_locked = Bool(
        False, help="Whether only the configuration says which models there are: people set up none on the Models page."
    ).tag(config=True)
    models_file = Unicode(
        "", help="The file that keeps what people set up on the Models page, keys included. Empty: beside the store."
    ).tag(config=True)
    inline_completion = Enum(
        ["allowed", "off"],
        "allowed",
        help="Whether code may be completed while people type: `off` leaves them no choice. Local models complete "
        "by themselves, those that cost money once a person switches them on.",
    ).tag(config=True)
    completion_model = Unicode(
        "", help="The model that completes code when a person has chosen none. Empty: a local one, if there is one."
    ).tag(config=True)
    recheck_interval_s = Float(60.0, help="How often open connections are checked for access, in seconds.").tag(
        config=True
    )
    recheck_grace_s = Float(
        300.0,
        help="How long somebody may stay whose identity cannot be checked because the check itself fails, in seconds.",
    ).tag(config=True)
    mcp_servers = Dict(
        help="Servers of the Model Context Protocol by name, each with command, args and env, or url and headers; "
        "`trust` names its tools that only read. Takes the extra `[mcp]`."
    ).tag(config=True)
    acp_agents = Dict(
        help="Agents that speak the Agent Client Protocol by name, each with command (a list), and where it is not a "
        "known one with name and mode, the mode in which it asks; `version` pins it. Known ones are found on the path."
    ).tag(config=True)
    allowed_agents = List(
        Unicode(),
        allow_none=True,
        default_value=None,
        help="Agents of others that people may choose, such as `claude` and `claude-files`; None: all that are found.",
    ).tag(config=True)
    max_agents = Int(4, help="How many processes of agents of others run at once.").tag(config=True)
    agent_idle_s = Float(600.0, help="Seconds after which an agent of others that has nothing to do is ended.").tag(
        config=True
    )
    decisions_in_browser_only = Bool(
        False,
        help="Whether decisions, and all else that widens what may happen, take somebody who signed in in a browser "
        "with a password or through a Hub, so that the server's token is not enough.",
    ).tag(config=True)
    policy_file = Unicode(
        "",
        help="The administrator's policy (TOML): modes, models, tools, rules, what always asks, who decides, budgets. "
        "It is read anew when it changes. Empty: nothing is laid down.",
    ).tag(config=True)
    kernel_url = Unicode(
        "",
        help="The server's address for kernels that run on other machines; without a path, base_url is appended. "
        "Empty: its address on this machine.",
    ).tag(config=True)
    instructions = Unicode("", help="Said to the model before everything else, after the built-in instructions.").tag(
        config=True
    )
    max_steps = Int(50, help="Model calls per run.").tag(config=True)
    max_tokens = Int(1_000_000, help="Tokens per run, prompt and completion together.").tag(config=True)
    max_run_s = Float(3600.0, help="Seconds per run, waiting for people excepted.").tag(config=True)
    max_recoveries = Int(3, help="How often a run is taken up again after the server stopped in the middle.").tag(
        config=True
    )
    cell_timeout_s = Float(
        0.0, help="Seconds that a cell run by the agent may take; 0: as long as it needs."
    ).tag(config=True)  # fmt: skip
    confirmation_expires_s = Float(0.0, help="Seconds that people have to decide on a call; 0: no limit.").tag(
        config=True
    )

    def initialize_handlers(self) -> None:
        """Put the parts together and add the routes; nothing slow happens here."""
        assert self.serverapp is not None, "an extension is initialised by its server"
        self.store = open_store(self.store_path, SystemClock())
        clock = self.store.clock
        paths = NotebookPaths(self.serverapp.contents_manager)
        self._read_policy()
        models = self._server_models(clock)
        model, self.completions = AllowedModels(models.client, lambda: self.policy.file.models), models.completions
        tools = self._tools()
        agents = self._agents(model, clock, paths)
        self._log_broken_entries()
        cell_ids = RoomCellIds()
        engine = Engine(
            leases=self.store,
            agents=agents,
            clock=clock,
            settings=self._run_settings(),
            tools=tools,
            paths=paths,
            cell_ids=cell_ids,
            serverapp=self.serverapp,
            contents=LargeFiles(self.serverapp.contents_manager),
            channels=self.channels,
            ledger=self.ledger,
            sinks=self.sinks,
        )
        self.rooms = Rooms(
            self.store,
            self.store,
            clock,
            host=Host(version=__version__, notices=self._notices, shown_path=lambda key: paths.api_path(key) or ""),
            companion=engine.accompany,
            options=replace(self.room_options, house=self._houses(tools, paths).at),
        )
        self.kernels = KernelParticipants(self.serverapp, self.rooms, paths, clock, self.log, self.kernel_url)
        self.copilot_services = Services(
            rooms=self.rooms,
            kernels=self.kernels,
            maintenance=self.store,
            catalog=self.store,
            paths=paths,
            clock=clock,
            model=model,
            agents=agents,
            recheck_s=self.recheck_interval_s,
            grace_s=self.recheck_grace_s,
            tools=tools,
            sign_ins=self._sign_ins(),
            servers=self.servers,
            hands=self.hands,
            browser_decides=self.decisions_in_browser_only,
            policy=self.policy,
            version=__version__,
        )
        self.copilot_services.on_problem = self._log_problem  # type: ignore[method-assign]
        self._unfollow = follow_notebooks(self.serverapp, self.rooms, paths, self.log)
        self.serverapp.io_loop.add_callback(self._begin)
        self._add_routes(self.copilot_services, cell_ids)

    def _read_policy(self) -> None:
        """What the administrator lays down, and what hangs on it."""
        self.policy = Policy(self.policy_file)
        self.channels = Channels(lambda: self.policy.file.channels)
        self.ledger = Ledger(lambda: self.rooms.loaded())
        self.sinks, self.sink_problems = open_sinks(self.policy.file.audit)

    def _houses(self, tools: LiveTools, paths: NotebookPaths) -> Houses:
        return Houses(self.policy, tools.kinds, lambda key: paths.api_path(key) or "", self.ledger.elsewhere)

    def _add_routes(self, services: Services, cell_ids: RoomCellIds) -> None:
        given = {"services": services}
        completing = {**given, "completions": self.completions}
        providing = {**given, "providers": self.providers}
        inbox = Inbox(self.rooms, self.store, services.clock, services.paths.api_path)
        notebook = r"api/copilot/notebooks/(.+)"
        self.handlers.extend(
            [
                (rf"{notebook}/channel", ChannelHandler, given),
                (rf"{notebook}/records", RecordsHandler, given),
                (rf"{notebook}/pictures/([0-9a-f]{{64}})", PictureHandler, given),
                (rf"{notebook}/commands", CommandsHandler, given),
                (rf"{notebook}/confirmations", ConfirmationsHandler, given),
                (rf"{notebook}/changes", ChangesHandler, given),
                (rf"{notebook}/guests", GuestsHandler, given),
                (rf"{notebook}/budgets", BudgetsHandler, given),
                (rf"{notebook}/cell_ids", CellIdsHandler, {**given, "cell_ids": cell_ids}),
                (notebook, RoomHandler, given),
                (r"api/copilot/rooms", RoomsHandler, given),
                (r"api/copilot/inbox", InboxHandler, {**given, "inbox": inbox}),
                (r"api/copilot/models", ModelsHandler, given),
                (r"api/copilot/completions", CompletionsHandler, completing),
                (r"api/copilot/providers", ProvidersHandler, providing),
                (r"api/copilot/providers/test", ProviderTestHandler, providing),
                (r"api/copilot/providers/by-name/([^/]+)", ProviderHandler, providing),
                (r"api/copilot/policy", PolicyHandler, {**given, "policy": self.policy}),
                (r"api/copilot/status", StatusHandler, given),
                (r"api/copilot/mcp_servers", ToolServersHandler, given),
                (r"api/copilot/recheck", RecheckHandler, given),
                (r"api/copilot/kernel/channel", KernelChannelHandler, given),
                (r"api/copilot/kernel/commands", KernelCommandsHandler, given),
                (r"api/copilot/passes", PassesHandler, given),
                (r"api/copilot/passes/([0-9a-f]+)", PassHandler, given),
                (r"api/copilot/mcp/?", LobbyHandler, given),
                (r"api/copilot/mcp/(.+)", McpHandler, given),
                (r"api/copilot/agui/(.+)", AguiHandler, given),
            ]
        )

    def _sign_ins(self) -> SignIns:
        assert self.serverapp is not None, "an extension is initialised by its server"
        return SignIns(
            self.serverapp.identity_provider,
            browser_decides=self.decisions_in_browser_only,
            secret=self.serverapp.cookie_secret,
        )

    def _agents(self, model: ModelClient, clock: Clock, paths: NotebookPaths) -> Agents:
        def shown_path(key: str) -> str:
            return paths.api_path(key) or ""

        self.sessions = Sessions(clock, most=self.max_agents, idle_s=self.agent_idle_s)
        self.hands = LentHands(lambda: self.rooms, clock, lambda: local_url(self.serverapp), shown_path)
        outside = Outside(
            sessions=self.sessions,
            hands=self.hands,
            open_files=lambda: [room.path for room in self.rooms.loaded()],
            shown_path=shown_path,
        )
        agents, problems = all_agents(model, self.acp_agents, self.allowed_agents, outside)
        self.problems += problems
        return agents

    def _log_broken_entries(self) -> None:
        self._warn_of_namesake()
        for problem in self.problems:
            self.log.error("jupyter-collaborative-copilot: %s %s", problem.message, problem.hint)

    def _tools(self) -> LiveTools:
        self.servers = McpServers(self.mcp_servers, Path(jupyter_data_dir()) / "jupyter_copilot")
        tools, problems = all_tools(self.servers)
        self.problems += problems
        return tools

    def _notices(self) -> list[p.Problem]:
        """What people should know: what is wrong with the configuration, and what happened to the store."""
        laid_down = [*self.policy.problems, *self.channels.problems, *self.sink_problems]
        return [*self.problems, *laid_down, *self.store.notices]

    def _server_models(self, clock: Clock) -> ServerModels:
        config = ModelConfig(
            endpoints=self.models,
            default_model=self.default_model,
            allowed_models=self.allowed_models,
            locked=self.models_locked or not self.policy.file.models.own,
            file=self._models_path,
            completion_model=self.completion_model,
            completes=self.inline_completion == "allowed",
        )
        models = ServerModels(config, clock)
        self.providers = models.providers
        self.problems = list(models.problems)
        return models

    @property
    def _models_path(self) -> Path:
        return models_file(self.models_file, self.store_path)

    def _run_settings(self) -> RunSettings:
        assert self.serverapp is not None, "an extension is initialised by its server"
        return RunSettings(
            instructions=self.instructions,
            root=served_root(self.serverapp.contents_manager),
            files=file_rules(self.serverapp, [*self.store.files, str(self._models_path)]),
            max_steps=self.max_steps,
            max_tokens=self.max_tokens,
            max_wall_s=self.max_run_s,
            max_recoveries=self.max_recoveries,
            run_timeout_s=self.cell_timeout_s or None,
            confirmation_expires_s=self.confirmation_expires_s or None,
        )

    async def _begin(self) -> None:
        """Once the loop runs: take up unfinished runs, and keep checking who is connected."""
        self.servers.start()
        self._background = [
            asyncio.create_task(self.copilot_services.keep_rechecking()),
            asyncio.create_task(self._resume()),
            asyncio.create_task(self.kernels.keep_settling()),
        ]

    async def _resume(self) -> None:
        try:
            await self.rooms.resume()
        except Exception as error:
            self._log_problem(error)
            self.rooms.resume_later()

    async def stop_extension(self) -> None:
        """Drain: every commit is finished, everybody is told to come back, and the store is closed."""
        for task in getattr(self, "_background", []):
            task.cancel()
        self._unfollow()
        await self.completions.close()
        await self.kernels.close()
        await self.copilot_services.door.close()
        await self.rooms.drain()
        await self.sessions.close()
        await self.servers.stop()
        await self.store.close()

    def _log_problem(self, error: Exception) -> None:
        self.log.error("jupyter-collaborative-copilot: %s: %s", type(error).__name__, error)

    def _warn_of_namesake(self) -> None:
        """The unrelated distribution writes into the same import package; say so, and start all the same."""
        with contextlib.suppress(metadata.PackageNotFoundError):
            version = metadata.version(OTHER_DISTRIBUTION)
            self.log.error(
                "Two distributions share the import package jupyter_copilot: %s %s and %s %s. They overwrite each "
                "other's files. Run `pip uninstall %s`, then `pip install --force-reinstall %s`.",
                OTHER_DISTRIBUTION,
                version,
                OWN_DISTRIBUTION,
                __version__,
                OTHER_DISTRIBUTION,
                OWN_DISTRIBUTION,
            )
