"""The fourteen jobs of a data scientist, as players and as live models do them."""

from __future__ import annotations

from ..play import Job
from .data import CLEAN_A_TABLE, DRAW_FROM_NOTHING, REMOVE_OUTLIERS, REVIEW_A_PLOT
from .mending import MEND_AN_ERROR, MEND_SIXTY_CELLS, MEND_WITH_A_SMALL_MODEL, REFACTOR
from .running import MAKE_REPRODUCIBLE, RUN_ALL, STOP_AND_GO_ON
from .several import ASK_WHILE_IT_RUNS, CHANGE_A_MODULE, TWO_CHATS

JOBS: list[Job] = [
    MEND_AN_ERROR,
    CLEAN_A_TABLE,
    REFACTOR,
    MEND_SIXTY_CELLS,
    DRAW_FROM_NOTHING,
    STOP_AND_GO_ON,
    REMOVE_OUTLIERS,
    REVIEW_A_PLOT,
    MAKE_REPRODUCIBLE,
    CHANGE_A_MODULE,
    TWO_CHATS,
    RUN_ALL,
    ASK_WHILE_IT_RUNS,
    MEND_WITH_A_SMALL_MODEL,
]
"""In the order of the trial that they are taken from."""
