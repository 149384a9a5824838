"""What the sidebar itself offers to ask: each of its examples, buttons and slash commands is understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_copilot.demo.skills.tidy import tidied

from .stage import Stage


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("Explain what this notebook does", "It goes like this:"),
        ("Summarise what this notebook does and finds.", "It goes like this:"),
        ("Find mistakes in this notebook", "I found 1 thing:"),
        ("Add headings and short explanations", "Done."),
        ("Fix the error in cell 6", "Cell 6 works now."),
        ("Explain the error in cell 6.", "There is no column `flipper_length`"),
        ("Plot the columns of `df`", "Done: histograms of the 5 columns with numbers."),
        ("Which values are missing in `df`?", "| `sex` | 11 | 3.2% |"),
        ("Explain what you can do here", "I am the **demo model**"),
        ("Draw a sine wave", "There it is."),
        ("Load a CSV file and show its first rows", "`penguins` is loaded."),
    ],
)
async def test_an_example_of_the_sidebar_is_understood(penguins: Stage, request_: str, answer: str) -> None:
    await penguins.run_all()
    assert answer in await penguins.ask(request_)


async def test_explaining_an_error_changes_and_runs_nothing(penguins: Stage) -> None:
    await penguins.run_all()
    said = await penguins.ask("Explain the error in cell 6.")
    assert penguins.called == [["read_notebook", "inspect_variables"], ["read_cell", "inspect_variable"]]
    assert "such as a column that is called otherwise" in said
    assert 'It happens in line 1: `df["flipper_length"].hist(bins=20)`.' in said


async def test_headings_come_with_explanations_when_asked_for(penguins: Stage) -> None:
    await penguins.ask("Add headings and short explanations")
    sources = [change["source"] for change in penguins.call("edit_notebook").args["changes"]]
    assert "## Loading the data\n\nThis reads `'penguins.csv'` into `df` and shows the first rows of `df`." in sources


async def test_a_plot_goes_below_the_cells_that_load_its_data(penguins: Stage) -> None:
    await penguins.run_all()
    at_the_top = "The cell that the asker is in:\n\n~~~cell_id\ntitle\n~~~"
    below = at_the_top.replace("title", "code-3")
    await penguins.ask("Plot body mass", at_the_top)
    assert penguins.call("insert_and_run").args["after"] == "code-5"
    await penguins.ask("Plot body mass", below)
    assert penguins.call("insert_and_run").args["after"] == "code-3"


async def test_without_a_column_people_are_asked_for_one(penguins: Stage) -> None:
    await penguins.run_all()
    penguins.decide = lambda call: 'Bob chose “Answer”. {"column":"sex"}' if call.name == "ask_user" else None
    assert "is the most frequent" in await penguins.ask("Plot")
    assert len(penguins.call("ask_user").args["schema"]["properties"]["column"]["enum"]) == 8


async def test_of_several_files_people_choose_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.csv", "b c.csv"):
        (tmp_path / name).write_text("x,y\n1,2\n")
    monkeypatch.chdir(tmp_path)
    stage = Stage(root=str(tmp_path))
    stage.decide = lambda call: 'Bob chose “Answer”. {"file":"b c.csv"}' if call.name == "ask_user" else None
    assert "`df` is loaded." in await stage.ask("Load a CSV file and show its first rows")
    assert 'pd.read_csv("b c.csv")' in stage.source(2)


async def test_without_a_file_nothing_is_loaded(tmp_path: Path) -> None:
    assert "I see no CSV file here." in await Stage(root=str(tmp_path)).ask("load a csv file")


async def test_a_review_names_what_trips_the_next_person() -> None:
    stage = Stage("import os\nimport math", "print(later)", "later = math.pi", "1 +")
    await stage.notebook.run("code-3", "by-hand", lambda output: None, None)
    said = await stage.ask("Are there any mistakes here?")
    assert [line for line in said.splitlines() if line.startswith("- ")] == [
        "- **Cell 4** ends with `NameError: name 'math' is not defined`.",
        "- **Cell 5** is not valid Python.",
        "- **Cell 3** uses `later`, which only cell 4 defines.",
        "- **Cell 2** imports `os`, which nothing uses.",
    ]
    assert "fix cell 4" in said
    assert "I found nothing wrong" in await (await Stage("x = 1", "print(x)").run_all()).ask("find mistakes, please")


async def test_a_cell_is_tidied_without_running_it() -> None:
    stage = Stage("x=1\ny = [x,2 ,3]   \nprint( x,y )")
    assert "is tidy now" in await stage.ask("Tidy cell 2 without changing what it does.")
    assert stage.source(2) == "x = 1\ny = [x, 2, 3]\nprint( x, y )"
    assert "edit_cell" in stage.called[-1]
    assert "is tidy already" in await stage.ask("Tidy cell 2")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f(a,b=1)", "f(a, b=1)"),
        ("x  =  1", "x = 1"),
        ("a=b==c", "a = b == c"),
        ("s = 'a,b=c'", "s = 'a,b=c'"),
        ("x: int=1", "x: int = 1"),
        ("if x:\n\treturn_=1", "if x:\n    return_ = 1"),
        ("def f(a,b=-1):\n    return a[1:2],b", "def f(a, b=-1):\n    return a[1:2], b"),
        ('"""a,b\n  c=d"""', '"""a,b\n  c=d"""'),
        ("not python at all", "not python at all"),
        ("x=1 # why", "x = 1  # why"),
        ("a=1\n\n\n\nb=2", "a = 1\n\nb = 2"),
        ("f(*a,**b)", "f(*a, **b)"),
    ],
)
def test_tidying_changes_white_space_and_nothing_else(source: str, expected: str) -> None:
    assert tidied(source) == expected
