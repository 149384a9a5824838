"""A picture goes from a post into the store, and from its digest back to whoever may read, whatever it says it is."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script>' + b" " * 4_000 + b"</svg>"


async def posted(jp_fetch: Any, notebook: str, mime: str = "image/svg+xml", data: bytes = SVG) -> dict[str, Any]:
    """Post a picture; returns how the state names it."""
    image = {"mime": mime, "data": base64.b64encode(data).decode(), "name": "one"}
    command = {"type": "post_message", "message_id": "m", "text": "look", "run": False, "context": {"images": [image]}}
    await jp_fetch(
        "api", "copilot", "notebooks", notebook, "commands", method="POST",
        body=json.dumps({"command_id": "c", "command": command}),
    )  # fmt: skip
    state = json.loads((await jp_fetch("api", "copilot", "notebooks", notebook)).body)["state"]
    (found,) = state["messages"]["m"]["context"]["images"]
    named: dict[str, Any] = found
    return named


async def test_it_comes_back_as_it_was_and_can_do_nothing(jp_fetch: Any, notebook: str) -> None:
    named = await posted(jp_fetch, notebook)
    digest = hashlib.sha256(SVG).hexdigest()
    assert named == {"mime": "image/svg+xml", "data": "", "name": "one", "digest": digest, "bytes": len(SVG)}
    answer = await jp_fetch("api", "copilot", "notebooks", notebook, "pictures", digest)
    assert answer.body == SVG and answer.headers["Content-Type"] == "image/svg+xml"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "attachment"


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml; x=1", "image/png\r\nX-Own: 1"])
async def test_whatever_is_no_picture_is_only_bytes(jp_fetch: Any, notebook: str, mime: str) -> None:
    named = await posted(jp_fetch, notebook, mime)
    answer = await jp_fetch("api", "copilot", "notebooks", notebook, "pictures", named["digest"])
    assert answer.headers["Content-Type"] == "application/octet-stream" and "X-Own" not in answer.headers


async def test_it_is_for_who_may_read_this_room(jp_fetch: Any, notebook: str, jp_root_dir: Any) -> None:
    digest = (await posted(jp_fetch, notebook))["digest"]
    (jp_root_dir / "other.ipynb").write_bytes((jp_root_dir / notebook).read_bytes())
    for path, headers, status in ((notebook, {"Authorization": ""}, 403), ("other.ipynb", {}, 404)):
        with pytest.raises(HTTPClientError) as refused:
            await jp_fetch("api", "copilot", "notebooks", path, "pictures", digest, headers=headers)
        assert refused.value.code == status
