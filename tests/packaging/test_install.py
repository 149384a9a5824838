"""The wheel in an environment that has JupyterLab 4 and Notebook 7: there, working, in nobody's way, and gone again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from msgspec import Struct

from .environment import Environment
from .habits import Habits, habits_of
from .test_dependencies import declared

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

OWN = "jupyter-collaborative-copilot"
KERNEL_VARIABLES = {"JUPYTER_COPILOT_URL", "JUPYTER_COPILOT_TOKEN"}

ASK_FOR_DEMO = "from jupyter_copilot.cli.main import main; print(main(['demo']))"


class Story(Struct):
    """One environment before the wheel came, with it, with the namesake beside it, and after it was uninstalled."""

    before: Habits
    files_before: set[str]
    with_it: Habits
    server_extensions: str
    labextensions: str
    version: str
    without_demo: str
    with_demo: str
    log: list[str]
    files_after: set[str]
    extensions_after: str


@pytest.fixture(scope="module")
def story(wheel: Path, demo_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("install")
    place = Environment(root=folder / "venv", home=folder / "home").create()
    assert shutil.which("node", path=str(place.root / "bin")) is None
    # Modules of others are compiled when they are first imported: to compile all takes longer than to install them.
    place.pip(
        "install", "-q", "--no-compile", "jupyterlab>=4.4,<5", "notebook>=7.4,<8", "ipykernel", *sorted(declared())
    )
    before, files_before = habits_of(place), place.files()

    # Without an index: what the wheel declares is all that it needs.
    place.pip("install", "-q", "--no-index", wheel)
    with_it = habits_of(place)
    server_extensions = place.run("jupyter", "server", "extension", "list")
    labextensions = place.run("jupyter", "labextension", "list")
    version = place.run("jupyter", "copilot", "--version")
    without_demo = place.run("python", "-c", ASK_FOR_DEMO)
    place.pip("install", "-q", "--no-index", "--no-deps", demo_wheel)
    with_demo = place.run("python", "-c", "import jupyter_copilot.demo.lab")
    place.pip("uninstall", "-q", "-y", f"{OWN}-demo")
    place.pip("install", "-q", "--no-index", namesake(folder))
    with place.server() as server:
        server.ask("GET", "api/copilot/status")
    place.pip("uninstall", "-q", "-y", "jupyter-copilot")

    place.pip("uninstall", "-q", "-y", OWN)
    return Story(
        before=before,
        files_before=files_before,
        with_it=with_it,
        server_extensions=server_extensions,
        labextensions=labextensions,
        version=version,
        without_demo=without_demo,
        with_demo=with_demo,
        log=server.log,
        files_after=place.files(),
        extensions_after=place.run("jupyter", "server", "extension", "list")
        + place.run("jupyter", "labextension", "list"),
    )


def namesake(folder: Path) -> Path:
    """A distribution with the name of the unrelated one."""
    made = folder / "jupyter_copilot-0.1.5-py3-none-any.whl"
    info = "jupyter_copilot-0.1.5.dist-info"
    with ZipFile(made, "w") as archive:
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: jupyter-copilot\nVersion: 0.1.5\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return made


def test_both_lists_of_extensions_say_that_it_is_enabled_and_well(story: Story) -> None:
    assert re.search(r"jupyter_copilot\S* .*enabled", story.server_extensions)
    assert re.search(r"jupyter_copilot\S* .*OK", story.server_extensions)
    assert re.search(rf"{OWN} .*enabled.*OK", story.labextensions)


def test_the_command_line_is_there(story: Story) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", story.version.strip())


def test_the_demo_is_not_there_until_its_own_wheel_is(story: Story) -> None:
    assert re.search(rf"The demo needs {OWN}-demo\b.*pip install '{OWN}\[demo\]'.*^1$", story.without_demo, re.S | re.M)
    assert story.with_demo == ""


def test_a_notebook_is_saved_byte_for_byte_as_before(story: Story) -> None:
    assert story.with_it.saved == story.before.saved


def test_a_cell_runs_as_before(story: Story) -> None:
    assert {kind for kind, _ in story.before.executed} == {"status", "execute_input", "stream", "execute_result"}
    assert story.with_it.executed == story.before.executed


def test_a_console_starts_with_our_two_variables_and_nothing_else_new(story: Story) -> None:
    before, after = story.before.console_environment, story.with_it.console_environment
    assert after.keys() - before.keys() == KERNEL_VARIABLES
    assert {name: value for name, value in after.items() if name not in KERNEL_VARIABLES} == before


def test_kernels_and_other_extensions_are_as_before(story: Story) -> None:
    assert story.with_it.kernelspecs == story.before.kernelspecs
    assert story.with_it.server_extensions == story.before.server_extensions
    assert story.with_it.labextensions == story.before.labextensions
    assert story.with_it.pages == story.before.pages


def test_the_namesake_is_one_clear_error_and_the_server_starts(story: Story) -> None:
    (said,) = [line for line in story.log if "import package" in line]
    assert "jupyter-copilot 0.1.5" in said and OWN in said and "pip uninstall jupyter-copilot" in said
    assert not [line for line in story.log if "Traceback" in line]


def test_uninstalling_leaves_no_file_and_nothing_enabled(story: Story) -> None:
    assert story.files_after == story.files_before
    assert "copilot" not in story.extensions_after
