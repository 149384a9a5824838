"""Prepare a Binder: `python -m jupyter_copilot.demo.binder URL TOKEN`, in the folder that Jupyter will serve.

The demo model is at URL, behind TOKEN; both are empty where the environment names a model.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .choice import demo_endpoint
from .place import Place

FOLDER = "demo"


def main(url: str, token: str) -> None:
    """Put the example into its folder, and tell Jupyter of the model."""
    Place(root=Path.cwd(), example=FOLDER).prepare(demo_endpoint(url, token) if url else {})


if __name__ == "__main__":
    main(*sys.argv[1:])
