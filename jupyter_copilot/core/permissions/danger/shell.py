"""Dangers of shell commands: the words of each simple command, as a shell would split them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from .... import protocol as p
from .names import words

_OPERATORS = frozenset(";|&()\n")
_PREFIXES = words(
    r"""
    sudo doas env nohup nice time timeout xargs command builtin exec then do else if while until ! { stdbuf
    """
)
"""Words before which, or after whose options, another command's name stands."""
_SHELLS = words(
    r"""
    sh bash zsh dash ksh fish eval source . python python3 perl ruby node
    """
)
_DELETES = words(
    r"""
    mv rm rmdir unlink shred truncate dd mkfs wipefs srm trash trash-put rimraf
    """
)
_INSTALLS = words(
    r"""
    pip pip3 pipx uv conda mamba micromamba apt apt-get aptitude dnf yum apk brew npm npx pnpm yarn gem cargo snap
    flatpak easy_install poetry pdm dpkg rpm make
    """
)
_INSTALLING = words(
    r"""
    install add remove uninstall upgrade update sync i ci rm create dist-upgrade run exec
    """
)
_NETWORK = words(
    r"""
    curl wget ssh scp sftp rsync nc ncat netcat telnet ftp socat ping nslookup dig aws gcloud gsutil az s3cmd
    rclone kubectl docker podman http https aria2c lynx mail sendmail
    """
)
_GIT_NETWORK = words(
    r"""
    clone fetch pull push remote submodule ls-remote
    """
)
_GIT_DELETES = frozenset(["clean", "reset", "rm", "checkout", "restore"])
_SECRETS = words(
    r"""
    env printenv set export gpg pass security secret-tool keyring aws-vault vault
    """
)
_RESTARTS = words(
    r"""
    kill pkill killall reboot shutdown systemctl service halt poweroff
    """
)
_HARMLESS = words(
    r"""
    ls dir pwd echo printf cat head tail wc sort uniq cut tr grep egrep fgrep rg file stat du df date whoami
    hostname uname which type tree less more diff cmp basename dirname realpath readlink true false test [ seq
    sleep cd mkdir touch nproc free uptime id ps nvidia-smi jq column nl fold rev tac sha256sum md5sum cksum clear
    history man cp ln mv tee gzip gunzip zip unzip tar git find awk sed for in done fi case esac
    """
)
"""Commands that are known; whatever is not known is unclear."""
_SECRET_PLACE = re.compile(
    r"(^|/)(\.ssh|\.aws|\.gnupg|\.kube|\.docker|\.netrc|\.pgpass|\.pypirc|\.npmrc|\.env[\w.]*|id_(rsa|ed25519|ecdsa)"
    r"|credentials(\.json)?|secrets?(\.\w+)?|[\w.-]*\.pem|shadow|jupyter_cookie_secret|jpserver-\d+\.json)(/|$)"
    r"|/proc/(self|\d+)/environ",
    re.IGNORECASE,
)
_SUBSTITUTION = re.compile(r"\$\(|`|<\(|>\(")


def dangers_of_shell(source: str) -> set[p.Danger]:
    """What the commands of a script may do; what cannot be split as a shell would is unclear."""
    found: set[p.Danger] = set()
    try:
        for words in simple_commands(source):
            found |= _dangers_of_command(words)
    except ValueError:  # quotes that do not end
        return {"unclear"}
    # What another command puts out becomes part of this one, so that its words are not known.
    return found | ({"unclear"} if _SUBSTITUTION.search(source) else set())


def simple_commands(source: str) -> Iterator[list[str]]:
    """The words of each simple command, those of substitutions among them. Raises `ValueError`."""
    joined = source.replace("\\\n", " ").replace("$(", " ; ").replace("`", " ; ")
    lexer = shlex.shlex(joined, posix=True, punctuation_chars=";|&()\n<>")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words: list[str] = []
    for token in lexer:
        if token and set(token) <= _OPERATORS:
            yield words
            words = []
        else:
            words.append(token)
    yield words


def _dangers_of_command(words: list[str]) -> set[p.Danger]:
    found: set[p.Danger] = {"secrets"} if any(is_secret_place(word) for word in words) else set()
    for place, word in enumerate(words):
        # Somebody who overwrites a file deletes what stood there.
        if word == ">" and words[place + 1 : place + 2] not in ([], ["/dev/null"]):
            found.add("deletes")
    name, rest = _named(words)
    if name is None:
        return found
    return found | _by_name(name, rest)


def is_secret_place(text: str) -> bool:
    """Whether a path leads where secrets are usually kept."""
    return _SECRET_PLACE.search(text) is not None


def _named(words: list[str]) -> tuple[str | None, list[str]]:
    """The command's name without its folder, and what comes after it; assignments and prefixes are skipped."""
    for place, word in enumerate(words):
        is_assignment = re.match(r"[A-Za-z_]\w*=", word) is not None
        if (
            is_assignment
            or word in _PREFIXES
            or (place and word.startswith("-"))
            or re.fullmatch(r"[<>&]+|\d[\d.]*[smhd]?", word)
        ):
            if word == "env" and not words[place + 1 :]:
                return "env", []
            continue
        return word.rpartition("/")[2], words[place + 1 :]
    return None, []


def _by_name(name: str, rest: list[str]) -> set[p.Danger]:
    found: set[p.Danger] = set()
    arguments = [word for word in rest if not word.startswith("-")]
    if name in _DELETES or (name == "find" and {"-delete", "-exec", "-execdir", "-ok"} & set(rest)):
        found.add("deletes")
    if name == "sed" and any(word.startswith("-i") or word == "--in-place" for word in rest):
        found.add("deletes")
    if name in _INSTALLS and (not arguments or _INSTALLING & set(arguments) or name in ("npx", "make")):
        found |= {"installs"}
    if name in _NETWORK:
        found.add("network")
    if name == "git" and arguments:
        found |= {"network"} if arguments[0] in _GIT_NETWORK else set()
        found |= {"deletes"} if arguments[0] in _GIT_DELETES else set()
    if name in _SECRETS and name not in ("set", "export"):
        found.add("secrets")
    if name in _RESTARTS:
        found.add("restarts")
    if (
        name in _SHELLS
        or name.startswith("$")
        or (not found and name not in _HARMLESS | _INSTALLS | frozenset(("set", "export")))
    ):
        found.add("unclear")
    return found
