"""The kinds of complaints that model servers have, and what people are told of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .error_parser import Complaint


class Kind(NamedTuple):
    """A kind of failure: its code, what to say and to advise (`{host}`, `{key}`, `{model}`), and whether to try again.

    `fits` says whether a complaint is of this kind.
    """

    code: str
    fits: Callable[[Complaint], bool]
    message: str
    hint: str
    retryable: bool = False


def _status(*statuses: int) -> Callable[[Complaint], bool]:
    return lambda said: said.status in statuses


def _says(*phrases: str) -> Callable[[Complaint], bool]:
    return lambda said: said.says(*phrases)


def _lacks_credit(said: Complaint) -> bool:
    """Gemini speaks of quota and billing at each rate limit: a wait that it names makes it one."""
    if said.status == 402 or said.says("insufficient_quota", "insufficient_balance", "insufficient balance"):
        return True
    about_money = said.says("billing", "credit balance", "insufficient credits", "exceeded your current quota")
    return about_money and said.retry_after_s is None and "resource_exhausted" not in said.codes


def _lacks_model(said: Complaint) -> bool:
    about_model = said.says("model", "deployment")
    unknown = said.says("not found", "not exist", "unknown model", "no such model")
    return said.says("model_not_found", "deploymentnotfound") or (
        said.status in (400, 404, 422) and about_model and unknown
    )


_TOO_LONG = (
    *("context_length", "context length", "context_window", "context window", "contextwindow", "context size"),
    *("exceed_context_size", "context limit", "maximum context", "context overflow", "context shift is disabled"),
    *("prompt is too long", "prompt too long", "input is too long", "input too long", "too many tokens"),
    *("maximum prompt length", "maximum model length", "max_model_len", "sequence length", "token limit"),
    *("input token count", "maximum number of tokens", "tokens limit", "message token length"),
    *("reduce the length", "reduce your message size", "reduce your prompt", "request too large for"),
    *("request_too_large", "range of input length", "string_above_max_length", "too large to process"),
    *("expected maxlength", "prompt 超长", "输入过长", "n_ctx"),
    "no user query",  # Ollama's, when it has cut the question away
)
_OF_INPUT = ("inputs`", "input length", "input tokens", "prompt tokens", "prompt length", "prompt (", "prompt contains")
_BEYOND = ("must be <=", "must have less than", "exceed", "longer than", "too large", "too long", "greater than")


def _is_too_long(said: Complaint) -> bool:
    """Limits per minute or day are no limit of what can be read, unless the request alone is beyond them."""
    if said.status == 413:
        return True
    if said.status == 429 or said.says("tokens per min", "tokens per day", "quota"):
        return said.says("request too large for", "request is too large")
    return said.says(*_TOO_LONG) or (said.says(*_OF_INPUT) and said.says(*_BEYOND))


# In this order: the first kind that fits is taken.
KINDS = (
    Kind(
        "context_too_long",
        _is_too_long,
        "The conversation is longer than the model {model} can read.",
        "Start a new thread, attach less, or choose a model with a larger context.",
    ),
    Kind(
        "content_filter",
        _says("content_filter", "content management policy", "content policy", "moderation", "data_inspection_failed"),
        "The provider of {model} refused this content by its rules.",
        "Put the question in other words, or choose another model.",
    ),
    Kind(
        "no_credit",
        _lacks_credit,
        "The account behind the key for {host} has no credit or quota left.",
        "Add credit or raise the limit at the provider, or choose another endpoint's model. The key is in {key}.",
    ),
    Kind(
        "wrong_key",
        lambda said: (
            said.status == 401
            or said.says(
                "invalid_api_key", "api_key_invalid", "api key not valid", "incorrect api key", "invalid api key"
            )
        ),
        "The model server at {host} does not accept the API key.",
        "Correct {key}, and start the Jupyter server again.",
    ),
    Kind(
        "model_unknown",
        _lacks_model,
        "The model server at {host} has no model {model!r}.",
        "Choose another model, or correct OPENAI_MODEL or the list of models in the Jupyter configuration.",
    ),
    Kind(
        "forbidden",
        _status(403, 451),
        "The model server at {host} does not allow this key to use {model!r}.",
        "Ask the provider for access, choose another model, or check {key}.",
    ),
    Kind(
        "wrong_url",
        _says("plain http request was sent to https", "http request to an https server", "requires tls"),
        "The model server at {host} wants to be reached by https.",
        "Let OPENAI_BASE_URL, or base_url in the Jupyter configuration, begin with https:.",
    ),
    Kind(
        "wrong_url",
        lambda said: said.status in (404, 405) or said.says("unexpected endpoint", "unknown request url"),
        "There is no Chat Completions service at {host} under the configured address.",
        "Check OPENAI_BASE_URL or base_url in the Jupyter configuration: it usually ends with /v1.",
    ),
    Kind(
        "rate_limited",
        lambda said: said.status == 429 or said.says("rate_limit", "rate limit", "resource_exhausted"),
        "The model server at {host} asks to slow down.",
        "Wait a little, or choose another model.",
        retryable=True,
    ),
    Kind(
        "overloaded",
        lambda said: said.status in (503, 529) or said.says("overloaded", "server is busy", "server busy", "capacity"),
        "The model server at {host} is overloaded or still starting.",
        "Wait a little, or choose another model.",
        retryable=True,
    ),
    Kind(
        "timeout",
        _status(408, 504, 524),
        "The model server at {host} took too long.",
        "Try again, attach less, or choose a faster model.",
        retryable=True,
    ),
    Kind(
        "server_error",
        lambda said: said.status in (409, 425) or (said.status or 0) >= 500,
        "The model server at {host} failed.",
        "Try again; if it goes on, look at that server's status or log.",
        retryable=True,
    ),
    Kind(
        "bad_request",
        lambda said: (said.status or 0) >= 400,
        "The model server at {host} refused the request for {model!r}.",
        "Choose another model, or a newer version of that server.",
    ),
    Kind(
        "stream_error",
        lambda said: True,
        "The model server at {host} reported an error in the middle of its answer.",
        "Try again; if it goes on, look at that server's status or log.",
        retryable=True,
    ),
)
