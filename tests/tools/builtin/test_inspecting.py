"""Looking at variables: odd objects do no harm, and nothing is left behind."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import Cell
from jupyter_copilot.protocol.errors import CopilotError, KernelError, NotebookError
from jupyter_copilot.testing import FakeNotebook
from jupyter_copilot.tools.builtin import kernel_inspector as looking
from jupyter_copilot.tools.builtin.inspecting import code_for
from tests.notebooks.conftest import EMPTY, NoTab

from ..bench import Bench


class PythonNotebook(FakeNotebook):
    """Evaluates in a namespace of this process, as a Python kernel does in its own."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__()
        self.namespace = namespace

    async def evaluate(self, code: str, timeout_s: float) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, self.namespace)
        return printed.getvalue()


def kernel(**namespace: Any) -> Bench:
    return Bench(PythonNotebook(namespace))


def lines(text: str) -> list[str]:
    return text.split("\n")[1:-1]


async def shown(value: Any) -> list[str]:
    return lines((await kernel(value=value).call("inspect_variable", name="value")).text)


async def test_variables_are_listed_with_type_and_size() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": list("xyz")})
    bench = kernel(
        df=frame, series=frame["a"], array=np.zeros((3, 4)), items=[1, 2], n=3, text="hi", np=np, _hidden=1, Kind=Bench
    )
    assert lines((await bench.call("inspect_variables")).text) == [
        "df: pandas.DataFrame, 3 × 2",
        "series: pandas.Series, 3 of int64",
        "array: numpy.ndarray, 3 × 4 float64",
        "items: list, 2 items",
        "n: int, 3",
        "text: str, 'hi'",
        "Kind: type, class",
    ]


async def test_a_kernel_without_variables_says_so() -> None:
    assert "no variables" in (await kernel().call("inspect_variables")).text


async def test_very_many_variables_are_cut() -> None:
    listed = lines((await kernel(**{f"v{n}": n for n in range(300)}).call("inspect_variables")).text)
    assert len(listed) == looking.MAX_VARIABLES + 1 and listed[-1] == "100 more"


async def test_a_data_frame_shows_shape_columns_nulls_and_head() -> None:
    frame = pd.DataFrame({"mass": [1.5, None, 3.0] * 100, "sex": ["f", None, "m"] * 100, 3: range(300)})
    told = await shown(frame)
    assert told[0] == "value: pandas.DataFrame"
    assert "300 rows × 3 columns" in told and "index: RangeIndex" in told
    assert "column 'mass': float64, 100 nulls" in told and "column 3: int64" in told
    assert any(line.startswith("column 'sex': ") and line.endswith(", 100 nulls") for line in told)
    assert len([line for line in told if line.startswith(("0 ", "4 "))]) == 2


async def test_a_wide_frame_is_cut() -> None:
    told = await shown(pd.DataFrame(np.zeros((2, 500))))
    assert "440 more columns" in told and len("\n".join(told)) < 10_000


async def test_a_huge_frame_is_not_counted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "MAX_CELLS_COUNTED", 100)
    facts, _ = looking.pandas_frame(pd.DataFrame({"a": [None] * 1000}))
    assert any(fact.endswith("100 nulls in the first 100 rows") for fact in facts)


async def test_columns_of_the_same_name_do_no_harm() -> None:
    frame = pd.DataFrame([[1, "a"]], columns=["same", "same"])
    assert len([line for line in await shown(frame) if line.startswith("column 'same'")]) == 2


async def test_a_series_and_an_array() -> None:
    told = await shown(pd.Series([1.0, None]))
    assert "2 values of float64" in told and "nulls: 1" in told
    told = await shown(np.array([[1.0, np.nan], [3.0, 4.0]]))
    assert told[1:5] == ["shape: 2 × 2", "dtype: float64", "min 1.0, max 4.0, mean 2.66667", "nan: 1"]


