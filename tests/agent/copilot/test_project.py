"""What a project says is told with the rules, once it is there, and people see where it is from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core.model_context.prompt import INSTRUCTIONS
from jupyter_copilot.notebooks.ipynb import info_of
from jupyter_copilot.ports.notebook import NotebookInfo
from jupyter_copilot.tools.builtin.project.read_skill import ReadSkillTool

from ..stage import Stage, real_tools

SKILL = "---\nname: plots\ndescription: How we plot.\n---\nIn black."


def names(request: Any) -> list[str]:
    return [tool["function"]["name"] for tool in request.tools]


async def test_instructions_follow_the_rules_and_their_sources_are_on_record(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("Use SI units.")
    settings = RunSettings(root=str(tmp_path), instructions="Of the administrator.")
    async with Stage("One.", "Two.", "Three.", settings=settings, tools=real_tools(ReadSkillTool())) as stage:
        stage.notebook.info = NotebookInfo(instructions="Answer in German.")
        for n in (1, 2):
            await stage.post("hello", f"m{n}")
            await stage.over(f"m{n}.r1")
        (tmp_path / ".agents" / "skills" / "plots").mkdir(parents=True)
        (tmp_path / ".agents" / "skills" / "plots" / "SKILL.md").write_text(SKILL)
        await stage.post("hello", "m3")
        await stage.over("m3.r1")
        first, second, third = stage.model.requests
        said = first.messages[0]["content"]
        assert said.startswith(f"{INSTRUCTIONS}\n\nOf the administrator.\n\nInstructions of this project.")
        assert "From AGENTS.md:\nUse SI units." in said and said.endswith("Answer in German.")
        assert second.messages[: len(first.messages)] == first.messages, "the beginning stays, as caches reward"
        assert stage.state.runs["m1.r1"].notebook is not None
        assert stage.state.runs["m1.r1"].notebook.sources == ["AGENTS.md", "this notebook"]
        assert "read_skill" not in names(first), "a tool for nothing is not told of"
        assert "- plots: How we plot." in third.messages[0]["content"] and "read_skill" in names(third)


async def test_without_files_there_is_nothing_but_the_rules() -> None:
    async with Stage("One.", settings=RunSettings(root="")) as stage:
        await stage.post()
        await stage.over()
        assert stage.model.requests[0].messages[0]["content"] == INSTRUCTIONS


def test_a_notebook_says_it_in_its_metadata() -> None:
    assert info_of("a.ipynb", {"copilot_instructions": " Be brief. "}).instructions == "Be brief."
    assert info_of("a.ipynb", {"copilot_instructions": ["no text"]}).instructions == ""
