"""`make mutants` takes minutes; here is only checked that each line it breaks is where the list says."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mutant_list import MUTANTS, Mutant

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_line_is_there_once_and_so_are_its_tests(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.line) == 1
    assert (ROOT / mutant.tests).is_file() and mutant.becomes != mutant.line
