"""Dangers of Python and IPython code: what its syntax tree calls, imports, deletes and names."""

from __future__ import annotations

import ast
import re
import warnings

from .... import protocol as p
from .names import BUILTINS, CALLS, METHODS, MODULES, words
from .shell import dangers_of_shell, is_secret_place

_MAGICS: dict[str, p.Danger] = {
    "pip": "installs", "conda": "installs", "mamba": "installs", "micromamba": "installs", "uv": "installs",
    "reset": "deletes", "reset_selective": "deletes", "xdel": "deletes", "rm": "deletes", "rmdir": "deletes",
    "mv": "deletes", "writefile": "deletes", "file": "deletes",
    "load": "unclear", "loadpy": "unclear", "run": "unclear", "macro": "unclear", "edit": "unclear", "rerun": "unclear",
    "recall": "unclear", "load_ext": "unclear", "reload_ext": "unclear", "alias": "unclear", "alias_magic": "unclear",
    "env": "secrets", "set_env": "secrets", "notebook": "unclear", "pastebin": "network", "gist": "network",
    "quit": "restarts", "exit": "restarts", "killbgscripts": "restarts",
}  # fmt: skip
_PLAIN_MAGICS = words(
    r"""
    time timeit prun capture matplotlib pylab who who_ls whos precision config autoreload pwd cd ls ll lf lk ldir
    history hist lsmagic pinfo pinfo2 pdoc psource pfile pdef psearch debug pdb tb xmode colors autocall automagic
    page pprint dhist dirs bookmark env_ markdown html HTML latex svg SVG memit mprun lprun logstate cat less more
    man mkdir cp ln gui store
    """
)
_CODE_MAGICS = words(
    r"""
    time timeit prun capture memit debug python python3 pypy
    """
)
"""Magics whose cell is Python, or whose line is."""
_SHELL_MAGICS = words(
    r"""
    bash sh script system sx !
    """
)
_QUIET_PIP = words(
    r"""
    list show freeze check index debug cache config inspect
    """
)


