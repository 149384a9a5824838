"""Arguments: what is a JSON object, what is several, and what the model has to be told about."""

from __future__ import annotations

import pytest

from jupyter_copilot.models.stream.arguments import is_complete, read_arguments


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ('{"a": 1}', [{"a": 1}]),
        (' {"a": 1}\n', [{"a": 1}]),
        ("", [{}]),
        ("  ", [{}]),
        ("null", [{}]),
        ("{}", [{}]),
        ('{"a": 1}{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('{"a": 1}\n{"b": {"c": "}{"}}', [{"a": 1}, {"b": {"c": "}{"}}]),
        ('{"a": 1}{"a": 1}', [{"a": 1}]),
        ('{}{"a": 1}', [{"a": 1}]),
        ('"{\\"a\\": 1}"', [{"a": 1}]),
        ('{"source": "x = 1\n\ty = 2"}', [{"source": "x = 1\n\ty = 2"}]),
        ('"\\"{\\\\\\"a\\\\\\": 1}\\""', [{"a": 1}]),
        ('```json\n{"a": 1}\n```', [{"a": 1}]),
        ('```\n{"a": "```x```"}\n```\n', [{"a": "```x```"}]),
        ("{'a': 'it\\'s', 'b': True, 'c': None,}", [{"a": "it's", "b": True, "c": None}]),
        ("{'a': 'say \"x\"\nand y'}", [{"a": 'say "x"\nand y'}]),
        ('{\u201ca\u201d: \u201csay "x"\u201d}', [{"a": 'say "x"'}]),
        ('{"a": "\u201cx\u201d"}', [{"a": "\u201cx\u201d"}]),
        ("{\u201ca\u201d: \u201cx", [None]),
        ('{"a": [1, 2,],}', [{"a": [1, 2]}]),
        ("{a: 1, 'b': undefined}", [{"a": 1, "b": None}]),
        ("{'a': 1}{'b': 2}", [{"a": 1}, {"b": 2}]),
        ('{"a": 1 // one\n}', [{"a": 1}]),
        ('{"a": """x = "1"\ny""",}', [{"a": 'x = "1"\ny'}]),
        ("{'url': 'http://x # y'}", [{"url": "http://x # y"}]),
        ('{"a": ', [None]),
        ("{'a': 'b", [None]),
        ('{"a": tru', [None]),
        ('{"a": 1,', [None]),
        ("```json\n{'a': 1\n```", [None]),
        ("{'a': '" + '\\"' * 100_000, [None]),
        ('{"a": 1} and so on', [None]),
        ('{"a": 1}{"a": ', [None]),
        ("[1]", [None]),
        ("7", [None]),
        ('"run"', [None]),
        ("run the cell", [None]),
        ('{"a": NaN}', [None]),
        ('{"a": -Infinity}', [None]),
        ("[" * 100_000, [None]),
        ('{"a":' * 100_000, [None]),
    ],
)
def test_arguments_are_read(raw: str, values: list[object]) -> None:
    assert [arguments.value for arguments in read_arguments(raw)] == values


def test_arguments_that_cannot_be_read_are_kept_as_they_came() -> None:
    assert read_arguments(' {"a": ')[0].raw == ' {"a": '


@pytest.mark.parametrize(
    ("raw", "complete"), [('{"a": 1}', True), ("{}", True), ("", False), ("null", False), ('{"a": ', False)]
)
def test_only_a_whole_object_is_complete(raw: str, complete: bool) -> None:
    assert is_complete(raw) is complete
