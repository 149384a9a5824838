"""The Binder demo: what repo2docker makes of the folder, and its scripts run for real in a fresh environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from ..processes import living

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of what a clone of this repository holds."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    clone = tmp_path / "clone"
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    return clone


def link(source: str, target: str) -> None:
    """Link a file, or copy it where it is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def environment(folder: Path) -> dict[str, str]:
    """The environment of a shell in which a new virtual environment is active, with a new pip and without any model.

    Modules are compiled when they are first imported: to compile all of them takes longer than to install them.
    """
    venv.create(folder)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(folder / "bin" / "python"),
        "install",
        "-q",
        "--no-compile",
        "pip",
    ]
    subprocess.run(pip, check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "JUPYTER"))}
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "VIRTUAL_ENV": str(folder), "PIP_NO_COMPILE": "1"}


@pytest.mark.timeout(300)
def test_repo2docker_finds_every_part(repository: Path, tmp_path: Path) -> None:
    shell = environment(tmp_path / "tool")
    subprocess.run(["python", "-m", "pip", "install", "-q", "jupyter-repo2docker"], env=shell, check=True)
    done = subprocess.run(
        [tmp_path / "tool" / "bin" / "jupyter-repo2docker", "--no-build", "--debug", str(repository)],
        env=shell,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    dockerfile = done.stdout + done.stderr
    assert "Building conda environment for python=3.11" in dockerfile
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"' in dockerfile
    assert "RUN ./binder/postBuild" in dockerfile
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile


@pytest.mark.parametrize("script", ["postBuild", "start"])
def test_the_scripts_are_executable_and_hand_over(script: str) -> None:
    path = ROOT / "binder" / script
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", path], check=True)
    assert script != "start" or path.read_text().rstrip().endswith('exec "$@"')


@pytest.mark.timeout(900)
def test_post_build_and_start_make_the_demo_in_a_fresh_environment(repository: Path, tmp_path: Path) -> None:
    shell = {**environment(tmp_path / "fresh"), "HOME": str(repository), "HATCH_JUPYTER_BUILDER_SKIP_NPM": ""}
    # npm finds what it needs already there: to unpack 35,000 files once more shows nothing.
    packages = Path("labextension") / "node_modules"
    shutil.copytree(ROOT / packages, repository / packages, symlinks=True, copy_function=link)
    subprocess.run([repository / "binder" / "postBuild"], cwd=repository, env=shell, check=True, timeout=800)
    extensions = subprocess.run(
        ["jupyter", "labextension", "list"], env=shell, capture_output=True, text=True, check=True
    ).stderr
    assert re.search(r"jupyter-collaborative-copilot .*enabled.*OK", extensions)
    starts_and_serves(repository, shell)


@pytest.mark.crash
def test_start_makes_the_demo_in_this_environment(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    starts_and_serves(tmp_path, {**os.environ, "PATH": path, "HOME": str(tmp_path)})


def starts_and_serves(home: Path, shell: dict[str, str]) -> None:
    """Start a server as Binder does, look at what a visitor gets, and end it."""
    server = "jupyter lab --no-browser --allow-root --ip=127.0.0.1 --port=0 --IdentityProvider.token=secret"
    process = subprocess.Popen(
        [ROOT / "binder" / "start", *server.split()], cwd=home, env=shell, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        url = next(found[0] for line in process.stderr if (found := re.search(r"http://127.0.0.1:\d+/", line)))
        model = get(url, "api/copilot/models")["models"][0]
        assert (model["name"], model["demo"]) == ("demo", True)
        assert get(url, "api/contents/demo/penguins.ipynb")["type"] == "notebook"
        page = get_text(url, "lab/tree/demo/penguins.ipynb")
        assert "jupyter-collaborative-copilot" in page and "@jupyter/docprovider-extension" in page
        workspace = get(url, "lab/api/workspaces/default")["data"]["layout-restorer:data"]
        assert workspace["right"]["current"] == "copilot-panel" and not workspace["right"]["collapsed"]
        own = psutil.Process(process.pid)
        family = [own, *own.children(recursive=True)]
        assert any("jupyter_copilot.demo" in each.cmdline() for each in family)
        process.send_signal(signal.SIGTERM)
        assert living(family, 30) == []
    finally:
        process.kill()
        process.communicate()


def get_text(url: str, path: str) -> str:
    # Jupyter prints its address a moment before it listens.
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(connect=12, backoff_factor=0.05)))
        answer = session.get(url + path, headers={"Authorization": "token secret"}, timeout=30)
    answer.raise_for_status()
    return answer.text


def get(url: str, path: str) -> Any:
    return json.loads(get_text(url, path))
