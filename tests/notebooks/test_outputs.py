"""A kernel's messages as outputs of a cell, and as pieces for those who watch."""

from typing import Any

import nbformat
import pytest

from jupyter_copilot.notebooks.kernel.outputs import (
    MAX_IMAGE,
    MAX_STREAM,
    MAX_TEXT,
    Append,
    Clear,
    Extend,
    OutputArea,
    Replace,
    pieces_of,
)


def message(kind: str, **content: Any) -> dict[str, Any]:
    return {"msg_type": kind, "content": content}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return message("stream", name=name, text=text)


def display(text: str, display_id: str | None = None, kind: str = "display_data") -> dict[str, Any]:
    transient = {} if display_id is None else {"display_id": display_id}
    return message(kind, data={"text/plain": text}, metadata={}, transient=transient)


def fed(*messages: dict[str, Any]) -> tuple[OutputArea, list[Any]]:
    area = OutputArea()
    return area, [edit for m in messages for edit in area.add(m)]


def test_text_of_one_stream_is_joined_until_another_output_comes() -> None:
    area, edits = fed(stream("a"), stream("b"), stream("c", "stderr"), stream("d"))
    assert [output["text"] for output in area.outputs] == ["ab", "c", "d"]
    assert isinstance(edits[0], Append)
    assert edits[0].output["text"] == "a"
    assert edits[1] == Extend(0, "b")


def test_a_display_is_updated_wherever_it_is_shown() -> None:
    area, edits = fed(display("1", "d"), stream("x"), display("1", "d"), display("2", "d", kind="update_display_data"))
    assert [output.get("data") for output in area.outputs] == [{"text/plain": "2"}, None, {"text/plain": "2"}]
    assert [edit.index for edit in edits if isinstance(edit, Replace)] == [0, 2]


def test_clearing_may_wait_for_the_next_output() -> None:
    area, edits = fed(stream("old"), message("clear_output", wait=True))
    assert len(area.outputs) == 1
    assert area.add(stream("new"))[0] == Clear()
    assert [output["text"] for output in area.outputs] == ["new"]
    assert area.add(message("clear_output", wait=False)) == [Clear()]
    assert area.outputs == []
    assert len(edits) == 1


def test_a_display_that_was_cleared_is_not_updated_any_more() -> None:
    area, _ = fed(display("1", "d"), message("clear_output", wait=False), stream("x"))
    assert area.add(display("2", "d", kind="update_display_data")) == []


def test_the_outputs_are_valid_nbformat() -> None:
    area, _ = fed(
        stream("x"),
        display("1", "d"),
        message("execute_result", data={"text/plain": "1"}, metadata={}, execution_count=1, transient={}),
        message("error", ename="E", evalue="v", traceback=["t"]),
        message("comm_open", comm_id="c"),
        message("execute_input", code="x", execution_count=1),
    )
    assert [output["output_type"] for output in area.outputs] == [
        "stream",
        "display_data",
        "execute_result",
        "error",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()])
    notebook["cells"][0]["outputs"] = [nbformat.from_dict(output) for output in area.outputs]
    nbformat.validate(notebook)


def test_a_flood_of_text_is_cut_and_said_to_be() -> None:
    area, _ = fed(stream("x" * MAX_STREAM), stream("y" * 10), stream("z"))
    text = area.outputs[0]["text"]
    assert text.startswith("x" * MAX_STREAM)
    assert "dropped" in text
    assert "z" not in text


def test_an_edit_is_not_changed_by_what_comes_after() -> None:
    _, edits = fed(stream("a"), stream("b"))
    assert edits[0].output["text"] == "a"


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        (stream("a"), "stdout", "a"),
        (stream("a", "stderr"), "stderr", "a"),
        (display("r"), "result", "r"),
        (message("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m", "v"]), "error", "E\nv"),
        (message("error", ename="E", evalue="v", traceback=[]), "error", "E: v"),
        (message("clear_output", wait=False), "clear", ""),
    ],
)
def test_watchers_are_shown_pieces(given: dict[str, Any], kind: str, text: str) -> None:
    (piece,) = pieces_of(given, "c")
    assert (piece.kind, piece.text, piece.cell_id) == (kind, text, "c")


def test_watchers_are_shown_a_picture_unless_it_is_too_big() -> None:
    picture = {"image/png": "iVBO\n", "text/plain": "<Figure>"}
    (piece,) = pieces_of(message("display_data", data=picture, metadata={}), "c")
    assert piece.image is not None
    assert (piece.kind, piece.image.mime, piece.image.data) == ("image", "image/png", "iVBO")
    big = {"image/png": "x" * (MAX_IMAGE + 1), "text/plain": "<Figure>"}
    (piece,) = pieces_of(message("display_data", data=big, metadata={}), "c")
    assert (piece.kind, piece.text) == ("result", "<Figure>")


def test_watchers_are_shown_the_head_and_tail_of_long_text() -> None:
    (piece,) = pieces_of(stream("a" * MAX_TEXT + "b" * MAX_TEXT), "c")
    assert len(piece.text) < MAX_TEXT + 100
    assert piece.text.startswith("aaa")
    assert piece.text.endswith("bbb")
    assert f"{MAX_TEXT} characters left out" in piece.text


def test_what_says_nothing_to_watchers_is_not_shown() -> None:
    assert pieces_of(message("comm_msg", comm_id="c"), "c") == []
    assert pieces_of(message("display_data", data={"application/x": {}}, metadata={}), "c") == []
