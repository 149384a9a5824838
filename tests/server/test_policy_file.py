"""The administrator's policy: read, checked with the place of each mistake, and read anew when it changes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.cli.main import main
from jupyter_copilot.server.identity import _groups_of
from jupyter_copilot.server.permissions.policy_file import TIGHT, Policy, PolicyError, policy_schema, read_policy

WHOLE = """
[modes]
allowed = ["plan", "ask", "auto_edit"]
because = "Code runs when a person says so."

[rules]
longest_s = 3600

[[calls]]
match = { danger = "installs" }
then = "refuse"
because = "Packages come with the image."

[[deciders]]
match = { effect = "execute", path = "exam/*" }
needed = 2
groups = ["teachers"]
not_asker = true
escalate_after_s = 600
escalate_to = ["heads"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text)
    return path


def test_a_whole_policy_is_laid_down(tmp_path: Path) -> None:
    terms = read_policy(written(tmp_path, WHOLE)).terms()
    assert terms.modes == ["plan", "ask", "auto_edit"] and terms.longest_rule_s == 3600
    assert terms.entries == [
        p.Term(match=p.Match(danger="installs"), then="refuse", because="Packages come with the image.")
    ]
    (deciders,) = terms.deciders
    assert (deciders.needed, deciders.groups, deciders.escalate_to) == (2, ["teachers"], ["heads"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[modes", "wrong"),
        ('[modes]\nallowed = ["yolo"]', "yolo"),
        ("[rulez]\nallowed = false", "rulez"),
        ('[[calls]]\nmatch = { efect = "execute" }\nthen = "ask"', "match.efect"),
        ('[[calls]]\nmatch = {}\nthen = "ask"\nwhy = "x"', "why"),
        ('[[calls]]\nmatch = {}\nthen = "allow"', "allow"),
        ("[[deciders]]\nmatch = {}\nneeded = 0", "needed"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(PolicyError) as error:
        read_policy(path)
    assert said in error.value.message and str(path) in error.value.message


def test_a_change_is_read_without_a_restart_and_a_mistake_leaves_what_held(tmp_path: Path) -> None:
    now = [0.0]
    path = written(tmp_path, WHOLE)
    policy = Policy(str(path), lambda: now[0])
    assert policy.terms().rules and policy.groups == {"teachers", "heads"}
    written(tmp_path, "[rules]\nallowed = false\n")
    assert policy.terms().rules, "it looks once a second"
    now[0] += 1.1
    assert not policy.terms().rules and policy.problems == []
    written(tmp_path, "[rules\n")
    now[0] += 1.1
    assert not policy.terms().rules and [each.code for each in policy.problems] == ["bad_policy"]
    os.remove(path)
    now[0] += 1.1
    assert not policy.terms().rules and policy.problems
    written(tmp_path, WHOLE)
    now[0] += 1.1
    assert policy.terms().rules and policy.problems == []


def test_a_policy_that_was_never_readable_lays_down_the_tightest(tmp_path: Path) -> None:
    assert Policy(str(tmp_path / "none.toml")).terms() == TIGHT
    assert Policy("").terms() == p.Terms()


def test_the_command_checks_a_file_and_prints_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, WHOLE)
    assert main(["policy", "check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "Refuse: danger installs (Packages come with the image.)" in said
    assert "2 of teachers decide: effect execute, path exam/*" in said
    assert main(["policy", "check", str(written(tmp_path, "[x]"))]) == 1
    assert "x" in capsys.readouterr().err
    assert main(["policy", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(policy_schema()))


def test_only_groups_that_the_policy_names_are_told() -> None:
    named = frozenset({"teachers"})
    hub = SimpleNamespace(hub_user={"groups": ["teachers", "patients"]})
    assert _groups_of(hub, named) == ("teachers",)
    assert _groups_of(SimpleNamespace(groups=["teachers"]), named) == ("teachers",)
    assert _groups_of(SimpleNamespace(), named) == ()
