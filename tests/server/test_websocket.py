"""The WebSocket of a real server, spoken to frame by frame."""

from __future__ import annotations

from typing import Any

from .conftest import Connect, Socket


async def test_hello_is_answered_by_welcome_a_snapshot_and_live(connect: Connect) -> None:
    socket = await connect()
    welcome = await socket.hello()
    assert welcome["protocol"] == 1 and welcome["head"] == 0 and welcome["path"] == "one.ipynb"
    assert welcome["you"]["can"] == ["decide", "execute", "read", "write"]
    assert (await socket.next())["type"] == "snapshot"
    assert await socket.next() == {"type": "live", "seq": 0}


async def test_an_ack_follows_its_record_on_the_same_socket(room_socket: Socket) -> None:
    await room_socket.send(
        type="command",
        command_id="c1",
        command={"type": "post_message", "message_id": "m1", "text": "hi", "run": False},
    )
    records = await room_socket.until("records", "ack")
    assert records["type"] == "records"
    assert records["records"][0]["event"]["text"] == "hi"
    assert await room_socket.until("ack") == {"type": "ack", "command_id": "c1", "seq": 1}


async def test_identity_in_a_frame_is_ignored(room_socket: Socket) -> None:
    await room_socket.send(
        type="command",
        command_id="c1",
        actor={"kind": "person", "id": "mallory", "name": "Mallory"},
        command={"type": "post_message", "message_id": "m1", "text": "hi", "run": False, "actor": {"name": "Mallory"}},
    )
    record = (await room_socket.until("records"))["records"][0]
    assert record["actor"]["name"] != "Mallory"
    assert record["actor"]["surface"] == "lab" and record["actor"]["auth"] == "token"


async def test_a_resent_command_takes_effect_once_and_gets_its_first_ack(room_socket: Socket, connect: Connect) -> None:
    first = await room_socket.command("post_message", "c1", message_id="m1", text="hi", run=False)
    again = await connect()
    await again.hello("tab-2")
    await again.until("live")
    assert await again.command("post_message", "c1", message_id="m1", text="hi", run=False) == first


async def test_a_client_resumes_from_its_cursor(room_socket: Socket, connect: Connect) -> None:
    for number in range(3):
        await room_socket.command("post_message", message_id=f"m{number}", text="hi", run=False)
    again = await connect()
    log = (await again.hello("tab-2"))["log"]
    again.close()
    resumed = await connect()
    await resumed.hello("tab-2", cursor={"log": log, "seq": 1})
    frame = await resumed.next()
    assert frame["type"] == "records" and [record["seq"] for record in frame["records"]] == [2, 3]


async def test_a_cursor_of_another_log_or_ahead_gets_a_snapshot(room_socket: Socket, connect: Connect) -> None:
    await room_socket.command("post_message", message_id="m", text="hi", run=False)
    for cursor in ({"log": "another", "seq": 1}, {"log": "another", "seq": 0}):
        socket = await connect()
        await socket.hello("t", cursor=cursor)
        assert (await socket.next())["type"] == "snapshot"
    socket = await connect()
    log = (await socket.hello("t"))["log"]
    ahead = await connect()
    await ahead.hello("t", cursor={"log": log, "seq": 99})
    assert (await ahead.next())["type"] == "snapshot"


async def test_bad_frames_get_a_clear_reject_and_the_room_lives_on(room_socket: Socket) -> None:
    bad: list[tuple[Any, str]] = [
        ("not json", "bad_frame"),
        ("[" * 50_000, "bad_frame"),
        ('{"type":"command","command_id":"x","command":' + '{"a":' * 2000 + "1" + "}" * 2001, "bad_frame"),
        ('{"type":"surprise"}', "bad_frame"),
        ('{"type":"command","command_id":"x","command":{"type":"sudo"}}', "unknown_command"),
        ('{"type":"command","command_id":"","command":{"type":"cancel_run","run_id":"r"}}', "bad_frame"),
        ('{"type":"command","command_id":"x","command":{"type":"cancel_run","run_id":"../r"}}', "bad_frame"),
        ('{"type":"hello","protocol":1,"client_id":"t"}', "out_of_order"),
        ('{"type":"command","command_id":"x","command":{"type":"cancel_run","run_id":"r"}}', "not_found"),
        ('{"type":"presence","typing":"' + "x" * 1_100_000 + '"}', "too_large"),
    ]
    for text, code in bad:
        await room_socket.connection.write_message(text)
        reject = await room_socket.until("reject")
        assert reject["code"] == code, text[:80]
        assert reject["message"] and "Traceback" not in reject["message"]
    await room_socket.connection.write_message(b"\xff\xfe\x00", binary=True)
    assert (await room_socket.until("reject"))["code"] == "bad_frame"
    assert (await room_socket.command("post_message", message_id="m", text="alive", run=False))["type"] == "ack"


async def test_a_command_before_hello_is_out_of_order(connect: Connect) -> None:
    socket = await connect()
    assert (await socket.command("post_message", message_id="m", text="hi"))["code"] == "out_of_order"


async def test_an_unknown_protocol_is_refused_with_a_clear_code(connect: Connect) -> None:
    socket = await connect()
    await socket.send(type="hello", protocol=99, client_id="t")
    assert (await socket.until("reject"))["code"] == "unsupported_protocol"
    assert (await socket.until("closing"))["code"] == 4010


async def test_a_flood_of_one_person_is_limited(room_socket: Socket) -> None:
    for number in range(60):
        await room_socket.send(
            type="command", command_id=f"f{number}", command={"type": "cancel_run", "run_id": "nothing"}
        )
    codes = [(await room_socket.until("reject"))["code"] for _ in range(60)]
    assert codes.count("rate_limited") >= 10 and codes.count("not_found") >= 40


async def test_presence_shows_who_is_here_and_typing(room_socket: Socket, connect: Connect) -> None:
    other = await connect()
    await other.hello("tab-2")
    await other.send(type="presence", typing=True, thread_id="main")
    while True:
        shown = (await room_socket.until("presence"))["participants"]
        if len(shown) == 2 and shown[1]["typing"]:
            break
    assert (shown[1]["client_id"] == "tab-2" and shown[1]["color"] is None) or shown[1]["initials"]
    other.close()
    while len((await room_socket.until("presence"))["participants"]) != 1:
        pass
