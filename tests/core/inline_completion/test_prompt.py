"""What is told of the code around the cursor."""

from __future__ import annotations

from jupyter_copilot.core.inline_completion.code import CodeAround
from jupyter_copilot.core.inline_completion.prompt import SUFFIX_CHARS, gather


def test_cells_stand_in_their_order_before_the_cell_and_behind_it() -> None:
    infill = gather(CodeAround(prefix="c = ", suffix="\nd = 4", above=["a = 1", "b = 2"], below=["e = 5"]))
    assert infill.prefix == "a = 1\n\n# %%\nb = 2\n\n# %%\nc = "
    assert infill.suffix == "\nd = 4\n\n# %%\ne = 5"
    assert infill.cells == 3


def test_far_cells_go_whole_and_leave_their_imports() -> None:
    far = "import pandas as pd\n" + "x = 1\n" * 500
    near = "y = 2\n" * 500
    infill = gather(CodeAround(prefix="pd.", above=[far, near]))
    assert infill.prefix.startswith("import pandas as pd\n\n# %%\ny = 2")
    assert "x = 1" not in infill.prefix and infill.prefix.endswith("pd.") and infill.cells == 1


def test_names_of_the_kernel_come_as_comments_of_the_language_those_in_use_first() -> None:
    names = {f"n{number}": "int" for number in range(50)} | {"df": "pandas.DataFrame"}
    infill = gather(CodeAround(prefix="df.", names=names))
    assert infill.prefix.startswith("# df: pandas.DataFrame\n") and infill.names == 40
    assert gather(CodeAround(prefix="x", names={"n": "Int"}, language="scala")).prefix.startswith("// n: Int")


def test_a_long_cell_is_cut_at_lines_and_keeps_what_is_next_to_the_cursor() -> None:
    infill = gather(CodeAround(prefix="line of it\n" * 1000 + "last", suffix="\nnext" * 1000))
    assert infill.prefix.startswith("line of it\n") and infill.prefix.endswith("last")
    assert len(infill.prefix) <= 6000 and infill.suffix.startswith("\nnext") and len(infill.suffix) <= SUFFIX_CHARS


def test_tokens_of_templates_in_the_code_do_not_reach_the_model() -> None:
    code = CodeAround(
        prefix="a <|fim_middle|>b", suffix="<fim_suffix>c", above=["<PRE> d"], names={"e": "<|endoftext|>f"}
    )
    infill = gather(code)
    assert not any(token in infill.prefix + infill.suffix for token in ("fim_", "<PRE>", "endoftext"))


def test_empty_cells_are_left_out() -> None:
    assert gather(CodeAround(prefix="x", above=["", " \n"], below=["\n"])).cells == 0
