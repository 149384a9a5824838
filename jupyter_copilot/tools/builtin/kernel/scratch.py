"""What runs inside of a Python kernel for scratch code: it prints what the last expression is.

The source of this module is sent to the kernel as text, so it needs nothing but the standard library of Python 3.8.
"""

from __future__ import annotations

import ast
import builtins
import sys
from typing import Any

MAX_CHARS = 20_000


def run(namespace: dict[str, Any], code: str) -> None:
    """Run the code among the user's names, and print its last expression unless that is None."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    tree = ast.parse(shell.transform_cell(code) if shell is not None else code, "<scratch>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    # Through builtins, because people name variables `exec` or `print`.
    builtins.exec(compile(tree, "<scratch>", "exec"), namespace)
    if isinstance(last, ast.Expr):
        value = builtins.eval(compile(ast.Expression(last.value), "<scratch>", "eval"), namespace)
        if value is not None:
            builtins.print(builtins.repr(value)[:MAX_CHARS])
