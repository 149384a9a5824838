"""The ways in which servers are asked to fill in the middle, and which ones are tried for a model."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from ...core.inline_completion.prompt import Infill
from ...core.inline_completion.templates import TEMPLATES, Template, template_of
from ...protocol import JsonObject
from ..addresses import with_version
from ..settings import Endpoint

WayName = Literal["suffix", "infill", "mistral", "template", "chat"]
MAX_STOPS = 4
"""OpenAI takes no more."""


class Way(NamedTuple):
    """A way of asking; with `template` the prompt is made here."""

    name: WayName
    template: Template | None = None

    @property
    def stop(self) -> tuple[str, ...]:
        """The words at which the model's answer ends."""
        return self.template.stop if self.template else ()


CHAT = Way("chat")


class Limits(NamedTuple):
    """How much may come back, and how daring it may be."""

    max_tokens: int
    temperature: float


def is_infill(text: str) -> bool:
    """Whether the text names a way, or is a template."""
    return text in ("suffix", "infill", "mistral", "chat", *TEMPLATES) or ("{prefix}" in text and "{suffix}" in text)


def ways_of(endpoint: Endpoint, infill: str, server_id: str) -> list[Way]:
    """The ways to try in turn: the configured one, or those that the server and the model's name speak for.

    Only a model whose family is known is given a prompt made here: with the tokens of another one it talks nonsense.
    """
    match infill:
        case "suffix" | "infill" | "mistral" | "chat":
            return [Way(infill)]
        case "":
            pass
        case _:
            return [Way("template", TEMPLATES.get(infill) or Template(infill))]
    host = endpoint.host
    if host == "api.mistral.ai" or host == "codestral.mistral.ai":
        return [Way("mistral"), CHAT] if "codestral" in server_id else [CHAT]
    if host == "api.deepseek.com":
        return [Way("suffix"), CHAT]
    if not endpoint.is_near and not template_of(server_id):
        return [CHAT]
    template = template_of(server_id)
    made_here = [Way("template", template)] if template else []
    return [Way("suffix"), Way("infill"), *made_here, CHAT]


def request_of(way: Way, endpoint: Endpoint, server_id: str, infill: Infill, limits: Limits) -> tuple[str, JsonObject]:
    """The service's address and the body of the request; not for chat."""
    base: JsonObject = {
        "model": server_id,
        "stream": True,
        "max_tokens": limits.max_tokens,
        "temperature": limits.temperature,
    }
    completions = "/completions" if with_version(endpoint.base_url) is None else "/v1/completions"
    match way.name:
        case "suffix":
            is_deepseek = endpoint.host == "api.deepseek.com"
            path = "https://api.deepseek.com/beta/completions" if is_deepseek else completions
            return path, {**base, "prompt": infill.prefix, "suffix": infill.suffix}
        case "mistral":
            return "/fim/completions", {**base, "prompt": infill.prefix, "suffix": infill.suffix}
        case "infill":
            body = {"input_prefix": infill.prefix, "input_suffix": infill.suffix, "cache_prompt": True}
            limited = {"n_predict": limits.max_tokens, "temperature": limits.temperature, "stream": True}
            return f"{endpoint.base_url.removesuffix('/v1')}/infill", {**body, **limited}
        case "template" if way.template is not None:
            prompt = way.template.fill(infill.prefix, infill.suffix)
            return completions, {**base, "prompt": prompt, "stop": list(way.stop[:MAX_STOPS])}
        case _:
            raise AssertionError(f"{way.name} is not asked here")


def text_of(chunk: JsonObject) -> str:
    """The text in a chunk: of Completions, of Chat Completions (Mistral), or of llama.cpp."""
    choices = chunk.get("choices")
    if not isinstance(choices, list):
        return _text(chunk.get("content"))
    choice = choices[0] if choices and isinstance(choices[0], dict) else {}
    delta = choice.get("delta") or choice.get("message") or {}
    return _text(choice.get("text")) or _text(delta.get("content"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
