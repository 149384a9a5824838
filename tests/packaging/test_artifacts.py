"""What the sdist and the wheel hold."""

from __future__ import annotations

import json
import tarfile
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest

from jupyter_copilot import __version__

from .conftest import ROOT

pytestmark = [pytest.mark.slow]

OWN_CODE_KB, STYLES_KB = 330, 51
"""What of ours a page may load at most, lazy parts included; `npm run sizes` in labextension/ tells of each module."""
BUNDLE = "share/jupyter/labextensions/jupyter-collaborative-copilot/"


DEMO = "jupyter_copilot/demo/"


def sources() -> set[str]:
    """The files of the package in this working tree, without what is built."""
    built = {"__pycache__", "labextension", ".ipynb_checkpoints"}
    files = (path for path in (ROOT / "jupyter_copilot").rglob("*") if path.is_file() and not built & set(path.parts))
    return {path.relative_to(ROOT).as_posix() for path in files}


@pytest.fixture
def names(wheel: Path) -> list[str]:
    """The files in the wheel; those that go to share/ and etc/ without the prefix they have in it."""
    with ZipFile(wheel) as archive:
        return [name.partition(".data/data/")[2] or name for name in archive.namelist()]


def test_the_sdist_holds_sources_tests_docs_and_the_built_bundle(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "docs/index.md", "tests/conftest.py"} <= names
    assert {"labextension/src/index.ts", "labextension/package-lock.json"} <= names
    assert "jupyter_copilot/labextension/package.json" in names
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name]


def test_the_wheel_brings_the_sidebar_and_enables_the_server_extension(names: list[str], wheel: Path) -> None:
    assert {BUNDLE + "package.json", BUNDLE + "install.json", BUNDLE + "static/style.js"} <= set(names)
    assert any(name.startswith(BUNDLE + "static/remoteEntry.") for name in names)
    schemas = {path.name for path in (ROOT / "labextension" / "schema").glob("*.json")}
    assert schemas <= {Path(name).name for name in names if name.startswith(BUNDLE + "schemas/")}
    (config,) = [name for name in names if name.startswith("etc/")]
    assert config == "etc/jupyter/jupyter_server_config.d/jupyter_collaborative_copilot.json"
    with ZipFile(wheel) as archive:
        (stored,) = [name for name in archive.namelist() if name.endswith(config)]
        enabled = json.loads(archive.read(stored))["ServerApp"]["jpserver_extensions"]
    assert enabled == {"jupyter_copilot": True}


def test_our_own_code_in_the_front_end_keeps_to_its_budget(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        sizes = {
            Path(entry.filename).name: entry.file_size
            for entry in archive.infolist()
            if f"{BUNDLE}static/" in entry.filename and entry.filename.endswith(".js")
        }
    ours = {name: size for name, size in sizes.items() if not name.startswith(("others.", "remoteEntry."))}
    assert len(sizes) - len(ours) == 2, "the libraries of others are in a file of their own, see webpack.config.cjs"
    (styles,) = [size for name, size in ours.items() if name.startswith("styles.")]
    assert sum(ours.values()) - styles < OWN_CODE_KB * 1000, sizes
    assert styles < STYLES_KB * 1000, sizes


def test_the_wheel_holds_every_file_of_the_package_once(names: list[str]) -> None:
    expected = {name for name in sources() if not name.startswith(DEMO)}
    assert sorted(name for name in names if name.startswith("jupyter_copilot/")) == sorted(expected)
    assert "jupyter_copilot/py.typed" in expected
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_demo_is_a_wheel_of_its_own_for_this_version(demo_wheel: Path) -> None:
    with ZipFile(demo_wheel) as archive:
        held = archive.namelist()
        (info,) = [name for name in held if name.endswith(".dist-info/METADATA")]
        about = message_from_string(archive.read(info).decode())
    assert sorted(name for name in held if ".dist-info/" not in name) == sorted(
        name for name in sources() if name.startswith(DEMO)
    )
    assert f"{DEMO}example/penguins.csv" in held
    assert about["Version"] == __version__
    assert about.get_all("Requires-Dist") == [f"jupyter-collaborative-copilot[lab]=={__version__}"]


def test_the_wheel_names_its_extras_licence_and_command(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (info,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        about = message_from_string(archive.read(info).decode())
        points = archive.read(info.replace("METADATA", "entry_points.txt")).decode()
    assert {"rtc", "lab", "demo", "test", "docs"} <= set(about.get_all("Provides-Extra", []))
    assert f"jupyter-collaborative-copilot-demo=={__version__}; extra == 'demo'" in about.get_all("Requires-Dist", [])
    assert (about["License-Expression"], about["Requires-Python"]) == ("BSD-3-Clause", ">=3.10")
    assert "jupyter-copilot = jupyter_copilot.cli.main:main" in points
