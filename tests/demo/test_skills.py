"""Each skill against real tools, on a notebook whose cells really run."""

from __future__ import annotations

import pytest

from jupyter_copilot.demo.outcome import Call
from tests.demo.stage import Stage


async def test_the_notebook_is_explained_cell_by_cell_with_its_error(penguins: Stage) -> None:
    await penguins.run_all()
    said = await penguins.ask("Explain what this notebook does")
    assert penguins.called == [["read_notebook"]]
    assert said.startswith("**Penguins**: 6 cells, 5 of them code.")
    assert "**Cell 3** reads `'penguins.csv'` into `df` and shows the first rows of `df`." in said
    assert "**Cell 4** computes the mean of `flipper_length_mm` and `body_mass_g` by `species`." in said
    assert "It fails with `KeyError`." in said
    assert "fix cell 6" in said


async def test_a_cell_is_explained_with_the_data_that_it_uses_read_in_the_same_step(penguins: Stage) -> None:
    await penguins.run_all()
    said = await penguins.ask("What does cell 6 do?")
    assert penguins.called == [["read_notebook", "inspect_variables"], ["read_cell", "inspect_variable"]]
    assert "It draws a histogram of `flipper_length` of `df`." in said
    assert "`df` is a data frame of 344 rows and 8 columns." in said
    assert "`KeyError: 'flipper_length'`" in said


async def test_the_cell_that_the_asker_is_in_is_meant_when_no_number_is_said(penguins: Stage) -> None:
    said = await penguins.ask("explain this cell", "The cell that the asker is in:\n\n~~~cell_id\ncode-3\n~~~")
    assert said.startswith("**Cell 4**")


async def test_a_cell_that_does_not_exist_is_asked_back(penguins: Stage) -> None:
    assert "Which cell do you mean? There are cells 1 to 6" in await penguins.ask("explain cell 40")


async def test_a_data_frame_is_summarised_from_the_kernel(penguins: Stage) -> None:
    await penguins.run_all()
    said = await penguins.ask("Summarise df")
    assert penguins.called == [["read_notebook", "inspect_variables"], ["inspect_variable"]]
    assert "`df` has 344 rows and 8 columns: 5 with numbers, 3 with categories." in said
    assert "| `sex` | str | 11 |" in said or "| `sex` | object | 11 |" in said


async def test_what_has_not_run_yet_runs_first_once_people_agree(penguins: Stage) -> None:
    said = await penguins.ask("Summarise the data")
    assert penguins.call("run_cells").args == {"cell_ids": ["code-1", "code-2"]}
    assert "344 rows" in said


async def test_nothing_is_summarised_when_people_do_not_let_it_run(penguins: Stage) -> None:
    penguins.decide = lambda call: "Bob denied this." if call.name == "run_cells" else None
    assert "I found no data frame" in await penguins.ask("Summarise the data")


async def test_a_column_is_plotted_by_another_and_the_figures_are_told(penguins: Stage) -> None:
    await penguins.run_all()
    said = await penguins.ask("Plot flipper length by species")
    call = penguins.call("insert_and_run")
    assert call.args["after"] == "code-5"
    assert call.args["source"].splitlines()[1] == (
        'groups = df.dropna(subset="flipper_length_mm").groupby("species")["flipper_length_mm"]'
    )
    assert said == (
        "Three groups, with Gentoo clearly apart: mean flipper length 217.2 mm against 195.8 (Chinstrap) and "
        "190.0 (Adelie)."
    )


@pytest.mark.parametrize(
    ("request_", "parts", "comment"),
    [
        ("plot `body_mass_g`", ['df["body_mass_g"]'], "342 values from 2700 to 6300, on average 4201.8."),
        ("histogram of the mass", ['df["body_mass_g"]'], "2 rows have no value."),
        ("draw the fliper lenghts", ['df["flipper_length_mm"]'], "342 values from 172 to 231"),
        ("plot species", ['df["species"].value_counts()', "plot.bar"], "Adelie is the most frequent, with 152 of 344"),
        ("plot body mass against flipper length", ["scatter", 'rows["flipper_length_mm"]'], "correlation is 0.87"),
        ("scatter bill length vs bill depth by species", ["scatter", 'groupby("species")'], "correlation is -0.24"),
        ("plot species by island", ['df.value_counts(["species", "island"]).unstack()'], "Done: the counts"),
    ],
)
async def test_each_kind_of_column_gets_its_kind_of_plot(
    penguins: Stage, request_: str, parts: list[str], comment: str
) -> None:
    await penguins.run_all()
    said = await penguins.ask(request_)
    source = penguins.call("insert_and_run").args["source"]
    assert [part for part in parts if part.replace("rows[", "df[") not in source.replace("rows[", "df[")] == []
    assert comment in said


async def test_a_follow_up_keeps_the_column_and_changes_the_groups(penguins: Stage) -> None:
    await penguins.run_all()
    await penguins.ask("Plot flipper length by species")
    await penguins.ask("now by island")
    source = penguins.call("insert_and_run").args["source"]
    assert 'groupby("island")' in source and '"flipper_length_mm"' in source


