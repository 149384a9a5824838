"""Templates by the model's name."""

from __future__ import annotations

import pytest

from jupyter_copilot.core.inline_completion.templates import TEMPLATES, Template, template_of


@pytest.mark.parametrize(
    ("model", "prompt"),
    [
        ("qwen2.5-coder:1.5b-base", "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
        ("Qwen/Qwen3-Coder-30B-A3B", "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
        ("starcoder2:3b", "<fim_prefix>P<fim_suffix>S<fim_middle>"),
        ("ibm-granite/granite-3b-code-base", "<fim_prefix>P<fim_suffix>S<fim_middle>"),
        ("codellama:7b-code", "<PRE> P <SUF>S <MID>"),
        (
            "deepseek-coder:6.7b-base",
            "<\uff5cfim\u2581begin\uff5c>P<\uff5cfim\u2581hole\uff5c>S<\uff5cfim\u2581end\uff5c>",
        ),
        ("codestral-latest", "[SUFFIX]S[PREFIX]P"),
        ("codegemma:2b", "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"),
    ],
)
def test_a_known_family_has_its_template(model: str, prompt: str) -> None:
    template = template_of(model)
    assert template is not None and template.fill("P", "S") == prompt


@pytest.mark.parametrize("model", ["gpt-5.4", "llama3.3", "qwen3", "gemma3", "mistral-large", "my-model"])
def test_an_unknown_one_has_none(model: str) -> None:
    assert template_of(model) is None


def test_code_with_braces_and_marks_in_it_is_filled_in_as_it_is() -> None:
    assert Template("<{prefix}|{suffix}>").fill("{suffix}", "{prefix}") == "<{suffix}|{prefix}>"
    assert TEMPLATES["codestral"].fill("{suffix}", "s") == "[SUFFIX]s[PREFIX]{suffix}"
