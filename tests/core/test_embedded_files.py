"""Files embedded in a text, and characters that cannot be seen: told in short, and never lost by it."""

from __future__ import annotations

import pytest

from jupyter_copilot.core.embedded_files import folded, pictures_in, unfolded

URI = "data:image/png;base64," + "iVBORw0KGgo" * 40
OTHER = "data:application/octet-stream;name=x;base64," + "QUJD" * 400


@pytest.mark.parametrize(
    "text",
    [
        "plain\n\ttext\r\n",
        f"![p]({URI}) and ![q]({OTHER})",
        "s = 'a\x00b c\x1b[31m'",
        f"{URI}\x7f{URI}",
        "already ⟨U+0000⟩ and \x00",
        "lone \ud800 surrogate",
    ],
)
def test_what_is_folded_comes_back_in_an_edit(text: str) -> None:
    if "already" not in text:
        assert unfolded(folded(text), text) == text
    assert unfolded(f"# new\n{folded(text)}", text).startswith("# new\n")


def test_marks_are_short_and_say_what_they_stand_for() -> None:
    mark = folded(f"![p]({URI})")
    assert len(mark) < 70 and mark.startswith("![p](data:image/png;base64,⟨") and mark.endswith(" characters⟩)")
    assert folded("a\x00b\x1b[31m\x9f") == "a⟨U+0000⟩b⟨U+001B⟩[31m⟨U+009F⟩"
    assert folded("data:image/png;base64,AAAA") == "data:image/png;base64,AAAA"


def test_a_mark_that_people_wrote_is_left_as_it_is() -> None:
    assert unfolded("print('⟨U+0000⟩')", "print('⟨U+0000⟩')\x00") == "print('⟨U+0000⟩')"


def test_only_pictures_are_pictures() -> None:
    assert [picture.mime for picture in pictures_in(f"{URI} {OTHER}")] == ["image/png"]
