"""Code in a kernel that posts large pictures as fast as it can, from several threads; each picture is like no other."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from jupyter_copilot.kernel.environment import TOKEN_HEADER

from .questions import answer_all, say

POSTERS = 4
PICTURE_BYTES = 712_000
PLACE, MESSAGE, COMMAND = b"P" * 32, b"M" * 32, b"C" * 32
"""What is another in each post; the rest is made once, as an attacker would who is short of CPU."""


def body() -> bytes:
    """A post with a picture of 0.95 MB in base64."""
    image = {"mime": "image/png", "data": PLACE.decode() + base64.b64encode(os.urandom(PICTURE_BYTES)).decode()}
    command = {"type": "post_message", "message_id": MESSAGE.decode(), "text": "look", "run": False,
               "context": {"images": [image]}}  # fmt: skip
    return json.dumps({"command_id": COMMAND.decode(), "command": command}).encode()


class Attacker:
    """Posts to one address."""

    def __init__(self) -> None:
        self._body = body()

    async def answer(self, question: dict[str, Any]) -> Any:
        """`url`, `token` and how many `posts`; returns how many were taken, once all were sent."""

        def all_posts() -> int:
            url, token = question["url"], question["token"]
            with ThreadPoolExecutor(POSTERS) as posters:
                return sum(posters.map(lambda _: self._post(url, token), range(question["posts"])))

        return await asyncio.to_thread(all_posts)

    def _post(self, url: str, token: str) -> bool:
        data = self._body
        for place in (PLACE, MESSAGE, COMMAND):
            data = data.replace(place, uuid4().hex.encode(), 1)
        request = urllib.request.Request(url, data, {TOKEN_HEADER: token, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as refused:
            refused.read()
            return False
        except OSError:  # refused before all of it was sent
            return False


async def main() -> None:
    """Answer questions until standard input ends."""
    say("ready")
    await answer_all(Attacker().answer)


if __name__ == "__main__":
    asyncio.run(main())
