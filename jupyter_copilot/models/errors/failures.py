"""Whatever goes wrong with a model server, as a `ModelError` in words for people."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator, Mapping

from ...protocol.errors import ModelError, StreamTruncated
from ..settings import Endpoint
from .error_classes import KINDS
from .error_parser import Complaint, complaint, context_limit

_KEY_LIKE = re.compile(r"\b(?:sk-|gsk_|xai-|AIza)[\w*.-]{6,}|(?i:bearer)\s+\S+")


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
        limit_tokens=context_limit(said) if kind.code == "context_too_long" else None,
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
