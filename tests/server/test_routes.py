"""Every route that the extension has, each of its methods: nobody unknown learns anything, a reader changes nothing.

The routes are the server's own, so that one that is added is tried too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import Application

from .test_security import ReadOnly

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SAMPLES = {r"([0-9a-f]{64})": "a" * 64, r"([0-9a-f]+)": "ab12", r"([^/]+)": "name"}
OWN_TOKENS = ("api/copilot/kernel/", "api/copilot/mcp/")
"""What takes the token of a kernel or of a guest, and no other."""


def routes(app: Application) -> Iterator[tuple[str, str]]:
    """Each method of each route of ours, with an address that it has."""
    for router in (app.default_router, app.wildcard_router):
        for rule in router.rules:
            for inner in getattr(rule.target, "rules", [rule]):
                pattern = getattr(getattr(inner, "matcher", None), "regex", re.compile("")).pattern
                if "api/copilot" in pattern:
                    yield from _methods(inner.target, pattern)


def _methods(handler: Any, pattern: str) -> Iterator[tuple[str, str]]:
    address = "api/copilot" + pattern.split("api/copilot", 1)[1].removesuffix("$")
    for group, sample in SAMPLES.items():
        address = address.replace(group, sample)
    address = re.sub(r"\((?:\?P<\w+>)?[^()]*\)", "one.ipynb", address).replace("\\", "")
    for method in METHODS:
        if getattr(handler, method.lower()) is not getattr(handler.__mro__[-2], method.lower(), None):
            yield method, address


async def answered(jp_fetch: Any, method: str, address: str, **headers: str) -> int:
    body = "{}" if method in ("POST", "PUT", "PATCH") else None
    try:
        response = await jp_fetch(*address.split("/"), method=method, body=body, headers=headers)
    except HTTPClientError as error:
        return error.code
    return int(response.code)


@pytest.fixture
def every(jp_serverapp: Any) -> list[tuple[str, str]]:
    return sorted(set(routes(jp_serverapp.web_app)))


async def test_nobody_unknown_gets_an_answer_from_any_route(every: Any, jp_fetch: Any, notebook: str) -> None:
    assert len(every) >= 29
    for method, address in every:
        expected = 401 if address.startswith(OWN_TOKENS[1]) else 403
        assert await answered(jp_fetch, method, address, Authorization="") == expected, (method, address)


async def test_who_may_not_read_gets_no_answer_from_any_route(
    every: Any, jp_fetch: Any, notebook: str, jp_serverapp: Any
) -> None:
    jp_serverapp.web_app.settings["authorizer"] = denying = ReadOnly(parent=jp_serverapp)
    denying.nothing = True
    for method, address in every:
        assert await answered(jp_fetch, method, address) in (401, 403), (method, address)


async def test_a_reader_only_gets(every: Any, jp_fetch: Any, notebook: str, jp_serverapp: Any) -> None:
    jp_serverapp.web_app.settings["authorizer"] = ReadOnly(parent=jp_serverapp)
    for method, address in every:
        status = await answered(jp_fetch, method, address)
        if address.startswith(OWN_TOKENS):
            assert status in (401, 403), (method, address)
        elif method not in ("GET", "HEAD"):
            # No command stands in this body; each is refused to readers by the one policy.
            assert status == (400 if address.endswith("/commands") or "/agui/" in address else 403), (method, address)
        else:
            assert status in (200, 404) or address.endswith("/channel"), (method, address)
