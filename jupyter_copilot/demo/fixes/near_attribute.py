"""AttributeError: a method or function is spelt almost like one that exists."""

from __future__ import annotations

import re

from ..names import near
from .case import Case, Fix

_MESSAGE = re.compile(r"['\"](?P<owner>[\w.]+)['\"].* has no attribute ['\"](?P<name>\w+)['\"]")
_BUILTIN = {kind.__name__: kind for kind in (str, list, dict, set, tuple, int, float)}
_DATA = """
agg apply assign astype columns copy corr count cumsum describe drop drop_duplicates dropna dtypes duplicated fillna
groupby head hist iloc index info isin isna isnull join loc map max mean median melt merge min nlargest notna nsmallest
nunique pivot_table plot quantile query rename replace reset_index resample rolling round sample select_dtypes set_index
shape shift size sort_index sort_values std str sum tail to_csv transform transpose unique unstack value_counts values
"""
_OTHERS = {
    "DataFrame": _DATA,
    "Series": _DATA,
    "DataFrameGroupBy": _DATA,
    "pandas": """
        DataFrame Series concat cut date_range isna merge pivot_table qcut read_csv read_excel read_json read_parquet
        read_sql to_datetime to_numeric
    """,
    "matplotlib.pyplot": """
        axhline axvline bar barh boxplot colorbar errorbar figure fill_between grid hist imshow legend pie plot savefig
        scatter show subplot subplots text tight_layout title xlabel xlim xticks ylabel ylim yticks
    """,
    "numpy": """
        abs arange array concatenate cumsum exp linspace log max mean median min ones percentile random reshape round
        sqrt std sum unique where zeros
    """,
    "Axes": """
        axhline axvline bar barh boxplot grid hist legend pie plot scatter set set_title set_xlabel set_xlim set_xticks
        set_ylabel set_ylim set_yticks text
    """,
}


def near_attribute(case: Case) -> Fix | None:
    """Use the attribute that the object has."""
    found = _MESSAGE.search(case.trouble.value) if case.trouble.name == "AttributeError" else None
    if found is None:
        return None
    owner, name = found["owner"], found["name"]
    meant = near(name, _attributes(owner))
    source = re.sub(rf"\.{re.escape(name)}\b", f".{meant}", case.source)
    if meant is None or source == case.source:
        return None
    return Fix(why=f"`{owner}` has no `{name}`, but it has `{meant}`.", source=source)


def _attributes(owner: str) -> list[str]:
    """The attributes of a type or a module that are worth a guess."""
    if owner in _BUILTIN:
        return dir(_BUILTIN[owner])
    return _OTHERS.get(owner, _OTHERS.get(owner.rpartition(".")[2], "")).split()
