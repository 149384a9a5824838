"""What the demo model can do, one file a skill; the first that a request asks for answers it."""

from __future__ import annotations

from ..script import Skill
from .draw_wave import DRAW_WAVE
from .explain_cell import EXPLAIN_CELL
from .explain_error import EXPLAIN_ERROR
from .explain_notebook import EXPLAIN_NOTEBOOK
from .fix import FIX
from .greet import GREET
from .headings import HEADINGS
from .help import help_script, wanted
from .load import LOAD
from .missing_values import MISSING_VALUES
from .plot import PLOT
from .review import REVIEW
from .run import RUN
from .summarise import SUMMARISE
from .tidy import TIDY

SKILLS: tuple[Skill, ...] = (
    REVIEW,
    EXPLAIN_ERROR,
    FIX,
    TIDY,
    MISSING_VALUES,
    HEADINGS,
    DRAW_WAVE,
    PLOT,
    LOAD,
    SUMMARISE,
    RUN,
    EXPLAIN_CELL,
    EXPLAIN_NOTEBOOK,
    GREET,
)

HELP = Skill(name="help", example="What can you do?", wanted=wanted, script=help_script(SKILLS))
"""Answers whoever asks what there is, and whatever nothing else understands."""
