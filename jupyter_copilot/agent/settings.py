"""How far runs may go, and how patient the engine is."""

from __future__ import annotations

from msgspec import Struct

from ..ports.files import FileRules


class RunSettings(Struct, frozen=True, kw_only=True):
    """The engine's settings; times in seconds.

    `max_wall_s` counts the model's work: not the time of people, of the cells that they approved, or of a server that
    is down. `run_timeout_s` is the cap of one cell's execution, `confirmation_expires_s` that of a decision; None means
    none. Every `revise_s`, what people are asked is compared with the notebook. A model server's wish to wait longer
    than `max_retry_after_s` ends the run. `root` is the folder that file tools may read, `files` what stays closed
    there.
    """

    instructions: str = ""
    root: str = "."
    files: FileRules = FileRules()
    max_steps: int = 50
    max_tokens: int = 1_000_000
    max_wall_s: float = 3600.0
    max_recoveries: int = 3
    max_attempts: int = 5
    max_repeats: int = 5
    backoff_s: float = 1.0
    max_backoff_s: float = 30.0
    max_retry_after_s: float = 120.0
    answer_tokens: int = 8_000
    run_timeout_s: float | None = None
    confirmation_expires_s: float | None = None
    lease_s: float = 15.0
    tick_s: float = 0.03
    revise_s: float = 2.0
    offer_s: float = 10.0
    max_offers: int = 3
