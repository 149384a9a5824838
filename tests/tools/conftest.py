"""The bench that most tests of tools begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .bench import Bench, bench_of, code, failure, markdown, picture, stream


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = bench_of(
        [
            markdown("intro", "# Penguins"),
            code("load", "df = load()\nx = 1\ny = 1", stream("loaded\n")),
            code("plot", "df['flipper'].hist()", failure("\x1b[31mTraceback\x1b[0m", "KeyError: 'x'")),
            code("figure", "ax = draw()", picture()),
        ]
    )
    yield made
    made.notebook.verify()
