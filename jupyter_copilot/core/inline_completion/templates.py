"""Templates of models that fill in the middle, with the tokens that each was trained with."""

from __future__ import annotations

import re

from msgspec import Struct


class Template(Struct, frozen=True):
    """A prompt with `{prefix}` and `{suffix}` in it, and the words at which an answer ends."""

    prompt: str
    stop: tuple[str, ...] = ()

    def fill(self, prefix: str, suffix: str) -> str:
        """The prompt for this place."""
        before, _, rest = self.prompt.partition("{prefix}")
        if "{suffix}" in before:
            first, _, between = before.partition("{suffix}")
            return first + suffix + between + prefix + rest
        between, _, end = rest.partition("{suffix}")
        return before + prefix + between + suffix + end


TEMPLATES: dict[str, Template] = {
    "qwen": Template(
        "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>",
        ("<|endoftext|>", "<|fim_pad|>", "<|file_sep|>", "<|im_end|>"),
    ),
    "codegemma": Template(
        "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>", ("<|file_separator|>", "<end_of_turn>")
    ),
    "starcoder": Template(
        "<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>", ("<|endoftext|>", "<file_sep>", "<fim_pad>")
    ),
    "codellama": Template("<PRE> {prefix} <SUF>{suffix} <MID>", ("<EOT>", "</s>")),
    # The bars are U+FF5C and the blanks U+2581; with plain ones the model answers nonsense, and nobody is told.
    "deepseek": Template(
        "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>", ("<｜end▁of▁sentence｜>", "<｜EOT｜>")
    ),
    "codestral": Template("[SUFFIX]{suffix}[PREFIX]{prefix}", ("</s>", "[PREFIX]", "[SUFFIX]")),
}
_KNOWN = (
    (r"qwen[\w.]*-?coder", "qwen"),
    (r"codegemma", "codegemma"),
    (r"starcoder|granite[\w.-]*code|granite-?4|stable-?code", "starcoder"),
    (r"code-?llama", "codellama"),
    (r"deepseek-?coder", "deepseek"),
    (r"codestral", "codestral"),
)


def template_of(model: str) -> Template | None:
    """The template of a model with this name; None for one that is not known, as a guess makes it talk nonsense."""
    return next((TEMPLATES[family] for pattern, family in _KNOWN if re.search(pattern, model.lower())), None)


def without_tokens(text: str) -> str:
    """The text without anything that a model would take for a token of a template."""
    return _TOKENS.sub("", text)


_TOKENS = re.compile(
    "|".join(
        sorted(
            {
                re.escape(token)
                for template in TEMPLATES.values()
                for token in (*re.findall(r"<[^>{}]+>|\[[A-Z]+\]", template.prompt), *template.stop)
                if token not in ("[PREFIX]", "[SUFFIX]")
            }
        )
    )
)
