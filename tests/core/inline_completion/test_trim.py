"""What of an answer is shown at the cursor."""

from __future__ import annotations

from itertools import pairwise

import pytest

from jupyter_copilot.core.inline_completion.code import CodeAround
from jupyter_copilot.core.inline_completion.trim import trimmed


def shown(raw: str, prefix: str, suffix: str = "", *, chat: bool = False) -> str:
    return trimmed(raw, CodeAround(prefix=prefix, suffix=suffix), ("<EOT>",), chat=chat)[0]


@pytest.mark.parametrize(
    ("raw", "prefix", "suffix", "expected"),
    [
        ("head()\ndf.tail()", "df.", "", "head()"),
        ("head()<EOT>junk", "df.", "", "head()"),
        ("\nx = 1\ny = 2", "import os", "", "\nx = 1"),
        ("\n    return a + b\n\nprint(1)", "def f(a, b):", "", "\n    return a + b"),
        ("\n    a = 1\n    b = 2\nc = 3", "for x in y:", "", "\n    a = 1\n    b = 2"),
        ("\n    1,\n    2,\n)\nprint()", "x = f(", "", "\n    1,\n    2,\n)\nprint()"),
        ("total)", "print(", ")", "total"),
        ("a, b) + 1)", "x = f(", ") + 1)", "a, b"),
        ("    return 1", "def f():\n", "", "    return 1"),
        ("x\n# %%\ny", "a = [", "", "x"),
        ("a = 1\nb = 2", "# two lines\n", "\nb = 2", "a = 1"),
        ("f(x) + g(y)", "z = ", "  # sum", "f(x) + g(y)"),
        ("x\r\ny", "a = ", "", "x"),
        ("is_admin\u202e\u2066# no\u2069", "if ", "", "is_admin"),
        ("user\u200b == 1", "if ", "", "user"),
        ("1\rimport os", "a = ", "", "1"),
        ("'\U0001f469\u200d\U0001f467 caf\u00e9'", "a = ", "", "'\U0001f469\u200d\U0001f467 caf\u00e9'"),
        ("'\u05d0' + '\u05d1'", "a = ", "", "'\u05d0' + '\u05d1'"),
    ],
)
def test_an_answer_ends_where_the_line_or_the_block_ends(raw: str, prefix: str, suffix: str, expected: str) -> None:
    assert shown(raw, prefix, suffix) == expected


@pytest.mark.parametrize(
    ("raw", "prefix", "expected"),
    [
        ("```python\ndf.head()\n```\nThis shows", "df.", "head()"),
        ("df.head()", "df.", "head()"),
        ("    return x", "def f(x):\n    return ", "x"),
        ("return x", "def f(x):\n    return ", "x"),
        ("head()", "df.", "head()"),
        ("    y = 1", "if x:\n    ", "y = 1"),
        ("df.he", "df.", "he"),
    ],
)
def test_what_a_chat_model_wraps_and_repeats_is_taken_off(raw: str, prefix: str, expected: str) -> None:
    assert shown(raw, prefix, chat=True) == expected


@pytest.mark.parametrize("raw", ["`", "```py", "d", "df"])
def test_what_may_be_a_fence_or_a_repetition_is_waited_for(raw: str) -> None:
    text, over = trimmed(raw, CodeAround(prefix="df."), chat=True)
    assert (text, over) == ("", False)


def test_an_answer_that_shows_all_it_can_is_over() -> None:
    assert trimmed("head()\n", CodeAround(prefix="df.")) == ("head()", True)
    assert trimmed("head()", CodeAround(prefix="df.")) == ("head()", False)
    assert trimmed("\n  x = 1\ny", CodeAround(prefix="if a:"))[1]
    many = "\n" + "".join(f"    x{number} = 1\n" for number in range(20))
    text, over = trimmed(many, CodeAround(prefix="if a:"))
    assert over and text.count("x") == 8


def test_a_text_grows_as_its_answer_does() -> None:
    answer = "\n    first = compute(a)\n    return first\n\nprint(1)\n"
    code = CodeAround(prefix="def f(a):")
    texts = [trimmed(answer[:size], code)[0] for size in range(1, len(answer) + 1)]
    assert all(later.startswith(earlier.rstrip()) for earlier, later in pairwise(texts))
    assert texts[-1] == "\n    first = compute(a)\n    return first"
