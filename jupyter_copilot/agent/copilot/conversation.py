"""A conversation: what the model calls of one thread are told."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import PurePath

from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...core.model_context import small_models
from ...core.model_context.prompt import fit, instructions, summary_plan, summary_request, total_tokens
from ...core.model_context.short_tools import short_tools
from ...core.model_context.tokens import estimate_tokens
from ...core.model_context.told import told_cells, told_runs
from ...core.model_context.transcript import transcript, turns
from ...core.reducer import add_usage
from ...ports.model import Completed, ModelClient, ModelRequest, ModelSpec, TextPart
from ...ports.notebook import Cell, NotebookInfo
from ...protocol.errors import CopilotError, ModelError
from ...tools.builtin.project.read_skill import READ_SKILL
from ...tools.small_profile import small_profile
from ..run_context import RunContext
from .facts import cell_notes, meanwhile, state_line
from .focus import Focus
from .notebook_context import About, NotebookContext
from .pictures import with_pictures
from .prefix import prefix_tokens
from .project import Project, read_project

log = logging.getLogger(__name__)

VIEW_SHARE, SMALL_VIEW_SHARE = 0.3, 0.2
MAX_VIEW_CHARS = 60_000
MIN_CONTEXT_TOKENS = 1_000
SHORT_TOOLS_BELOW = 2_000
"""With less room than this beside the tools, they are described in fewer words."""
ANSWER_SHARE = 0.25
"""The share of a model's context that its answer gets at most."""
MIN_CORRECTION, MAX_CORRECTION = 0.6, 3.0


_TOO_LONG = "The model cannot read even the shortest form of this request."
_LARGER = "Choose a model with a larger context, or raise the context length of its server."


