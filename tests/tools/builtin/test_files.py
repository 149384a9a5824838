"""Files: only what Jupyter shows, only below the root, only text."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jupyter_copilot.testing import FakeNotebook
from jupyter_copilot.tools.builtin import served_files as served
from jupyter_copilot.tools.builtin.files import MAX_CHARS
from jupyter_copilot.tools.builtin.served_files import size_of

from ..bench import Bench, picture, stream


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "served"
    (root / "data").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "notes.txt").write_text("one\ntwo\nthree\n")
    (root / "data" / "birds.csv").write_text("species,mass\nGentoo,5000\n")
    (root / ".env").write_text("KEY=secret")
    (root / ".git" / "config").write_text("secret")
    (tmp_path / "outside.txt").write_text("secret")
    (tmp_path / "served-too").mkdir()
    (tmp_path / "served-too" / "x.txt").write_text("secret")
    return root


@pytest.fixture
def bench(root: Path) -> Bench:
    return Bench(FakeNotebook(), str(root))


async def test_a_file_is_read_with_its_line_numbers_told(bench: Bench) -> None:
    text = (await bench.call("read_file", path="notes.txt")).text
    assert text.startswith("notes.txt, lines 1 to 3 of 3:\n~~~file\n") and "\none\ntwo\nthree\n" in text
    assert (await bench.propose("read_file", path="notes.txt")).preview.title == "Read `notes.txt`"


@pytest.mark.parametrize("path", ["data/birds.csv", "/data/birds.csv", "./data/../data/birds.csv", "data//birds.csv"])
async def test_paths_begin_at_the_root(bench: Bench, path: str) -> None:
    assert "Gentoo,5000" in (await bench.call("read_file", path=path)).text


async def test_a_path_on_disk_below_the_root_is_understood(bench: Bench, root: Path) -> None:
    assert "Gentoo,5000" in (await bench.call("read_file", path=str(root / "data" / "birds.csv"))).text


async def test_a_part_of_a_file_says_how_to_go_on(bench: Bench) -> None:
    text = (await bench.call("read_file", path="notes.txt", start_line=2, limit=1)).text
    assert "lines 2 to 2 of 3:" in text and "\ntwo\n" in text and "three" not in text
    assert text.endswith("Call read_file with start_line=3 for the rest.")


async def test_a_long_file_is_read_in_parts_and_long_lines_are_cut(bench: Bench, root: Path) -> None:
    (root / "long.txt").write_text("\n".join(["y" * 100] * 5000))
    text = (await bench.call("read_file", path="long.txt", limit=100_000)).text
    assert len(text) < MAX_CHARS * 1.1 and "start_line=401" in text
    (root / "line.txt").write_text("x" * 1_000_000)
    assert len((await bench.call("read_file", path="line.txt")).text) < 3_000


async def test_beyond_the_end_there_is_nothing(bench: Bench) -> None:
    refused = await bench.refusal("read_file", path="notes.txt", start_line=9)
    assert str(refused) == "The file has 3 lines. Read from line 3 or before."


async def test_an_empty_file_says_so(bench: Bench, root: Path) -> None:
    (root / "empty.txt").touch()
    assert (await bench.call("read_file", path="empty.txt")).text == "It is empty."


@pytest.mark.parametrize(
    "path",
    ["../outside.txt", "data/../../outside.txt", "/../outside.txt", "../served-too/x.txt", "../../../../etc/passwd"],
)
@pytest.mark.parametrize("tool", ["read_file", "list_files"])
async def test_nothing_outside_of_the_root_is_read(bench: Bench, tool: str, path: str) -> None:
    refused = await bench.refusal(tool, path=path)
    assert "outside of the folder that this server serves" in refused.message and "secret" not in str(refused)


async def test_an_absolute_path_elsewhere_is_taken_as_below_the_root(bench: Bench, tmp_path: Path) -> None:
    refused = await bench.refusal("read_file", path=str(tmp_path / "outside.txt"))
    assert "There is no file" in refused.message


@pytest.mark.parametrize("path", [".env", ".git/config", ".git", "data/../.env", "./.env"])
async def test_hidden_files_are_not_read(bench: Bench, path: str) -> None:
    assert "Hidden files are not shown." in str(await bench.refusal("read_file", path=path))


@pytest.mark.parametrize("target", ["../outside.txt", ".env", "../served-too/x.txt", "/etc/passwd"])
async def test_a_link_leads_to_no_other_place(bench: Bench, root: Path, target: str) -> None:
    (root / "link.txt").symlink_to(target)
    await bench.refusal("read_file", path="link.txt")
    assert "link.txt" not in (await bench.call("list_files")).text


async def test_a_hidden_link_to_what_is_served_stays_hidden(bench: Bench, root: Path) -> None:
    (root / ".link.csv").symlink_to("data/birds.csv")
    assert "Hidden files are not shown." in str(await bench.refusal("read_file", path=".link.csv"))
    assert "link.csv" not in (await bench.call("list_files")).text


async def test_a_link_to_a_folder_outside_opens_nothing(bench: Bench, root: Path) -> None:
    (root / "door").symlink_to("..", target_is_directory=True)
    await bench.refusal("read_file", path="door/outside.txt")
    await bench.refusal("list_files", path="door")


async def test_a_link_to_what_is_served_is_followed(bench: Bench, root: Path) -> None:
    (root / "link.csv").symlink_to("data/birds.csv")
    assert "Gentoo,5000" in (await bench.call("read_file", path="link.csv")).text


async def test_a_circle_of_links_is_refused(bench: Bench, root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    await bench.refusal("read_file", path="a")


async def test_a_root_that_is_itself_a_link_or_hidden_is_served(tmp_path: Path, root: Path) -> None:
    (tmp_path / ".hidden").symlink_to(root, target_is_directory=True)
    bench = Bench(FakeNotebook(), str(tmp_path / ".hidden"))
    assert "one" in (await bench.call("read_file", path="notes.txt")).text


async def test_a_file_that_becomes_a_link_after_the_check_is_not_followed(
    bench: Bench, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = served.ServedFiles._find

    def overtaken(self: served.ServedFiles, path: str) -> Path:
        found = find(self, path)
        found.unlink()
        found.symlink_to(root.parent / "outside.txt")
        return found

    monkeypatch.setattr(served.ServedFiles, "_find", overtaken)
    assert "secret" not in str(await bench.refusal("read_file", path="notes.txt"))


async def test_a_pipe_does_not_hold_anything_up(bench: Bench, root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert "is not a regular file" in str(await bench.refusal("read_file", path="pipe"))


async def test_a_binary_file_is_named_not_shown(bench: Bench, root: Path) -> None:
    (root / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    refused = await bench.refusal("read_file", path="picture.png")
    assert refused.message == "picture.png is no text but image/png, 10 bytes."
    (root / "blob").write_bytes(b"a\x00b")
    assert "is no text but binary data" in (await bench.refusal("read_file", path="blob")).message


async def test_a_huge_file_is_not_read(bench: Bench, root: Path) -> None:
    with (root / "huge.csv").open("wb") as file:
        file.truncate(3 << 30)
    refused = await bench.refusal("read_file", path="huge.csv")
    assert str(refused) == (
        "huge.csv is too large (3.0 GB). Files up to 10 MB can be read; read a part of it with code in a cell."
    )


@pytest.mark.parametrize(("path", "told"), [("data", "is a folder. Use list_files."), ("note.txt", "mean notes.txt?")])
async def test_what_is_no_file_is_told_with_what_to_do(bench: Bench, path: str, told: str) -> None:
    assert told in str(await bench.refusal("read_file", path=path))


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
async def test_what_is_no_path_is_refused(bench: Bench, path: str) -> None:
    await bench.refusal("read_file", path=path)


async def test_a_notebook_is_read_as_text_with_its_outputs_in_short(bench: Bench, root: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "source": "draw()", "outputs": [stream("out\n"), picture("A" * 10_000)]},
    ]
    (root / "other.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    text = (await bench.call("read_file", path="other.ipynb")).text
    assert "# %% [markdown] cell 1\n# Title\ntext\n# %% [code] cell 2\ndraw()\n# %% [stdout of cell 2]\nout" in text
    assert "AAAA" not in text and "[image/png, 10 kB, not in this text]" in text


@pytest.mark.parametrize("content", ["no json", "{}", '{"cells": 3}', '{"cells": [1]}', "[" * 100_000])
async def test_what_is_no_notebook_is_shown_as_it_is(bench: Bench, root: Path, content: str) -> None:
    (root / "broken.ipynb").write_text(content)
    assert content[:100] in (await bench.call("read_file", path="broken.ipynb")).text


async def test_a_folder_is_listed_without_what_is_hidden(bench: Bench) -> None:
    text = (await bench.call("list_files")).text
    assert text.split("\n")[1:-1] == ["data/", "notes.txt  14 bytes"]
    assert "birds.csv  25 bytes" in (await bench.call("list_files", path="data")).text


async def test_a_very_full_folder_is_cut(bench: Bench, root: Path) -> None:
    for number in range(600):
        (root / "data" / f"{number:03}.txt").touch()
    assert "… 101 more" in (await bench.call("list_files", path="data")).text


async def test_an_empty_folder_says_so(bench: Bench, root: Path) -> None:
    (root / "empty").mkdir()
    assert (await bench.call("list_files", path="empty")).text == "The folder is empty."


async def test_a_file_is_no_folder(bench: Bench) -> None:
    assert "notes.txt is a file. Use read_file." in str(await bench.refusal("list_files", path="notes.txt"))


@pytest.mark.parametrize(("path", "title"), [("", "List the files"), ("data", "List the files in `data`")])
async def test_the_title_names_the_folder(bench: Bench, path: str, title: str) -> None:
    assert (await bench.propose("list_files", path=path)).preview.title == title


@pytest.mark.parametrize("root", ["", "/nowhere/at/all"])
async def test_a_server_without_files_of_its_own_says_so(root: str) -> None:
    bench = Bench(FakeNotebook(), root)
    assert "This server's files cannot be reached." in str(await bench.refusal("list_files"))


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 kB"), (34 << 10, "34 kB"), (5 << 30, "5.0 GB")],
)
def test_sizes_in_words(count: int, words: str) -> None:
    assert size_of(count) == words
