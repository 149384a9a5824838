"""What the copilot never reads, wherever the root is: keys, tokens, Jupyter's own files, the copilot's store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_copilot.ports.files import FileRules
from jupyter_copilot.testing import FakeNotebook
from jupyter_copilot.tools.builtin.secret_files import is_secret_path

from ..bench import Bench

SECRETS = [
    ".env", ".env.local", "prod.env", "id_rsa", "id_ed25519", "ID_RSA", "id_rsa.bak", "deploy_rsa", "server.pem",
    "Server.PEM", "tls.key", "cert.p12", ".netrc", "_netrc", ".git-credentials", ".pgpass", ".npmrc", ".pypirc",
    "token", "tokens", "token.txt", "tokens.json", "github_token", "github-token.txt", "my token.txt", "hf.token",
    "credentials", "credentials.json", "aws_credentials", "client_secret_123.json", "service-account.json",
    "secrets.toml", "secrets.yaml", "passwords.txt", "api_key.txt", "openai-api-key", "kaggle.json", "kubeconfig",
    "vault.kdbx", "putty.ppk", "jpserver-123.json", "jpserver-123-open.html", "kernel-abc.json",
    "jupyter_cookie_secret", "jupyterhub_cookie_secret", "jupyter_server_config.json", "jupyter_server_config.py",
    "jupyterhub.sqlite", ".bash_history", ".python_history", "terraform.tfstate", "token.txt~", ".ssh/config",
    ".aws/config", ".git/config", "credentials.csv", "new_user_credentials.csv", "rootkey.csv",
    "accessKeys.csv", "openai_key.txt",
    "gcp-key.json", "my hf key", "github-pat.txt", "kube_config", "kubeconfig.yaml", "auth.json", "token.pickle",
    "secrets.json.gz", "id_rsa.zip", "terraform.tfstate.backup", ".databrickscfg", ".ipython/profile_default/x.sqlite",
    "secrets/db.txt", "backup/.ssh/known", "x/SECRETS/y.txt",
]  # fmt: skip
HARMLESS = [
    "birds.csv", "tokens.csv", "tokenizer.json", "tokenize.py", "environment.yml", "keyboard.txt", "key.csv",
    "notebook.ipynb", "id_rsa.pub", "secretary.txt", "passwords_study.csv", "elevation.asc", "config.yaml",
    "history.txt", "env.py", "monkeys.json", "credentials.py", "kernels.json", "answer_key.json",
    "primary-keys.csv", "google.csv", "pat.txt",
    "keys.npy", "hf_model.json", "data.csv.gz",
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "served").mkdir()
    return tmp_path / "served"


def bench(root: Path, **rules: object) -> Bench:
    made = Bench(FakeNotebook(), str(root))
    made.files = FileRules(**rules)  # type: ignore[arg-type]
    return made


def write(path: Path, text: str = "SECRET") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


async def is_closed(bench: Bench, path: str) -> bool:
    """Neither read, nor listed, whether hidden files are allowed or not."""
    refused = await bench.refusal("read_file", path=path)
    folder, _, name = path.rpartition("/")
    try:
        listed = (await bench.call("list_files", path=folder)).text
    except Exception as error:
        listed = str(error)
    return "SECRET" not in str(refused) and f"\n{name}  " not in listed and f"\n{name}/" not in listed


@pytest.mark.parametrize("allow_hidden", [False, True])
@pytest.mark.parametrize("path", SECRETS)
async def test_keys_and_tokens_are_not_read(root: Path, path: str, allow_hidden: bool) -> None:
    write(root / path)
    assert await is_closed(bench(root, allow_hidden=allow_hidden), path)


@pytest.mark.parametrize("path", HARMLESS)
async def test_what_only_sounds_like_it_is_read(root: Path, path: str) -> None:
    write(root / path, "plain")
    assert "plain" in (await bench(root).call("read_file", path=path)).text
    assert not is_secret_path((path,))


async def test_a_link_and_another_name_open_no_key(root: Path) -> None:
    write(root / "id_rsa")
    (root / "notes.txt").symlink_to("id_rsa")
    assert await is_closed(bench(root), "notes.txt")
    write(root / "renamed.txt", "SECRET\n-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n")
    assert "keys, passwords or tokens" in str(await bench(root).refusal("read_file", path="renamed.txt"))


KEYS = [
    "AKIA" + "Z7" * 8, "ghp_" + "a1B2" * 9, "github_pat_" + "a" * 70, "glpat-" + "x" * 20, "xoxb-" + "1" * 24,
    "sk-proj-" + "Ab1_" * 12, "sk-ant-api03-" + "a" * 60, "AIza" + "b" * 35, "hf_" + "c" * 34, "dapi" + "0f" * 16,
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:6])
async def test_a_key_of_a_known_service_is_not_read_whatever_the_file_is_called(root: Path, key: str) -> None:
    write(root / "setup.py", f"client = Client(key='{key}')\n")
    assert "keys, passwords or tokens" in str(await bench(root).refusal("read_file", path="setup.py"))


async def test_what_documentation_gives_for_a_key_is_read(root: Path) -> None:
    write(root / "readme.md", "AKIAIOSFODNN7EXAMPLE, sk-..., ghp_xxx, hf_model, sk-learn-is-a-library")
    assert "ghp_xxx" in (await bench(root).call("read_file", path="readme.md")).text


@pytest.mark.parametrize("where", [".", "jupyter", "jupyter/runtime", ".."])
async def test_jupyters_own_folders_are_closed_wherever_the_root_is(tmp_path: Path, where: str) -> None:
    home = tmp_path / "home"
    data = home / "jupyter"
    write(data / "runtime" / "server.txt")
    write(data / "notes" / "plain.txt")
    served = (home / where).resolve()
    closed = bench(served, closed=(str(data),), allow_hidden=True)
    for file in (data / "runtime" / "server.txt", data / "notes" / "plain.txt"):
        if file.is_relative_to(served):
            assert "Jupyter's own" in str(await closed.refusal("read_file", path=str(file.relative_to(served))))
    if where == ".":
        assert "jupyter" not in (await closed.call("list_files")).text


async def test_a_link_or_a_hard_link_into_them_opens_nothing(root: Path) -> None:
    secret = write(root / "runtime" / "server.txt")
    (root / "door").symlink_to("runtime", target_is_directory=True)
    os.link(secret, root / "plain.txt")
    os.link(write(root / "runtime" / "lab" / "deep" / "settings.txt"), root / "deep.txt")
    closed = bench(root, closed=(str(root / "runtime"),))
    assert await is_closed(closed, "door/server.txt") and await is_closed(closed, "runtime/server.txt")
    for name in ("plain.txt", "deep.txt"):
        assert "Jupyter's own" in str(await closed.refusal("read_file", path=name))


@pytest.mark.parametrize(
    "name", ["id_rsa", ".env", ".ssh/config", "deep/er/secrets/db.txt", "deep/.netrc", "x.tfstate"]
)
async def test_a_hard_link_to_a_key_opens_nothing(root: Path, name: str) -> None:
    os.link(write(root / name), root / "plain.txt")
    shown = bench(root, allow_hidden=True)
    assert "keys, passwords or tokens" in str(await shown.refusal("read_file", path="plain.txt"))
    await bench(root).refusal("read_file", path="plain.txt")


@pytest.mark.parametrize("name", [".pgpass", ".aws/config", ".ssh/deep/er/known", ".config/gh/hosts.yml"])
async def test_a_hard_link_to_a_key_in_the_home_directory_opens_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    os.link(write(tmp_path / "home" / name), root / "plain.txt")
    assert "keys, passwords or tokens" in str(await bench(root).refusal("read_file", path="plain.txt"))


async def test_a_hard_link_to_what_is_hidden_is_hidden_but_for_what_was_installed(root: Path) -> None:
    hidden = write(root / ".cache" / "notes.txt", "plain")
    os.link(hidden, root / "notes.txt")
    (root / "env" / "site-packages").mkdir(parents=True)
    os.link(hidden, root / "env" / "site-packages" / "notes.py")
    assert "Hidden files" in str(await bench(root).refusal("read_file", path="notes.txt"))
    assert "plain" in (await bench(root).call("read_file", path="env/site-packages/notes.py")).text
    assert "plain" in (await bench(root, allow_hidden=True).call("read_file", path="notes.txt")).text
    assert "Hidden files" in str(
        await bench(root, allow_hidden=True, hide_globs=(".cache",)).refusal("read_file", path="notes.txt")
    )


async def test_a_hard_link_is_not_written_through(root: Path) -> None:
    key = write(root / "id_rsa", "SECRET")
    os.link(key, root / "plain.txt")
    args = {"path": "plain.txt", "old_text": "SECRET", "new_text": "mine"}
    assert "keys, passwords or tokens" in str(await bench(root).refusal("edit_file", **args))
    assert key.read_text() == "SECRET"


async def test_two_plain_names_of_a_file_are_both_read(root: Path) -> None:
    os.link(write(root / "a.csv", "plain"), root / "b.csv")
    assert "plain" in (await bench(root).call("read_file", path="b.csv")).text


@pytest.mark.parametrize("name", ["rooms.db", "rooms.db-wal", "rooms.db.damaged-1", "Rooms.db-shm"])
async def test_the_copilots_store_is_closed_with_all_that_lies_beside_it(root: Path, name: str) -> None:
    write(root / "rooms.db")
    write(root / name)
    write(root / "rooms.dbase.txt", "plain")
    closed = bench(root, closed=(str(root / "rooms.db"),))
    assert await is_closed(closed, name)
    assert "plain" in (await closed.call("read_file", path="rooms.dbase.txt")).text


async def test_a_folder_whose_name_only_begins_like_a_closed_one_is_open(root: Path) -> None:
    (root / "data").mkdir()
    write(root / "data set.csv", "plain")
    write(root / "data.csv", "plain")
    closed = bench(root, closed=(str(root / "data"),))
    assert "plain" in (await closed.call("read_file", path="data.csv")).text


async def test_what_the_contents_manager_hides_stays_hidden(root: Path) -> None:
    write(root / "__pycache__" / "x.txt")
    write(root / "draft.txt~")
    hiding = bench(root, hide_globs=("__pycache__", "*~"))
    assert await is_closed(hiding, "__pycache__/x.txt") and await is_closed(hiding, "draft.txt~")


async def test_hidden_files_are_read_where_jupyter_shows_them(root: Path) -> None:
    write(root / ".notes", "plain")
    assert "plain" in (await bench(root, allow_hidden=True).call("read_file", path=".notes")).text
    assert "Hidden files" in str(await bench(root).refusal("read_file", path=".notes"))
