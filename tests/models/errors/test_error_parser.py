"""Complaints: every shape in which servers wrap an error, and every way to ask for a wait."""

from __future__ import annotations

import pytest

from jupyter_copilot.models.errors.error_classes import KINDS
from jupyter_copilot.models.errors.error_parser import MAX_WORDS, Complaint, complaint, retry_after

NOW_MS = 1_000_000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": "No."}, "No."),
        ({"error": {"message": "No."}}, "No."),
        ({"error": "No."}, "No."),
        ([{"error": {"message": "No."}}], "No."),
        ({"detail": "No."}, "No."),
        ({"detail": [{"msg": "No."}, {"msg": "Not this."}]}, "No.; Not this."),
        ("No.", "No."),
        ('{"error": {"message": "No."}}', "No."),
        ('{"error": {"mess', '{"error": {"mess'),
        ("<html><head><title>\n 502 Bad Gateway </title></head></html>", "502 Bad Gateway"),
        ("<html><body>No title</body></html>", ""),
        ({"error": None}, ""),
        ({}, ""),
        ([], ""),
        (None, ""),
        (7, ""),
    ],
)
def test_the_servers_words_are_found(body: object, words: str) -> None:
    assert complaint(400, body, {}, NOW_MS).words == words


def test_long_words_are_cut_to_what_can_be_shown() -> None:
    assert len(complaint(400, "word " * 1000, {}, NOW_MS).words) == MAX_WORDS


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:17:40 GMT"}, 60.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0.0),
        ({"retry-after": "Thu, 99 Foo 1970"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_a_wait_is_read_in_every_form(headers: dict[str, str], wait: float | None) -> None:
    assert retry_after(headers, NOW_MS) == wait


def test_a_status_inside_a_stream_counts_like_one_outside() -> None:
    assert complaint(None, {"message": "Overloaded", "code": 529}, {}, NOW_MS).status == 529
    assert complaint(None, {"message": "Overloaded", "code": "overloaded"}, {}, NOW_MS).status is None


def kind_of(said: Complaint) -> str:
    return next(kind.code for kind in KINDS if kind.fits(said))


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"message": "Unsupported parameter: 'x' is not supported with this model."}, "bad_request"),
        (400, {"message": "prompt is too long: 200001 tokens > 200000 maximum"}, "context_too_long"),
        (
            400,
            {"message": "the request exceeds the available context size", "type": "exceed_context_size_error"},
            "context_too_long",
        ),
        (413, "<html><title>413 Request Entity Too Large</title></html>", "context_too_long"),
        (429, {"message": "Too many tokens per minute", "code": "rate_limit_exceeded"}, "rate_limited"),
        (429, {"message": "Your credit balance is too low"}, "no_credit"),
        (403, {"message": "Forbidden"}, "forbidden"),
        (
            404,
            {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}},
            "model_unknown",
        ),
        (400, {"message": "Model Not Exist"}, "model_unknown"),
        (405, "", "wrong_url"),
        (409, {}, "server_error"),
        (529, {"type": "overloaded_error"}, "overloaded"),
        (500, {"message": "The engine is currently overloaded"}, "overloaded"),
        (418, {}, "bad_request"),
        (None, {"message": "Rate limit reached", "type": "rate_limit_error"}, "rate_limited"),
        (None, {"message": "something else"}, "stream_error"),
    ],
)
def test_a_complaint_is_of_the_kind_that_helps_people_most(status: int | None, body: object, code: str) -> None:
    assert kind_of(complaint(status, body, {}, NOW_MS)) == code


def test_a_quota_with_a_wait_is_a_rate_limit() -> None:
    body = {"message": "You exceeded your current quota, please check your plan and billing details."}
    assert kind_of(complaint(429, body, {}, NOW_MS)) == "no_credit"
    assert kind_of(complaint(429, body, {"retry-after": "9"}, NOW_MS)) == "rate_limited"
