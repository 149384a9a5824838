"""What the pages point at exists: files, headings, commands, targets, settings; and they build without a warning."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_copilot.cli.main import COMMANDS
from jupyter_copilot.server.app import CopilotApp

from .pages import DOCS, ROOT, anchors, blocks, code, links, named, pages

RUN_BY = {
    "docs/admin.md": "tests/docs/test_examples.py",
    "docs/agents.md": "tests/docs/test_agents_page.py",
    "docs/completion.md": "tests/docs/test_examples.py",
    "docs/model-servers.md": "tests/docs/test_examples.py",
    "docs/models.md": "tests/docs/test_examples.py",
    "docs/write-a-client.md": "tests/docs/test_examples.py",
    "docs/extend-the-sidebar.md": "tests/browser/test_third_party.py",
    "docs/hub.md": "tests/hub/config.py",
    "docs/kernel.md": "tests/docs/test_kernel_page.py",
    "docs/tools.md": "tests/tools/test_docs.py",
}
"""The pages with Python code, and the test that runs it."""

each_page = pytest.mark.parametrize("page", pages(), ids=named)


@each_page
def test_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    broken = [
        f"{target}#{anchor}"
        for target, anchor in links(page)
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target))
    ]
    assert broken == []


@each_page
def test_commands_exist(page: Path) -> None:
    said = re.findall(r"\bjupyter copilot ((?:[a-z]+)(?: \| [a-z]+)*)", code(page))
    names = {name for group in said for name in group.split(" | ")}
    assert names <= {command.name for command in COMMANDS}


@each_page
def test_make_targets_exist(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"^make ([a-z-]+)", code(page), re.MULTILINE)) <= set(targets)


@each_page
def test_settings_exist(page: Path) -> None:
    settings = set(CopilotApp.class_traits(config=True))
    assert set(re.findall(r"CopilotApp\.(\w+)", code(page))) <= settings


def test_the_table_of_settings_names_settings_with_their_defaults() -> None:
    traits = CopilotApp.class_traits(config=True)
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([^|]+) \|", (DOCS / "admin.md").read_text(), re.MULTILINE)
    assert len(rows) > 5
    for names, said in rows:
        defaults = [traits[name].default() for name in re.findall(r"\w+", names)]
        if re.match(r"[\d`]", said):
            assert [str(float(default or 0)) for default in defaults] == [number(part) for part in said.split(", ")], (
                names
            )
        else:
            assert not any(defaults), names


def number(text: str) -> str:
    """A default as the table writes it, as the number that it is."""
    return str(float({"`False`": "0", "`True`": "1"}.get(text, text.replace(",", ""))))


def test_every_page_with_python_code_is_run_by_a_test() -> None:
    with_code = {named(page) for page in pages() if blocks(page, "python")}
    assert with_code - set(RUN_BY) == set()
    assert [page for page in with_code if not (ROOT / RUN_BY[page]).exists()] == []


@pytest.mark.slow
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    build: list[str | Path] = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-b",
        "html",
        "-d",
        tmp_path / "trees",
    ]
    done = subprocess.run([*build, DOCS, tmp_path / "html"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "index.html").exists()
