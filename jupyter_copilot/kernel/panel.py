"""`Panel()`: the conversation and the buttons of the copilot inside a notebook, and the same as traits in Python.

What people see is drawn by the page, over the page's own connection: a decision carries their name, and works while the
kernel is busy. The Python half follows the room in the background.
"""

from __future__ import annotations

import threading
from typing import Any

from ipywidgets import DOMWidget, register
from traitlets import Bool, Tuple, Unicode

from .. import protocol as p
from ..client.connection import Connecting
from ..client.core import Client
from ..protocol.errors import ConnectionLost
from .fallback import TEXT_ONLY, as_html, as_text
from .seen import people, seen
from .shared import shared_connection

MODULE = "jupyter-collaborative-copilot"
MODULE_VERSION = "0.1.0"
FIRST_S = 2.0
"""How long the display waits at most for the conversation, which stands in it as text for exports."""
PANEL_MIME = "application/vnd.jupyter-collaborative-copilot.panel+json"


@register
class Panel(DOMWidget):  # type: ignore[misc]  # ipywidgets is not typed
    """The shared copilot of this notebook.

    `pending`, `messages`, `participants`, `state` ("idle", "answering" or "waiting") and `connection` ("connected", or
    why not) follow the room, also while a cell runs. Their observers are called in the connection's thread: keep them
    short, and print nothing there.
    """

    _model_module = Unicode(MODULE).tag(sync=True)
    _model_module_version = Unicode(MODULE_VERSION).tag(sync=True)
    _model_name = Unicode("CopilotPanelModel").tag(sync=True)
    _view_module = Unicode(MODULE).tag(sync=True)
    _view_module_version = Unicode(MODULE_VERSION).tag(sync=True)
    _view_name = Unicode("CopilotPanelView").tag(sync=True)

    thread_id = Unicode(p.MAIN_THREAD, help="The thread that is shown.").tag(sync=True)
    height = Unicode("420px", help="The height, in CSS.").tag(sync=True)
    compact = Bool(False, help="Whether only what waits for a decision is shown.").tag(sync=True)
    composer = Bool(True, help="Whether people can write here.").tag(sync=True)
    value = Unicode(help="The panel as HTML, where it is only text.").tag(sync=True)

    pending = Tuple(help="The confirmations that wait for a person.")
    messages = Tuple(help="What was said in the thread.")
    participants = Tuple(help="Who is here.")
    state = Unicode("idle", help="idle, answering or waiting.")
    connection = Unicode("connecting", help="connecting, connected, or why not.")

    def __init__(
        self,
        thread: str = p.MAIN_THREAD,
        height: int | str | None = None,
        compact: bool = False,
        composer: bool = True,
        **traits: Any,
    ) -> None:
        if height is None:
            height = "auto" if compact else "420px"
        size = f"{height}px" if isinstance(height, int) else height
        self._arrived = threading.Event()
        try:
            self._connection = shared_connection()
        except ConnectionLost as error:
            self.connection = str(error)
            self._arrived.set()
            traits |= TEXT_ONLY | {"value": as_html(self)}
        super().__init__(thread_id=thread, height=size, compact=compact, composer=composer, **traits)
        self.observe(self._draw_again, ["thread_id", "height", "compact", "composer"])
        if not self._arrived.is_set():
            self._unfollow = self._connection.listen(self._take)

    def _take(self, client: Client) -> None:
        """Called in the connection's thread: set the traits from what is folded there."""
        is_connecting = isinstance(client.connection, Connecting)
        values: dict[str, Any] = {
            "connection": "connecting" if is_connecting else self._connection.trouble or "connected"
        }
        if client.state is not None:
            values |= seen(client.state, self.thread_id)._asdict()
            values["participants"] = people(client.participants)
        errors = []
        for name, value in values.items():
            try:
                setattr(self, name, value)
            except Exception as error:  # of an observer: the other traits are right all the same
                errors.append(error)
        if client.state is not None:
            self._arrived.set()
        if errors:
            raise errors[0]

    def close(self) -> None:
        """Take the panel out of the notebook, and follow the room no longer."""
        if getattr(self, "_unfollow", None) is not None:
            self._unfollow()
        super().close()

    # Showing it

    def _ipython_display_(self) -> None:
        self._arrived.wait(FIRST_S)
        from IPython import display

        show: Any = display.display
        show(self._repr_mimebundle_(), raw=True, display_id=self._display_id)

    def _draw_again(self, change: Any) -> None:
        from IPython import display

        update: Any = display.update_display
        update(self._repr_mimebundle_(), raw=True, display_id=self._display_id)

    @property
    def _display_id(self) -> str:
        return f"copilot-panel-{self.model_id}"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The panel for pages that can draw it, and the conversation as text for all others.

        The page draws it from this alone, without the kernel: so it also works after a restart, and in a notebook that
        was saved and opened again.
        """
        shown = {
            "thread_id": self.thread_id,
            "height": self.height,
            "compact": self.compact,
            "composer": self.composer,
        }
        return {PANEL_MIME: shown, "text/plain": as_text(self), "text/html": as_html(self)}
