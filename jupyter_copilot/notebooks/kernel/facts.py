"""What runs inside of a Python kernel to say which code ran under which number, and which packages are loaded.

The source of this module is sent to the kernel as text, so it needs nothing but the standard library of Python 3.8.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from typing import Any

MARK = "\x1e"
MOST_RUNS = 400
PACKAGES = re.findall(
    r"\w+",
    """numpy pandas polars matplotlib seaborn plotly sklearn scipy statsmodels torch tensorflow jax xarray dask pyarrow
    duckdb sqlalchemy networkx transformers""",
)


def answer() -> None:
    """Print the facts as JSON between marks."""
    print(MARK + json.dumps({"runs": runs(), "packages": packages()}) + MARK, flush=True)


def runs() -> dict[int, str]:
    """The digest of the code that ran under each number, the last ones."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    history = list(getattr(getattr(shell, "history_manager", None), "input_hist_raw", []))
    first = max(1, len(history) - MOST_RUNS)
    return {number: digest(history[number]) for number in range(first, len(history))}


def digest(source: str) -> str:
    """A digest of a source, whatever line feeds end it."""
    return hashlib.sha256(source.rstrip("\n").encode("utf-8", "surrogatepass")).hexdigest()[:12]


def packages() -> dict[str, str]:
    """The versions of those well-known packages that are imported."""
    loaded = ((name, getattr(sys.modules.get(name), "__version__", None)) for name in PACKAGES)
    return {name: version for name, version in loaded if type(version) is str}
