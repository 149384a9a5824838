"""The tool that reads a page of the web."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ....core.untrusted_text import as_data
from ....ports.tool import Proposal, ToolContext
from ....protocol import CallResult, Effect, Preview
from ....protocol.errors import ToolError
from ...authoring.arguments import Arguments
from ...authoring.typed import TypedTool
from ...render.data import quoted, titled
from .addresses import IsPublic, is_public
from .pages import address_of, fetch

MAX_CHARS = 20_000


class WebFetchArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of web_fetch."""

    url: Annotated[str, Meta(min_length=1, description="Its address.")]
    start: Annotated[int, Meta(ge=0, description="The character to begin at.")] = 0


class WebFetchTool(TypedTool[WebFetchArgs]):
    """Reads a page of the public web as text, once people agree.

    It counts as something that is executed: an address alone can carry data out.
    """

    name = "web_fetch"
    description = "Read a page of the public web as text."
    effect: Effect = "execute"
    arguments = WebFetchArgs
    waits_its_turn = False

    def __init__(self, is_public: IsPublic = is_public) -> None:
        super().__init__()
        self._is_public = is_public

    async def plan(self, args: WebFetchArgs, context: ToolContext) -> Proposal:
        """The host and the whole address. Raises `ToolError` for what is no address."""
        address = address_of(args.url)
        preview = Preview(title=f"Fetch a page from {titled(address.host)}", code=f"GET {address}", language="text")
        return Proposal(preview=preview, dangers=["network"])

    async def act(self, args: WebFetchArgs, proposal: Proposal, context: ToolContext) -> CallResult:
        """Its text, a part of it when it is long. Raises `ToolError` when it cannot be had."""
        page = await fetch(address_of(args.url), self._is_public)
        if args.start >= max(len(page.text), 1):
            raise ToolError(f"The page has {len(page.text):,} characters.", hint="Begin before its end.")
        end = min(args.start + MAX_CHARS, len(page.text))
        part = f", characters {args.start} to {end} of {len(page.text)}" if len(page.text) > MAX_CHARS else ""
        more = f"\nCall web_fetch with start={end} for the rest." if end < len(page.text) else ""
        shown = as_data("page", page.text[args.start : end])
        return CallResult(text=f"{quoted(str(page.address))} ({quoted(page.kind)}{part}):\n{shown}{more}")
