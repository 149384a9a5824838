"""Failures of model servers, in words that tell a person what happened and what to do."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ..errors import ModelError, StreamTruncated
from .complaint import Complaint, complaint
from .settings import Endpoint

_KEY_LIKE = re.compile(r"\b(?:sk-|gsk_|xai-|AIza)[\w*.-]{6,}|(?i:bearer)\s+\S+")


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


_TOO_LONG = _says(
    "context_length_exceeded",
    "exceed_context_size",
    "context length",
    "context window",
    "context size",
    "prompt is too long",
    "too many tokens",
    "input token count",
    "maximum number of tokens",
    "no user query",  # Ollama's, when it has cut the question away
)


# In this order: the first kind that fits is taken.
KINDS = (
    Kind(
        "context_too_long",
        lambda said: said.status == 413 or (said.status != 429 and _TOO_LONG(said)),
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
        _status(404, 405),
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


def failure(error: Exception, endpoint: Endpoint, model: str, *, begun: bool, now_ms: int) -> ModelError:
    """The `ModelError` that tells people of this exception, whatever raised it; never holds a key.

    `begun` says whether a part of the answer had come: a lost connection is a `StreamTruncated` then. `now_ms` is
    the wall-clock time, against which a `Retry-After` date is read.
    """
    if isinstance(error, ModelError):
        return error
    if (said := heard(error, now_ms)) is not None:
        return _explain(said, endpoint, model)
    if isinstance(error, TimeoutError):
        return _timeout(endpoint, begun)
    if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)):
        return ModelError(
            f"The model server at {endpoint.host} sent something unreadable in the middle of its answer.",
            code="bad_stream",
            hint="Try again; if it goes on, look for a newer version of that server.",
            retryable=True,
        )
    if _is_connection(error):
        return StreamTruncated(_LOST.format(host=endpoint.host)) if begun else _unreachable(error, endpoint)
    return ModelError(
        f"Asking the model server at {endpoint.host} failed with {type(error).__name__}.",
        hint="Check the configuration of its endpoint; if it is right, please report this.",
    )


_LOST = "The connection to the model server at {host} broke in the middle of the answer."


def heard(error: Exception, now_ms: int) -> Complaint | None:
    """What the server said, when it is a server's answer that became this exception."""
    import openai

    if not isinstance(error, openai.APIError) or isinstance(error, openai.APIConnectionError):
        return None
    if isinstance(error, openai.APIStatusError):
        headers: Mapping[str, str] = error.response.headers
        return complaint(error.status_code, error.body or error.response.text, headers, now_ms)
    return complaint(None, error.body or error.message, {}, now_ms)


def _explain(said: Complaint, endpoint: Endpoint, model: str) -> ModelError:
    kind = next(kind for kind in KINDS if kind.fits(said))
    names = {"host": endpoint.host, "model": model, "key": endpoint.key_source or "the key"}
    message, hint = kind.message.format(**names), kind.hint.format(**names)
    if kind.code == "wrong_key" and not endpoint.key:
        message = f"The model server at {endpoint.host} wants an API key, and none is set."
        hint = f"Set {names['key']}, and start the Jupyter server again."
    words = _scrub(said.words, endpoint)
    return ModelError(
        f"{message} It says: “{words}”" if words else message,
        code=kind.code,
        hint=hint,
        retryable=kind.retryable,
        retry_after_s=said.retry_after_s,
    )


def _timeout(endpoint: Endpoint, begun: bool) -> ModelError:
    waited = endpoint.idle_s if begun else endpoint.first_chunk_s
    name = "idle_s" if begun else "first_chunk_s"
    return ModelError(
        f"The model server at {endpoint.host} sent nothing for {waited:g} s.",
        code="timeout",
        hint=f"Try again; a slow server may be given more time with `{name}` of its endpoint.",
        retryable=True,
    )


def _unreachable(error: Exception, endpoint: Endpoint) -> ModelError:
    causes = list(_chain(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ModelError(
            f"The certificate of the model server at {endpoint.host} could not be verified.",
            code="unreachable",
            hint="Set SSL_CERT_FILE to the certificates of your organisation, and start the Jupyter server again.",
        )
    waiting = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
    if any(isinstance(cause, ssl.SSLError) and not isinstance(cause, waiting) for cause in causes):
        return ModelError(
            f"The model server at {endpoint.host} could not be reached by https.",
            code="unreachable",
            hint=f"Perhaps OPENAI_BASE_URL, or base_url of the endpoint {endpoint.name!r}, is to begin with http:.",
        )
    start = "Is it running? " if endpoint.is_loopback else ""
    return ModelError(
        f"The model server at {endpoint.host} cannot be reached.",
        code="unreachable",
        hint=f"{start}Check the network and OPENAI_BASE_URL, or base_url of the endpoint {endpoint.name!r}.",
        retryable=True,
    )


def _is_connection(error: Exception) -> bool:
    import httpx2
    import openai

    return isinstance(error, (OSError, openai.APIConnectionError, httpx2.TransportError))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _scrub(words: str, endpoint: Endpoint) -> str:
    """The server's words without the key, should it have repeated it, and without anything that looks like one."""
    if endpoint.key:
        words = words.replace(endpoint.key.reveal(), "[key]")
    return _KEY_LIKE.sub("[key]", words)
