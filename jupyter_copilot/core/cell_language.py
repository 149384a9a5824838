"""The language that a cell says it is in, which need not be the notebook's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MAGIC = re.compile(r"\s*(%%|#!)([A-Za-z][\w.+-]*)[^\S\n]*([^\n]*)")
_LANGUAGES = {
    "bash": "bash", "sh": "sh", "zsh": "zsh", "cmd": "cmd", "powershell": "powershell", "pwsh": "powershell",
    "r": "R", "julia": "julia", "ruby": "ruby", "perl": "perl", "lua": "lua", "octave": "octave", "matlab": "matlab",
    "js": "javascript", "javascript": "javascript", "typescript": "typescript", "ts": "typescript", "html": "html",
    "svg": "svg", "latex": "latex", "markdown": "markdown", "cython": "cython", "fortran": "fortran", "rust": "rust",
    "cpp": "c++", "c": "c", "cu": "c++", "cuda": "c++", "java": "java", "scala": "scala", "kotlin": "kotlin",
    "csharp": "c#", "fsharp": "f#", "kql": "kql", "mermaid": "mermaid", "sql": "sql", "bigquery": "sql", "bq": "sql",
    "sparksql": "sql", "spark_sql": "sql", "duckdb": "sql", "dql": "sql", "cypher": "cypher", "graphql": "graphql",
    "python": "python", "python2": "python", "python3": "python", "pypy": "python", "local": "python",
    "pyspark": "python", "spark": "scala", "stan": "stan", "dot": "dot", "yaml": "yaml", "json": "json",
}  # fmt: skip
_AROUND = {"time", "timeit", "capture", "prun", "memit", "mprun"}
"""Magics around code that is in the notebook's language, or begins with another magic."""
_NAME = re.compile(r"[A-Za-z][\w+#. -]{0,30}")


def language_of(source: str, metadata: Mapping[str, Any]) -> str:
    """The language that a cell names by a magic at its beginning or in its metadata; empty when it names none."""
    return _by_magic(source) or _by_metadata(metadata)


def _by_magic(source: str) -> str:
    found = _MAGIC.match(source)
    if found is None:
        return ""
    mark, name, rest = found.groups()
    if name.lower() in _AROUND:
        return _by_magic(source[found.end() :])
    if mark == "%%" and name in ("script", "file", "writefile"):
        return _of_program(rest) if name == "script" else _of_file(rest)
    return _LANGUAGES.get(name.lower(), "")


def _of_program(arguments: str) -> str:
    """What `%%script` runs: the first word that is no option."""
    words = [word for word in arguments.split() if not word.startswith("-")]
    program = words[0].rsplit("/", 1)[-1] if words else ""
    return _LANGUAGES.get(program.lower(), program if _NAME.fullmatch(program) else "")


_SUFFIXES = {"py": "python", "r": "R", "jl": "julia", "rb": "ruby", "pl": "perl", "rs": "rust", "f90": "fortran"} | {
    "cs": "c#", "h": "c", "hpp": "c++", "cc": "c++", "md": "markdown", "tex": "latex", "yml": "yaml", "txt": "text",
    "toml": "toml", "css": "css", "go": "go",
}  # fmt: skip


def _of_file(arguments: str) -> str:
    """What is written to a file of this name."""
    name = arguments.strip().strip("'\"").lower()
    suffix = name.rsplit(".", 1)[-1] if "." in name else ""
    return _SUFFIXES.get(suffix) or _LANGUAGES.get(suffix, "")


def _by_metadata(metadata: Mapping[str, Any]) -> str:
    """As VS Code, SoS, .NET Interactive, Deepnote and Databricks write it."""
    found = (
        _in(metadata, "vscode", "languageId"),
        _in(metadata, "polyglot_notebook", "kernelName"),
        _in(metadata, "dotnet_interactive", "language"),
        metadata.get("kernel"),
        metadata.get("language"),
        "sql" if metadata.get("deepnote_cell_type") == "sql" else None,
    )
    named = next((name for name in found if isinstance(name, str) and _NAME.fullmatch(name)), "")
    return _LANGUAGES.get(named.lower(), named)


def _in(metadata: Mapping[str, Any], group: str, name: str) -> Any:
    fields = metadata.get(group)
    return fields.get(name) if isinstance(fields, Mapping) else None