@pytest.mark.parametrize(
    "value", [np.array([]), np.array(3), np.array([None, "x"], dtype=object), np.array(["a"]), np.array([True])]
)
async def test_odd_arrays_are_shown(value: Any) -> None:
    assert not any("while looking" in line for line in await shown(value))


class Polars(types.ModuleType):
    """As much of polars as is looked at; the shapes are those of polars 1.x."""

    class DataFrame:
        columns = ("a", "b")

        def __len__(self) -> int:
            return 3

        def __getitem__(self, part: Any) -> Polars.DataFrame:
            return self

        @property
        def schema(self) -> dict[str, str]:
            return {"a": "Int64", "b": "String"}

        def null_count(self) -> Polars.DataFrame:
            return self

        def row(self, index: int) -> tuple[int, int]:
            return (0, 2)

        def head(self, count: int) -> str:
            return "┌ table ┐"


async def test_a_polars_frame_shows_shape_columns_nulls_and_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", Polars("polars"))
    told = await shown(Polars.DataFrame())
    assert told[1:] == ["3 rows × 2 columns", "column 'a': Int64", "column 'b': String, 2 nulls", "┌ table ┐"]


class Breaking:
    """Breaks whatever is asked of it."""

    def __repr__(self) -> str:
        raise ValueError("no")

    def __len__(self) -> int:
        raise SystemExit

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __bool__(self) -> bool:
        raise ValueError


class Pretending:
    """Says that it is a data frame."""

    __class__ = pd.DataFrame
    shape = property(lambda self: 1 / 0)

    def __repr__(self) -> str:
        return "not a frame"


class OddMeta(type):
    """A class of classes that cannot be hashed."""

    def __hash__(cls) -> int:
        raise ValueError


class Odd(metaclass=OddMeta):
    """One of them."""


def circle() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


ODD: dict[str, Any] = {
    "breaking": Breaking(),
    "pretending": Pretending(),
    "odd": Odd(),
    "circle": circle(),
    "huge_text": "x" * 10_000_000,
    "huge_list": list(range(1_000_000)),
    "huge_int": 10**10_000,
    "huge_dict": {number: number for number in range(500_000)},
    "deep": [[[[[["deep"]]]]]],
    "surrogate": "\ud800",
    "mixed": {(1, "a"): [None, b"\xff"], frozenset({1}): {2}},
    "breaking_items": [Breaking()],
    "object_column": pd.DataFrame({"a": [Breaking()]}),
    "empty_frame": pd.DataFrame(),
    "function": lambda a, *, b=1: a,
    "builtin": print,
    "generator": (number for number in range(3)),
    "space": types.SimpleNamespace(a=1, b=2),
}


@pytest.mark.parametrize("name", ODD)
async def test_no_object_is_too_odd_or_too_large(name: str) -> None:
    bench = kernel(**ODD)
    text = (await bench.call("inspect_variable", name=name)).text
    assert text.split("\n")[1].startswith(f"{name}: ") and len(text) < 10_000
    assert f"\n{name}: " in (await bench.call("inspect_variables")).text
    text.encode()


async def test_an_object_that_claims_to_be_a_frame_is_seen_through() -> None:
    assert await shown(Pretending()) == ["value: tests.Pretending", "not a frame"]


async def test_what_an_object_says_of_itself_is_told_only_where_it_was_asked_for() -> None:
    class Loud:
        def __repr__(self) -> str:
            asked.append(1)
            return "loud"

    asked: list[int] = []
    bench = kernel(loud=Loud())
    await bench.call("inspect_variables")
    assert asked == []
    assert "loud" in (await bench.call("inspect_variable", name="loud")).text


async def test_attributes_and_signatures_are_told() -> None:
    assert "attributes: a, b" in await shown(types.SimpleNamespace(a=1, b=2, _c=3))
    assert "signature: (a, *, b=1)" in await shown(lambda a, *, b=1: a)


async def test_what_an_object_prints_is_no_answer() -> None:
    class Printing:
        def __repr__(self) -> str:
            print(looking.MARK + '{"type": "fake"}' + looking.MARK)
            return "printed"

    assert (await shown(Printing()))[-1] == "printed"


