"""Pictures are sent as small as models see them."""

from __future__ import annotations

import base64
import io
import random
import sys

import pytest
from PIL import Image as Pillow

from jupyter_copilot.ports.notebook import Cell
from jupyter_copilot.protocol import Image
from jupyter_copilot.tools.render import scaling
from jupyter_copilot.tools.render.pictures import pictures_of
from jupyter_copilot.tools.render.scaling import MAX_SIDE, SMALL_CHARS, scaled

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}


def picture(width: int, height: int, mime: str = "image/png", mode: str = "RGB") -> Image:
    noise = Pillow.frombytes("L", (64, 64), random.Random(1).randbytes(64 * 64)).resize((width, height))
    file = io.BytesIO()
    noise.convert(mode).save(file, FORMATS[mime])
    return Image(mime=mime, data=base64.b64encode(file.getvalue()).decode(), name="a plot")


def size_of(image: Image) -> tuple[int, int]:
    return Pillow.open(io.BytesIO(base64.b64decode(image.data))).size


@pytest.mark.parametrize("mime", FORMATS)
def test_a_large_picture_is_scaled_to_what_models_see(mime: str) -> None:
    large = picture(1600, 800, mime)
    small = scaled(large)
    assert size_of(small) == (MAX_SIDE, MAX_SIDE // 2)
    assert len(small.data) < len(large.data) and small.name == "a plot"
    assert small.mime == (mime if mime in ("image/jpeg", "image/webp") else "image/png")
    assert Pillow.open(io.BytesIO(base64.b64decode(small.data))).format == FORMATS[small.mime]


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA"])
def test_pictures_of_every_mode_are_scaled(mode: str) -> None:
    large = picture(1500, 1500, mode=mode)
    assert size_of(scaled(large)) == (MAX_SIDE, MAX_SIDE)


def test_what_is_small_broken_or_huge_goes_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    small = picture(800, 600)
    broken = Image(mime="image/png", data=base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(SMALL_CHARS)).decode())
    large = picture(1602, 802)
    monkeypatch.setattr(scaling, "MAX_PIXELS", 1_000_000)
    assert [scaled(each) for each in (small, broken, large)] == [small, broken, large]


def test_without_pillow_pictures_go_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    large = picture(1601, 801)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert scaled(large) == large


def test_the_pictures_of_a_cell_are_those_that_are_sent() -> None:
    large = picture(1600, 800, "image/jpeg")
    output = {"output_type": "display_data", "metadata": {}, "data": {large.mime: large.data}}
    (told,) = pictures_of(Cell(cell_id="a", cell_type="code", source="", outputs=[output]))
    assert size_of(told) == (MAX_SIDE, MAX_SIDE // 2)
