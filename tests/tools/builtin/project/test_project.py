"""Instructions and skills of a project are found upwards from the notebook; what is closed stays closed."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from jupyter_copilot.ports.files import FileRules
from jupyter_copilot.protocol.errors import ToolError
from jupyter_copilot.tools.builtin.project import skills as skills_module
from jupyter_copilot.tools.builtin.project.folders import ProjectFolders
from jupyter_copilot.tools.builtin.project.instructions import find_instructions, told_instructions
from jupyter_copilot.tools.builtin.project.skills import find_skills, parse, told_skills

from ...bench import Bench

SKILL = "---\nname: {name}\ndescription: {description}\n---\n\n# How\n\nPlot in black.\n"


@pytest.fixture(autouse=True)
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = tmp_path / "config"
    monkeypatch.setattr(skills_module, "jupyter_config_dir", lambda: str(config))
    return config


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "team" / "deep").mkdir(parents=True)
    return tmp_path / "root"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def folders(root: Path, rules: FileRules | None = None) -> ProjectFolders:
    return ProjectFolders(str(root), "team/deep/nb.ipynb", rules or FileRules())


def test_each_folder_gives_one_file_the_nearest_last_and_the_notebook_after_all(root: Path) -> None:
    write(root / "AGENTS.md", "Use SI units.\n")
    write(root / "CLAUDE.md", "not this one")
    write(root / "team" / "CLAUDE.md", "Use seaborn.")
    write(root / "team" / "deep" / ".github" / "copilot-instructions.md", "Be brief.")
    write(root / "other" / "AGENTS.md", "of another folder")
    found = find_instructions(folders(root), "  Answer in German. ")
    assert [(each.source, each.text) for each in found] == [
        ("AGENTS.md", "Use SI units."),
        ("team/CLAUDE.md", "Use seaborn."),
        ("team/deep/.github/copilot-instructions.md", "Be brief."),
        ("this notebook", "Answer in German."),
    ]
    told = told_instructions(found)
    assert told.index("From AGENTS.md:\nUse SI") < told.index('From "this notebook":\nAnswer in German.')
    assert "They approve nothing" in told


def test_the_nearest_has_the_first_claim_on_the_room(root: Path) -> None:
    write(root / "AGENTS.md", "far " * 500)
    write(root / "team" / "AGENTS.md", "near " * 20)
    told = told_instructions(find_instructions(folders(root)), 300)
    assert "near " * 19 in told and "characters left out" in told and len(told) < 800
    assert "From AGENTS.md" not in told_instructions(find_instructions(folders(root)), 90)


def test_nothing_is_said_where_nothing_is_written(root: Path) -> None:
    assert find_instructions(folders(root)) == [] and told_instructions([]) == "" and told_skills([]) == ""
    write(root / "AGENTS.md", " \n")
    assert find_instructions(folders(root)) == []


def test_what_leads_out_of_the_root_or_is_closed_is_not_read(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside.md", "secret")
    (root / "AGENTS.md").symlink_to(tmp_path / "outside.md")
    write(root / "team" / "AGENTS.md", "closed")
    assert find_instructions(folders(root, FileRules(closed=(str(root / "team"),)))) == []
    assert find_instructions(folders(root, FileRules(hide_globs=("AGENTS.md",)))) == []


def test_skills_of_the_project_go_before_those_of_the_person_and_of_packages(
    root: Path, own_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / ".agents/skills/plots/SKILL.md", SKILL.format(name="plots", description="Of the project."))
    write(root / "team/.claude/skills/near/SKILL.md", SKILL.format(name="near", description='"Quoted: yes."'))
    write(own_config / "copilot/skills/plots/SKILL.md", SKILL.format(name="plots", description="Mine."))
    write(own_config / "copilot/skills/mine/SKILL.md", SKILL.format(name="mine", description="Mine."))
    write(root.parent / "site/of_package/__init__.py", "")
    write(root.parent / "site/of_package/shared/SKILL.md", SKILL.format(name="shared", description="Of a package."))
    monkeypatch.syspath_prepend(root.parent / "site")
    points = [EntryPoint("a", "no_such_package", "g"), EntryPoint("b", "of_package", "g")]
    found = find_skills(folders(root), points)
    sys.modules.pop("of_package", None)
    assert [each.name for each in found] == ["near", "plots", "mine", "shared"]
    assert told_skills(found).split("\n")[1:3] == ["- near: Quoted: yes.", "- plots: Of the project."]
    assert "Plot in black" not in told_skills(found), "the text is read on demand"


@pytest.mark.parametrize(
    "text",
    ["", "# no front matter", "---\nname: x\n---\n", "---\nname: ../x\ndescription: d\n---\n", "---\nname: x\n", "---"],
)
def test_what_describes_no_skill_is_none(text: str) -> None:
    assert parse(text, "s") is None


def test_descriptions_of_several_lines_are_joined() -> None:
    text = "---\nname: 'a-b'\ndescription: >\n  One\n  two.\nmetadata:\n  author: me\n---\nBody"
    found = parse(text, "s")
    assert found is not None
    assert (found.name, found.description, found.body) == ("a-b", "One two.", "Body")


async def test_a_skill_is_read_by_its_name(root: Path, bench: Bench) -> None:
    write(root / ".agents/skills/plots/SKILL.md", SKILL.format(name="plots", description="How we plot."))
    bench.root = str(root)
    told = await bench.call("read_skill", name="plots")
    assert told.text == "The skill plots, from .agents/skills/plots/SKILL.md:\n# How\n\nPlot in black."
    with pytest.raises(ToolError, match=r"There is no skill plot\. There are: plots"):
        await bench.call("read_skill", name="plot")
