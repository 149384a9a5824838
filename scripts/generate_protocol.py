"""Write what is derived from `jupyter_copilot.protocol` and `.state`, so that no two descriptions can disagree:

- `labextension/src/protocol/index.ts`: the types, constants and field tables of the front end;
- `docs/protocol.schema.json`: the JSON Schema of frames, records and state;
- the tables of `docs/protocol.md`, between their markers.

`--check` writes nothing, names every stale file and then exits with 1.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from protocolgen.schema import json_schema
from protocolgen.tables import documentation
from protocolgen.typescript import typescript

ROOT = Path(__file__).resolve().parent.parent


def generated(root: Path = ROOT) -> dict[Path, str]:
    """Each generated file's path and right text."""
    docs = root / "docs" / "protocol.md"
    return {
        root / "labextension" / "src" / "protocol" / "index.ts": typescript(),
        root / "docs" / "protocol.schema.json": json_schema(),
        docs: documentation(docs.read_text(encoding="utf-8")),
    }


def stale(root: Path = ROOT) -> dict[Path, str]:
    """The generated files that are not as they should be, with their right text."""
    return {
        path: text
        for path, text in generated(root).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Write or check the generated files; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    check = parser.parse_args(argv).check
    for path, text in stale().items():
        if not check:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
            continue
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        diff = difflib.unified_diff(before.splitlines(), text.splitlines(), "committed", "generated", n=0, lineterm="")
        print(f"{path.relative_to(ROOT)} is stale: run `make schema`", *list(diff)[:20], sep="\n", file=sys.stderr)
    return 1 if check and stale() else 0


if __name__ == "__main__":
    sys.exit(main())
