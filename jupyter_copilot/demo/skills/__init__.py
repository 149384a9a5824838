"""What the demo model can do, one file a skill; the first that a request asks for answers it."""

from __future__ import annotations

from ..script import Skill
from .explain_cell import EXPLAIN_CELL
from .explain_notebook import EXPLAIN_NOTEBOOK
from .fix import FIX
from .greet import GREET
from .headings import HEADINGS
from .help import help_script
from .missing_values import MISSING_VALUES
from .plot import PLOT
from .run import RUN
from .summarise import SUMMARISE

SKILLS: tuple[Skill, ...] = (
    FIX,
    MISSING_VALUES,
    HEADINGS,
    PLOT,
    SUMMARISE,
    RUN,
    EXPLAIN_CELL,
    EXPLAIN_NOTEBOOK,
    GREET,
)

FALLBACK = Skill(name="help", example="What can you do?", wanted=lambda text: True, script=help_script(SKILLS))
