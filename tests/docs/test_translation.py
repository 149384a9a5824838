"""The German translation fits the sentences that the page says."""

from __future__ import annotations

import re

import pytest
from jupyterlab_server.translation_utils import get_installed_packages_locale

from scripts.messages import catalog, spoken

PLACE = re.compile(r"%\d")
LACK = 0.1
"""New sentences may wait a little for their translation: they are shown in English until then."""


def test_nearly_every_sentence_is_translated() -> None:
    said = spoken()
    missing = sorted(said.keys() - catalog("de_DE").keys())
    assert len(missing) <= LACK * len(said), missing


def test_each_translation_has_the_forms_and_the_places_of_its_sentence() -> None:
    said = spoken()
    wrong = [
        (sentence, forms)
        for sentence, forms in catalog("de_DE").items()
        if sentence in said
        and (
            len(forms) != said[sentence]
            or (len(forms) == 1 and sorted(PLACE.findall(forms[0])) != sorted(PLACE.findall(sentence)))
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("word", ["Konversation", "Thread", "Bestätigung"])
def test_one_thing_has_one_name(word: str) -> None:
    assert [forms for forms in catalog("de_DE").values() if any(word in form for form in forms)] == []


def test_jupyterlab_finds_it() -> None:
    found, trouble = get_installed_packages_locale("de_DE")
    assert trouble == ""
    assert found["jupyter_copilot"]["Approve"] == ["Genehmigen"]
