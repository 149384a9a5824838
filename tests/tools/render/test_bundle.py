"""What is told of rich outputs: their content, where their `text/plain` is only a name."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot.tools.render.bundle import best_text
from jupyter_copilot.tools.render.outputs import render_outputs

NAME = "<IPython.core.display.HTML object>"
FRAME = "   city   n\n0  Berlin 17"


def told(**data: Any) -> str:
    best = best_text({{"plain": "text/plain", "html": "text/html", "md": "text/markdown", "tex": "text/latex",
                       "json": "application/json", "svg": "image/svg+xml"}.get(key, key): value
                      for key, value in data.items()})  # fmt: skip
    return "" if best is None else best.text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"plain": "<IPython.core.display.Markdown object>", "md": "**Result:** mean 42.5"}, "**Result:** mean 42.5"),
        ({"plain": NAME, "html": "<table><tr><th>city</th><th>n</th></tr><tr><td>Berlin</td><td>17</td></tr></table>"},
         "city | n\nBerlin | 17"),
        ({"plain": "<IPython.core.display.JSON object>", "json": {"accuracy": 0.93}}, '{"accuracy": 0.93}'),
        ({"plain": "<IPython.core.display.Math object>", "tex": "$x^2 + y^2$"}, "$x^2 + y^2$"),
        ({"plain": "<__main__.Styled at 0x7f>", "html": ["<table><tr><td>Total</td>", "<td>1234</td></tr></table>"]},
         "Total | 1234"),
        ({"html": "<style>td {color: red}</style><p>One<br>two &amp; 3</p><script>four()</script>"}, "One\ntwo & 3"),
        ({"plain": FRAME, "html": "<table><tr><td>other</td></tr></table>"}, FRAME),
        ({"plain": "<Figure size 640x480 with 1 Axes>", "image/png": "AAAA"}, "<Figure size 640x480 with 1 Axes>"),
        ({"plain": NAME, "html": "<script>x</script>"}, NAME),
        ({"svg": "<svg><defs><text>no</text></defs><title>Plot</title><text>12</text><text>km</text></svg>"},
         "Plot\n12\nkm"),
        ({"plain": "IntSlider(value=7)", "application/vnd.jupyter.widget-view+json": {"model_id": "1"}},
         "IntSlider(value=7)"),
        ({"html": "<ul><li>a</li><li>b</li></ul><img alt='a cat' src='x.png'>"}, "- a\n- b\n[picture: a cat]"),
        ({"html": "<pre>a  b\n  c</pre>"}, "a  b\n  c"),
        ({"html": "<td>lone</td> <b>unclosed"}, "lone unclosed"),
    ],
)  # fmt: skip
def test_the_content_is_told(data: dict[str, Any], text: str) -> None:
    assert told(**data) == text


def test_a_table_in_a_table_stays_in_its_cell() -> None:
    inner = "<table><tr><td>1</td><td>2</td></tr></table>"
    assert "b" in told(html=f"<table><tr><td>a {inner}</td><td>b</td></tr></table>").splitlines()[-1]


def test_a_vega_chart_is_told_by_its_marks_channels_and_data() -> None:
    encoding = {"x": {"field": "month"}, "y": {"aggregate": "sum", "field": "mm"}}
    spec = {
        "title": "Rain",
        "layer": [{"mark": {"type": "bar"}, "encoding": encoding}],
        "datasets": {"data-1": [{"month": 1, "mm": 5}, {"month": 2, "mm": 7}]},
    }  # fmt: skip
    text = told(**{"plain": "<VegaLite 5 object>", "application/vnd.vegalite.v5+json": spec})
    # What Altair itself writes beside it names no more.
    assert text == told(**{"plain": "alt.LayerChart(...)", "application/vnd.vegalite.v5+json": spec})
    assert text == "Chart “Rain” (Vega).\nbar of x: month, y: sum(mm)\ndata: 2 rows of month, mm"


def test_a_plotly_figure_is_told_by_its_titles_and_traces() -> None:
    figure = {
        "layout": {"title": {"text": "Sales"}, "xaxis": {"title": {"text": "Year"}}},
        "data": [
            {"type": "bar", "name": "A", "x": [1, 2], "y": list(range(9))},
            {"type": "scatter", "y": {"bdata": "", "dtype": "f8"}},
        ],
    }  # fmt: skip
    text = told(**{"html": "<div><script>…</script></div>", "application/vnd.plotly.v1+json": figure})
    assert text.splitlines() == [
        "Chart “Sales” (Plotly).", "x: Year", "bar “A”: x = 1, 2; y = 0, 1, 2, 3, 4, … (9 values)",
        "scatter: y = numbers (f8, packed)",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [None, 3, [], {"data": 1}, {"layout": [], "data": [1]}, {"layer": 5, "encoding": 3}])
def test_damaged_charts_do_no_harm(value: Any) -> None:
    for mime in ("application/vnd.plotly.v1+json", "application/vnd.vegalite.v5+json", "application/json", "text/html"):
        best_text({mime: value})


def test_a_picture_within_html_is_no_base64() -> None:
    uri = "data:image/png;base64," + "A" * 3000
    output = {
        "output_type": "display_data",
        "data": {"text/plain": f"see {uri} here", "text/html": f"<img src='{uri}'>"},
    }
    text = render_outputs([output])
    assert "AAAA" not in text and "data:image/png;base64,⟨" in text


def test_a_page_of_megabytes_costs_little() -> None:
    assert "row" in told(html="<table>" + "<tr><td>row</td></tr>" * 500_000)


def test_the_colours_of_a_page_of_help_are_not_told() -> None:
    told = best_text({"text/plain": "\x1b[31mSignature:\x1b[39m len(obj, /)\n\x1b[31mType:\x1b[39m builtin"})
    assert told is not None and told.text == "Signature: len(obj, /)\nType: builtin"