async def test_a_word_that_fits_two_columns_is_asked_about_with_a_form(penguins: Stage) -> None:
    await penguins.run_all()
    penguins.decide = lambda call: (
        'Alice chose “Answer”. {"column":"bill_length_mm"}' if call.name == "ask_user" else None
    )
    await penguins.ask("plot the length")
    form = penguins.call("ask_user").args["schema"]["properties"]
    assert form["column"]["enum"] == ["bill_length_mm", "flipper_length_mm"]
    assert 'df["bill_length_mm"]' in penguins.call("insert_and_run").args["source"]


async def test_an_unknown_column_is_answered_with_those_that_exist(penguins: Stage) -> None:
    await penguins.run_all()
    said = await penguins.ask("plot the wingspan")
    assert "`flipper_length_mm`" in said and said.endswith("Which of them shall I plot?")


async def test_headings_are_one_change_that_touches_no_code(penguins: Stage) -> None:
    said = await penguins.ask("Add headings to this notebook")
    changes = penguins.call("edit_notebook").args["changes"]
    assert [(change["action"], change["source"], change["after"]) for change in changes] == [
        ("insert_cell", "## Set-up", "title"),
        ("insert_cell", "## Loading the data", "code-1"),
        ("insert_cell", "## Summary statistics", "code-2"),
        ("insert_cell", "## Plots", "code-3"),
    ]
    assert said.startswith("Done.")
    assert [c.source for c in penguins.notebook.cells if c.cell_type == "markdown"][1:] == [
        change["source"] for change in changes
    ]
    assert "headings already" in await penguins.ask("Add headings to this notebook")


async def test_missing_values_are_treated_as_the_form_was_answered(penguins: Stage) -> None:
    await penguins.run_all()
    answer = '{"numbers":"Fill with the median per species","sex":"Keep, mark as unknown"}'
    penguins.decide = lambda call: f"Bob chose “Answer”. {answer}" if call.name == "ask_user" else None
    said = await penguins.ask("Clean the missing values")
    form = penguins.call("ask_user").args["schema"]
    assert list(form["properties"]) == ["numbers", "sex"]
    assert "`df_clean` is ready" in said
    frames = penguins.notebook.shell.user_ns
    assert frames["df_clean"].isna().sum().sum() == 0
    assert frames["df"].isna().sum().sum() == 19
    assert (frames["df_clean"]["sex"] == "unknown").sum() == 11


async def test_a_skipped_question_changes_nothing(penguins: Stage) -> None:
    await penguins.run_all()
    penguins.decide = lambda call: "Bob chose “Skip”." if call.name == "ask_user" else None
    assert "I leave the data as it is" in await penguins.ask("Clean the missing values")
    assert penguins.called[-1] == ["ask_user"]


async def test_one_cell_or_all_of_them_are_run(penguins: Stage) -> None:
    assert await penguins.ask("Run cell 2") == "Cell 2 ran without an error."
    assert "ended with `KeyError: 'flipper_length'`" in await penguins.ask("run all cells")
    assert penguins.call("run_cells").args["cell_ids"] == [f"code-{n}" for n in range(1, 6)]


async def test_what_it_cannot_do_is_said_with_what_it_can(penguins: Stage) -> None:
    said = await penguins.ask("Write me a poem on penguins")
    assert penguins.called == []
    assert "no language model" in said
    assert "Plot flipper length by species" in said
    assert "OPENAI_API_KEY" in said


async def test_a_denial_is_respected_and_its_reason_noted(penguins: Stage) -> None:
    await penguins.run_all()
    penguins.decide = lambda call: "Bob denied this: “not in this talk”" if call.name == "insert_and_run" else None
    said = await penguins.ask("Plot flipper length by species")
    assert "I leave it as it is" in said and "“not in this talk”" in said
    assert penguins.called[-1] == ["insert_and_run"]


async def test_arguments_that_a_person_changed_are_spoken_of(penguins: Stage) -> None:
    await penguins.run_all()

    def edited(call: Call) -> str | None:
        told = 'Bob approved this with other arguments: {"after":null,"source":"1"}.'
        return f"{told}\n~~~result\n1\n~~~" if call.name == "insert_and_run" else None

    penguins.decide = edited
    assert (await penguins.ask("Plot body mass")).startswith("Bob changed my proposal before it ran")


async def test_an_action_in_doubt_is_not_claimed_to_be_done(penguins: Stage) -> None:
    await penguins.run_all()
    penguins.decide = lambda call: (
        "It is not known whether this took effect. The server stopped." if call.name == "insert_and_run" else None
    )
    assert "I do not know whether" in await penguins.ask("Plot body mass")


async def test_a_tool_that_is_not_offered_is_said_to_be_missing(
    penguins: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.demo.stage.TOOLS", [])
    assert "I need the tool `read_notebook`, which is not offered here." in await penguins.ask("explain the notebook")


async def test_a_conversation_whose_beginning_was_cut_is_not_guessed_at(penguins: Stage) -> None:
    await penguins.run_all()
    await penguins.ask("Plot flipper length by species")
    del penguins.messages[-1], penguins.messages[2:5]
    assert penguins.next_step().text.startswith("I have lost the beginning of this task")


async def test_the_answer_depends_on_nothing_but_the_messages(penguins: Stage) -> None:
    await penguins.run_all()
    await penguins.ask("Plot flipper length by species")
    assert penguins.messages.pop() == {"role": "assistant", "content": penguins.said[-1].text}
    assert penguins.next_step() == penguins.next_step() == penguins.said[-1]
