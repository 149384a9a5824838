"""The example notebook and its data: valid, run for real, small, and free of the machine that ran it."""

from __future__ import annotations

import re

import nbformat
import pytest

from .conftest import EXAMPLE


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    found: nbformat.NotebookNode = nbformat.read(EXAMPLE / "penguins.ipynb", as_version=4)
    nbformat.validate(found)
    return found


def test_its_cells_ran_in_order_and_only_the_last_one_fails(notebook: nbformat.NotebookNode) -> None:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    errors = {cell.id: output.ename for cell in code for output in cell.outputs if output.output_type == "error"}
    assert errors == {code[-1].id: "KeyError"}


def test_its_stored_error_is_the_one_that_its_code_raises(notebook: nbformat.NotebookNode) -> None:
    (error,) = [output for output in notebook.cells[-1].outputs if output.output_type == "error"]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    assert '----> 1 df["flipper_length"].hist(bins=20)' in plain
    assert plain.rstrip().endswith("KeyError: 'flipper_length'")


def test_it_is_small_and_tells_nothing_of_the_machine_that_ran_it() -> None:
    text = (EXAMPLE / "penguins.ipynb").read_text()
    assert len(text) < 100_000
    assert re.findall(r"/(?:home|root|usr|work|opt|Users|tmp)/[\w.]+", text) == []


def test_its_data_is_whole_and_its_source_and_licence_are_named() -> None:
    lines = (EXAMPLE / "penguins.csv").read_text().splitlines()
    assert len(lines) == 345
    assert lines[0] == "species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year"
    words = (EXAMPLE / "DATA.md").read_text()
    assert "CC0" in words and "Gorman" in words and "palmerpenguins" in words