def dangers_of_python(source: str) -> set[p.Danger]:
    """What a cell may do; one that does not parse is unclear."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_plain_python(source))
        reader = _Reader()
        reader.visit(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {"unclear"}
    return reader.found


def _plain_python(source: str) -> str:
    """The cell as IPython would compile it: `%pip …` and `!ls` become calls."""
    # Cells without any of it need not wait for IPython to be imported.
    if not any(mark in source for mark in "%!?$,;/") and "\t" not in source:
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]


class _Reader(ast.NodeVisitor):
    """Collects what the nodes of a tree may do. Names are followed through imports, and through nothing else."""

    def __init__(self) -> None:
        self.found: set[p.Danger] = set()
        self._imported: dict[str, str] = {}

    def visit_Import(self, node: ast.Import) -> None:
        """`import a.b as c`"""
        for alias in node.names:
            self._module(alias.name)
            self._imported[alias.asname or alias.name.split(".")[0]] = (
                alias.name if alias.asname else alias.name.split(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from a import b as c`"""
        module = node.module or ""
        self._module(module)
        for alias in node.names:
            full = f"{module}.{alias.name}"
            self._module(full)
            self._add(CALLS.get(full))
            self._imported[alias.asname or alias.name] = full
            if alias.name == "*" and module.split(".")[0] in ("os", "shutil", "subprocess", "pathlib"):
                self.found.add("unclear")

    def _module(self, name: str) -> None:
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            self._add(MODULES.get(".".join(parts[:end])))

    def _add(self, danger: p.Danger | None) -> None:
        if danger is not None:
            self.found.add(danger)

    def visit_Call(self, node: ast.Call) -> None:
        """A call: by its full name, as a method, or as one of IPython's."""
        name = self._name(node.func)
        if name is not None:
            self._named_call(name, node)
        elif not isinstance(node.func, ast.Attribute | ast.Call | ast.Subscript | ast.Lambda):
            self.found.add("unclear")
        if isinstance(node.func, ast.Attribute):
            self._method(node.func, node)
        if any(_is_address(value) for value in (*node.args, *(keyword.value for keyword in node.keywords))):
            self.found.add("network")
        self.generic_visit(node)

    def _named_call(self, name: str, node: ast.Call) -> None:
        full = self._full(name)
        self._add(CALLS.get(full))
        if full in _SHELL_CALLS:
            self._shell(node)
        if full == "open":
            self._open(node)
        if full in ("getattr", "__import__", "importlib.import_module"):
            self._by_text(full, node)

    def _by_text(self, full: str, node: ast.Call) -> None:
        """What is named by a text: known when the text stands there, unclear else."""
        text = node.args[1 if full == "getattr" else 0] if len(node.args) > (full == "getattr") else None
        if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
            self.found.add("unclear")
        elif full == "getattr":
            self.visit(ast.Call(func=ast.Attribute(value=node.args[0], attr=text.value), args=[], keywords=[]))
        else:
            self._module(text.value)

    def _method(self, func: ast.Attribute, node: ast.Call) -> None:
        magic = _MAGIC_CALLS.get(func.attr)
        if magic is not None and _is_get_ipython(func.value):
            magic(self, node)
            return
        # What it is a method of is not known, so that only names are listed that mean one thing.
        self._add(METHODS.get(func.attr))
        if func.attr == "open" and _text_of(node, 0) in ("w", "wb", "w+", "wt"):
            self.found.add("deletes")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """`os.environ` is read without a call, and `os.remove` may be given to somebody who calls it."""
        name = self._name(node)
        if name is not None:
            full = self._full(name)
            self._add("secrets" if full.startswith("os.environ") else CALLS.get(full))
        if node.attr in _INSIDES:
            self.found.add("unclear")
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """`environ` after `from os import environ`, and what is built in and may get another name."""
        if self._imported.get(node.id) == "os.environ":
            self.found.add("secrets")
        if node.id in _INSIDES:
            self.found.add("unclear")
        if node.id not in self._imported and isinstance(node.ctx, ast.Load):
            self._add(BUILTINS.get(node.id))

    def _full(self, name: str) -> str:
        """A dotted name with the module that its first part was imported from."""
        first, *rest = name.split(".")
        return ".".join([self._imported.get(first, first), *rest]).removeprefix("builtins.")

    def visit_Constant(self, node: ast.Constant) -> None:
        """A path to where secrets are kept."""
        if isinstance(node.value, str) and len(node.value) < 500 and is_secret_place(node.value):
            self.found.add("secrets")

    def _open(self, node: ast.Call) -> None:
        """Whoever opens a file for writing deletes what stood there."""
        modes = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
        for mode in modes:
            if not isinstance(mode, ast.Constant):
                self.found.add("unclear")
            elif isinstance(mode.value, str) and "w" in mode.value:
                self.found.add("deletes")

    def _shell(self, node: ast.Call) -> None:
        """A command as a text or as a list of words."""
        command = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "args"), None)
        if isinstance(command, ast.Constant) and isinstance(command.value, str):
            self.found |= dangers_of_shell(command.value)
        elif isinstance(command, ast.List | ast.Tuple) and all(
            isinstance(word, ast.Constant) and isinstance(word.value, str) for word in command.elts
        ):
            words = [str(word.value) for word in command.elts if isinstance(word, ast.Constant)]
            self.found |= dangers_of_shell(" ".join(word if word.isalnum() else f"'{word}'" for word in words))
        else:
            self.found.add("unclear")

    # IPython's own, as its input transformer writes them

    def _system(self, node: ast.Call) -> None:
        text = _text_of(node, 0)
        self.found |= {"unclear"} if text is None else dangers_of_shell(text)
        if text is not None and ("{" in text or "$" in text):
            self.found.add("unclear")  # Python puts something in

    def _line_magic(self, node: ast.Call) -> None:
        name, line = _text_of(node, 0), _text_of(node, 1)
        if name is None or line is None:
            self.found.add("unclear")
        else:
            self._magic(name, line)

    def _cell_magic(self, node: ast.Call) -> None:
        name, line, body = _text_of(node, 0), _text_of(node, 1), _text_of(node, 2)
        if name is None or line is None or body is None:
            self.found.add("unclear")
        elif name in _SHELL_MAGICS:
            interpreter = line.split()[:1]
            is_shell = name != "script" or interpreter in (["bash"], ["sh"], ["zsh"])
            self.found |= dangers_of_shell(body) if is_shell else {"unclear"}
        elif name in _CODE_MAGICS:
            self.found |= dangers_of_python(body)
            self._magic(name, line)
        elif name in ("writefile", "file"):
            self.found |= {"secrets"} if is_secret_place(line) else set()
            if "-a" not in line.split():
                self.found.add("deletes")
        elif name not in _PLAIN_MAGICS:
            self._add(_MAGICS.get(name, "unclear"))

    def _magic(self, name: str, line: str) -> None:
        if name in ("system", "sx", "sc", "!"):
            self.found |= dangers_of_shell(line)
        elif name in _CODE_MAGICS:
            code = " ".join(word for word in line.split(" ") if not word.startswith("-"))
            self.found |= dangers_of_python(code)
        elif name in ("pip", "conda", "mamba", "uv") and line.split()[:1] and line.split()[0] in _QUIET_PIP:
            pass
        elif name == "ls" or name in _PLAIN_MAGICS:
            self.found |= {"secrets"} if is_secret_place(line) else set()
        else:
            self._add(_MAGICS.get(name, "unclear"))

    def _run_code(self, node: ast.Call) -> None:
        text = _text_of(node, 0)
        self.found |= {"unclear"} if text is None else dangers_of_python(text)

    def _name(self, node: ast.expr) -> str | None:
        """The dotted name that an expression is, or None."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([node.id, *reversed(parts)])


_SHELL_CALLS = words(
    r"""
    os.system os.popen subprocess.run subprocess.call subprocess.check_call subprocess.check_output
    subprocess.Popen subprocess.getoutput subprocess.getstatusoutput asyncio.create_subprocess_shell
    """
)
_MAGIC_CALLS = {
    "system": _Reader._system,
    "getoutput": _Reader._system,
    "run_line_magic": _Reader._line_magic,
    "run_cell_magic": _Reader._cell_magic,
    "magic": _Reader._run_code,
    "run_cell": _Reader._run_code,
    "ex": _Reader._run_code,
    "ev": _Reader._run_code,
}


_INSIDES = words(
    r"""
    __builtins__ __loader__ __globals__ __subclasses__ __dict__ __getattribute__ __import__
    """
)
"""By these one gets at anything under another name."""
_ADDRESS = re.compile(
    r"(https?|ftps?|s3|gs|gcs|abfss?|az|sftp|ssh|wss?|mongodb|postgres\w*|mysql\w*|redis)://", re.IGNORECASE
)


def _is_address(node: ast.expr) -> bool:
    """Whether a value is an address on the network, or a text that begins like one."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and _ADDRESS.match(node.value) is not None


def _is_get_ipython(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"


def _text_of(node: ast.Call, place: int) -> str | None:
    value = node.args[place] if len(node.args) > place else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
