"""NameError: a well-known module was not imported."""

from __future__ import annotations

from .case import Case, Fix, quoted_name

_SHORT = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "mpl": "import matplotlib as mpl",
    "sns": "import seaborn as sns",
    "sp": "import scipy as sp",
    "Path": "from pathlib import Path",
    "defaultdict": "from collections import defaultdict",
    "Counter": "from collections import Counter",
    "datetime": "from datetime import datetime",
    "timedelta": "from datetime import timedelta",
    "partial": "from functools import partial",
}
_MODULES = """
collections csv functools glob itertools json math matplotlib numpy os pandas pathlib random re requests scipy seaborn
shutil sklearn statistics string subprocess sys textwrap time urllib
"""


def import_name(case: Case) -> Fix | None:
    """Put the import in front of the cell."""
    name = quoted_name(case.trouble.value) if case.trouble.name == "NameError" else None
    if name is None or not (name in _SHORT or name in _MODULES.split()):
        return None
    statement = _SHORT.get(name, f"import {name}")
    return Fix(why=f"`{name}` was never imported.", source=f"{statement}\n\n{case.source}")