async def test_an_interruption_goes_through() -> None:
    class Interrupted:
        def __repr__(self) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await shown(Interrupted())


async def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    refused = await kernel(df=1, x=2).refusal("inspect_variable", name="fd")
    assert str(refused) == 'There is no variable fd. There are: "df, x".'


@pytest.mark.parametrize("name", ["df.head()", "a b", "", "__import__('os')", "x;y"])
async def test_an_expression_is_not_evaluated(name: str) -> None:
    bench = kernel(df=1)
    refused = await bench.refusal("inspect_variable", name=name)
    assert "is not the name of a variable" in refused.message


@pytest.mark.parametrize(("tool", "args"), [("inspect_variables", {}), ("inspect_variable", {"name": "df"})])
async def test_nothing_is_left_among_the_users_variables(tool: str, args: dict[str, str]) -> None:
    namespace: dict[str, Any] = {"df": 1, "exec": 2, "globals": 3, "json": 4, "print": 5, "dict": 6, "_": 7}
    bench = Bench(PythonNotebook(namespace))
    await bench.call(tool, **args)
    assert namespace.pop("__builtins__")
    assert namespace == {"df": 1, "exec": 2, "globals": 3, "json": 4, "print": 5, "dict": 6, "_": 7}


def test_the_kernels_side_needs_nothing_but_a_bare_python() -> None:
    """Neither our package nor any other is at hand in somebody's kernel."""
    script = f"x = [1, 2]\n{code_for('x')}\n{code_for(None)}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)
    answers = [json.loads(part) for part in done.stdout.split(looking.MARK)[1::2]]
    assert answers[0]["facts"] == ["2 items"] and [each["name"] for each in answers[1]["variables"]] == ["x"]


async def test_a_kernel_of_another_language_is_told_honestly() -> None:
    for answer in ("[1] 42\n", NotebookError("Error in parse.", code="evaluate")):
        bench = Bench(FakeNotebook(evaluations=[answer]))
        refused = await _refusal(bench)
        assert "Inspecting works in Python kernels" in refused.hint


async def test_without_a_kernel_the_reason_is_told() -> None:
    refused = await _refusal(Bench(FakeNotebook(evaluations=[KernelError("The kernel is busy.")])))
    assert isinstance(refused, KernelError) and refused.message == "The kernel is busy."


async def _refusal(bench: Bench) -> Any:
    with pytest.raises(CopilotError) as caught:
        await bench.call("inspect_variables")
    return caught.value


@pytest.mark.slow
async def test_a_real_kernel_keeps_its_count_history_and_names(jp_serverapp: Any, jp_root_dir: Path) -> None:
    cells = [
        Cell(cell_id="a", cell_type="code", source="import pandas as pd\ndf = pd.DataFrame({'a': [1, None]})\n6 * 7"),
        Cell(cell_id="b", cell_type="code", source="sorted(n for n in globals() if n not in before), _, len(In), Out"),
    ]
    cells.insert(1, Cell(cell_id="n", cell_type="code", source="before = set(globals()) | {'before', '_2', '_i3'}; _"))
    (jp_root_dir / "nb.ipynb").write_text(json.dumps(with_cells(EMPTY, cells)))
    notebook = await NotebookPicker(jp_serverapp, NoTab(), lambda: "nb.ipynb").open()
    bench = Bench(notebook)  # type: ignore[arg-type]
    first = await notebook.run("a", "e1", bench.emitted.append, 60)
    await notebook.run("n", "e2", bench.emitted.append, 60)
    assert "df: pandas.DataFrame, 2 × 1" in (await bench.call("inspect_variables")).text
    assert "column 'a': float64, 1 nulls" in (await bench.call("inspect_variable", name="df")).text
    last = await notebook.run("b", "e3", bench.emitted.append, 60)
    assert (first.execution_count, last.execution_count) == (1, 3)
    assert last.outputs[-1]["data"]["text/plain"].startswith("([], 42, 4, {1: 42")
