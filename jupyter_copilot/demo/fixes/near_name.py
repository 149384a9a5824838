"""NameError: a name is spelt almost like one that exists."""

from __future__ import annotations

import builtins

from ..code import defined
from ..names import near
from .case import Case, Fix, quoted_name, renamed


def near_name(case: Case) -> Fix | None:
    """Use the name that exists: the kernel's own before the cell's, and Python's last."""
    name = quoted_name(case.trouble.value) if case.trouble.name == "NameError" else None
    if name is None:
        return None
    own = sorted(defined(case.source))
    meant = near(name, sorted(case.names)) or near(name, own) or near(name, dir(builtins))
    if meant is None:
        return None
    return Fix(why=f"There is no `{name}`, but there is `{meant}`.", source=renamed(case.source, name, meant))
