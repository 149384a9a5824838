"""The model gets the pictures that the state only names."""

from __future__ import annotations

import base64

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.pictures import GONE, MOST_BYTES, TOO_MANY, with_pictures
from jupyter_copilot.core.model_context.transcript import transcript
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.testing.clock import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ..builders import ALICE, ALL, post

BYTES = b"\x89PNG" + bytes(range(256)) * 16


async def test_a_picture_is_put_in_place_for_the_model_and_one_that_is_gone_is_named_as_gone() -> None:
    log = MemoryEventLog()
    room = await load_room(p.RoomId("r"), "n.ipynb", log, ManualClock())
    image = p.Image(mime="image/png", data=base64.b64encode(BYTES).decode())
    asking = post("look", run=False, context=p.MessageContext(images=[image]))
    await room.submit(asking, ALICE, ALL, p.CommandId("c"))
    (told,) = transcript(room.state, p.MAIN_THREAD)
    assert "copilot-picture:" in str(told)
    (sent,) = await with_pictures([told], room)
    assert sent["content"][1]["image_url"]["url"] == f"data:image/png;base64,{image.data}"
    await log.drop_pictures(room.room_id, 0)
    (sent,) = await with_pictures([told], room)
    assert sent["content"][1] == {"type": "text", "text": GONE}
    await room.close()


async def test_naming_one_picture_many_times_does_not_make_a_request_without_end() -> None:
    log = MemoryEventLog()
    room = await load_room(p.RoomId("r"), "n.ipynb", log, ManualClock())
    image = p.Image(mime="image/png", data=base64.b64encode(BYTES * 200).decode())
    await room.submit(
        post("look", run=False, context=p.MessageContext(images=[image])), ALICE, ALL, p.CommandId("c")
    )  # fmt: skip
    (told,) = transcript(room.state, p.MAIN_THREAD)
    text, named = told["content"]
    (sent,) = await with_pictures([{**told, "content": [text, *[named] * 500]}], room)
    assert len(str(sent)) < 2 * MOST_BYTES
    assert sent["content"][-1] == {"type": "text", "text": TOO_MANY}
    await room.close()