class Conversation:
    """A thread as the model is told it, call after call.

    What it remembers (views of the notebook, the request before) only makes requests cheaper; losing it is harmless.
    """

    def __init__(self, model: ModelClient) -> None:
        self._model = model
        self._views = NotebookContext()
        self._before: ModelRequest | None = None
        self._summaries = p.Usage()
        self._most: dict[str, int] = {}
        self._correction: dict[str, float] = {}
        self._asked_of, self._asked = "", 0
        self._refused: int | None = None
        self._project = Project()

    def shrink(self, limit_tokens: int | None = None) -> bool:
        """Tell the model less from now on, as its server says that the last request was too much.

        That is what the server says that it can read (`limit_tokens`), then half as much each time. False when
        nothing is left to be shortened.
        """
        before = self._most.get(self._asked_of)
        if before is not None and self._asked > before:
            return False
        most = self._asked // 2
        if before is None and limit_tokens is not None and limit_tokens >= MIN_CONTEXT_TOKENS:
            most = min(round(self._asked * 0.8), round(limit_tokens * (1 - ANSWER_SHARE)))
        self._most[self._asked_of], self._refused = most, self._asked
        self._views.forget()  # they are told anew, in less room
        return True

    async def request(self, ctx: RunContext, run: s.Running, spec: ModelSpec) -> ModelRequest:
        """The run's next request.

        When older turns no longer fit, they are summarised by the model first, and the thread says so.
        """
        room = self._room(spec, ctx.settings.answer_tokens)
        is_small = small_models.is_small(ctx.state, run, spec.context_tokens)
        definitions = ctx.tools.definitions()
        if is_small:
            planning = ctx.state.threads[run.thread_id].mode == "plan"
            definitions = small_profile(definitions, ctx.tools.get, planning=planning)
        tools = estimate_tokens(p.encode(definitions).decode())
        if room - tools < SHORT_TOOLS_BELOW:
            definitions = short_tools(definitions)
            tools = estimate_tokens(p.encode(definitions).decode())
        limit = max(room - tools, MIN_CONTEXT_TOKENS)
        await self._make_room(ctx, run.thread_id, spec, limit)
        view_chars = min(round(limit * (SMALL_VIEW_SHARE if is_small else VIEW_SHARE) * 4), MAX_VIEW_CHARS)
        pictures = spec.images and spec.name not in self._most
        await self._tell_notebook(ctx, run, view_chars, pictures=pictures)
        told = transcript(ctx.state, run.thread_id, images=spec.images, views=self._views.told)
        of_project = self._project.told(limit)
        extra = "\n\n".join(filter(None, [ctx.settings.instructions, of_project]))
        messages = fit([instructions(extra), *told], limit)
        self._asked_of, self._asked = spec.name, total_tokens(messages) + tools
        if self._refused is not None and self._asked >= self._refused:
            raise ModelError(_TOO_LONG, code="context_too_long", hint=_LARGER)
        messages = await with_pictures(messages, ctx.room)
        offered = [each for each in definitions if self._project.skills or each["function"]["name"] != READ_SKILL]
        return ModelRequest(model=spec.name, messages=messages, tools=offered, one_call=is_small)

    async def _tell_notebook(self, ctx: RunContext, run: s.Running, view_chars: int, *, pictures: bool) -> None:
        """Say what the notebook is like, once in a run, and put it on record: so it is told again, word for word."""
        current = ctx.state.runs.get(run.run_id, run)
        anew = self._views.starts_anew
        if current.notebook is not None and not anew:
            self._views.adopt(run.run_id, current.notebook.text)
            await self._read_project(ctx, run)
            return
        known = {} if anew else told_cells(ctx.state, run.thread_id, but=run.run_id)

        async def about(info: NotebookInfo, cells: Sequence[Cell]) -> About:
            await self._read_project(ctx, run, info)
            kernel = await ctx.kernel_facts(run)
            people = [each.name for each in ctx.room.presence.participants if each.kind == "person"]
            path = ctx.room.house.path or PurePath(ctx.room.path).name  # never the server's own path
            line = state_line(path, info, kernel, ctx.state, run, people, cells)
            lead = "\n".join(filter(None, [line, meanwhile(ctx.state, run)]))
            return About(lead=lead, notes=cell_notes(cells, kernel, ctx.state, known))

        await self._views.tell(
            run.run_id,
            lambda: ctx.read_notebook(run),
            view_chars,
            pictures=pictures,
            known=known,
            still_told=[each.run_id for each in told_runs(ctx.state, run.thread_id)],
            focus=_focus(ctx.state, run),
            about=about,
        )
        view = self._views.told[run.run_id]
        await self._read_project(ctx, run)
        sources = self._project.sources
        told = p.NotebookTold(run_id=run.run_id, text=view.text, cells=view.cells, sources=sources)
        await ctx.record(lambda state, now: [told] if isinstance(state.runs.get(run.run_id), s.Running) else [])

    async def _read_project(self, ctx: RunContext, run: s.Running, info: NotebookInfo | None = None) -> None:
        """Read what the project says, once in a run, so that its requests begin alike."""
        if self._project.run_id == run.run_id:
            return
        if info is None:
            try:
                info, _ = await ctx.read_notebook(run)
            except CopilotError:
                info = NotebookInfo()
        self._project = await read_project(ctx, run.run_id, info.instructions)

    def _room(self, spec: ModelSpec, answer_tokens: int) -> int:
        """How many tokens, as we count them, a request to the model may have."""
        room = spec.context_tokens - min(answer_tokens, round(spec.context_tokens * ANSWER_SHARE))
        room = round(room / self._correction.get(spec.name, 1.0))
        return min(room, self._most.get(spec.name, room))

    def counted(self, request: ModelRequest, usage: p.Usage) -> p.Usage:
        """The usage of an answered request, with that of the summary before it, if any.

        Its `prefix` counts the prompt tokens that the request before had in the same place.
        """
        before, self._before = self._before, request
        self._refused = None
        if usage.prompt and self._asked:
            # The model's own count, unless it is so low that it leaves out what was cached.
            counted = usage.prompt / self._asked
            if counted >= MIN_CORRECTION:
                self._correction[request.model] = min(counted, MAX_CORRECTION)
        summaries, self._summaries = self._summaries, p.Usage()
        return add_usage(replace(usage, prefix=prefix_tokens(before, request, usage.prompt or None)), summaries)

    async def _make_room(self, ctx: RunContext, thread_id: p.ThreadId, spec: ModelSpec, limit: int) -> None:
        told = turns(ctx.state, thread_id, images=spec.images, views=self._views.told)
        plan = summary_plan(told, limit)
        if plan is None:
            return
        summary = ctx.state.threads[thread_id].summary
        messages = summary_request(plan, None if summary is None else summary.text, limit)
        try:
            text = await self._summarised(ModelRequest(model=spec.name, messages=messages))
        except ModelError as error:
            # The next answer is worth more than the summary: long results are cut short instead.
            log.warning("Could not summarise thread %s: %s", thread_id, error)
            return
        event = p.ThreadSummarised(thread_id=thread_id, through=plan.through, text=text)
        await ctx.record(lambda state, now: [event])

    async def _summarised(self, request: ModelRequest) -> str:
        text = ""
        async with aclosing(self._model.stream(request)) as parts:  # type: ignore[type-var]
            async for part in parts:
                match part:
                    case TextPart():
                        text += part.text
                    case Completed():
                        self._summaries = add_usage(self._summaries, part.usage)
        if not text.strip():
            raise ModelError("The model's summary was empty.", code="empty_answer")
        return text.strip()


def _focus(state: s.RoomState, run: s.Run) -> Focus:
    message = state.messages.get(run.message_id)
    if not isinstance(message, s.Posted):
        return Focus()
    attached = [each.cell_id for each in message.context.cells]
    if message.context.selection is not None:
        attached.append(message.context.selection.cell_id)
    return Focus(active=message.context.active_cell_id, attached=attached, text=message.text)
