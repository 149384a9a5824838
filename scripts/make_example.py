"""Write the demo's notebook and run it, so that every stored output is a real one.

    .venv/bin/python scripts/make_example.py

The last cell fails on purpose: it is what the copilot is asked to fix. Only two things are altered after the run: paths
of the machine that it ran on are shortened, and time stamps are dropped.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

EXAMPLE = Path(__file__).resolve().parent.parent / "jupyter_copilot" / "demo" / "example"
NOTEBOOK = EXAMPLE / "penguins.ipynb"

CELLS = [
    (
        "title",
        "markdown",
        "# Palmer penguins\n\n"
        "Size measurements of 344 penguins of three species, collected from 2007 to 2009 on three islands near "
        "Palmer Station, Antarctica ([source and licence](DATA.md)).",
    ),
    ("imports", "code", "import matplotlib.pyplot as plt\nimport pandas as pd"),
    ("load", "code", 'df = pd.read_csv("penguins.csv")\ndf.head()'),
    ("means", "code", 'df.groupby("species")[["flipper_length_mm", "body_mass_g"]].mean().round(1)'),
    (
        "bills",
        "code",
        "fig, ax = plt.subplots(figsize=(6, 3.5))\n"
        'for species, group in df.groupby("species"):\n'
        '    ax.scatter(group["bill_length_mm"], group["bill_depth_mm"], s=14, alpha=0.7, label=species)\n'
        'ax.set_xlabel("Bill length (mm)")\n'
        'ax.set_ylabel("Bill depth (mm)")\n'
        "ax.legend();",
    ),
    ("flippers", "code", 'df["flipper_length"].hist(bins=20)\nplt.xlabel("Flipper length (mm)");'),
]


def build() -> nbformat.NotebookNode:
    """The notebook without outputs."""
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    cells = [make[cell_type](source, id=cell_id) for cell_id, cell_type, source in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return notebook


def without_machine(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with shortened paths and without time stamps."""
    for cell in notebook.cells:
        cell.metadata = {}
    text = re.sub(r"/[\w./~+\-]*?/(site-packages/)", r"…/\1", json.dumps(notebook, ensure_ascii=False))
    plain: nbformat.NotebookNode = nbformat.from_dict(json.loads(text))
    return plain


def main() -> int:
    """Write the notebook; 1 when its outputs are not the expected ones."""
    client = NotebookClient(build(), timeout=120, allow_errors=True, resources={"metadata": {"path": str(EXAMPLE)}})
    notebook = without_machine(client.execute())
    errors = [(c.id, o.ename) for c in notebook.cells for o in c.get("outputs", []) if o.output_type == "error"]
    if errors != [("flippers", "KeyError")]:
        print(f"Unexpected errors: {errors}", file=sys.stderr)
        return 1
    nbformat.validate(notebook)
    nbformat.write(notebook, NOTEBOOK)
    print(f"Wrote {NOTEBOOK.name}: {len(notebook.cells)} cells, {NOTEBOOK.stat().st_size / 1024:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
