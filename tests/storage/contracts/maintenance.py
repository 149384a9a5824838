"""What every event log promises of compaction."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core.reducer import RETAINED_OUTPUT_CHARS
from jupyter_copilot.ports.store import Store

from ...builders import ALICE, BOB, Fold, proposed, running, streaming
from ..samples import ROOM, answered, busy_room, command, committed, folded, kept, printed, said, thought, told, word


def texts(records: list[p.Record]) -> list[str]:
    """The text of each delta and output that is left."""
    events = [record.event for record in records]
    return [e.output.text if isinstance(e, p.CallOutput) else e.text for e in events if isinstance(e, DELTAS)]


DELTAS = (p.TextDelta, p.ReasoningDelta, p.CallOutput)


class CompactionContract:
    async def test_settled_deltas_become_one_record_each(self, log: Store) -> None:
        fold = Fold()
        answered(fold, deltas=5)
        await kept(log, fold.records)
        head = fold.records[-1].seq
        assert await log.compact(ROOM, head) == 12
        records = await log.read(ROOM, 0)
        assert texts(records) == [
            "hm0 hm1 hm2 hm3 hm4 ",
            "word0 word1 word2 word3 word4 ",
            "line 0\nline 1\nline 2\nline 3\nline 4\n",
        ]
        assert len(records) == head - 12
        assert (await log.head(ROOM)).floor == head
        assert await log.verify() == []

    @pytest.mark.parametrize("seed", range(25))
    async def test_a_compacted_log_folds_to_the_same_state(self, log: Store, seed: int) -> None:
        fold = busy_room(seed)
        await kept(log, fold.records)
        removed = 0
        for part in (3, 2, 1):
            floor = len(fold.records) // part
            removed += await log.compact(ROOM, floor)
            records = await log.read(ROOM, 0, 10_000)
            assert folded(records, floor) == fold.state
            assert [record for record in records if record.seq > floor] == fold.records[floor:]
        assert removed > 0
        assert await log.verify() == []

    async def test_whatever_is_no_delta_stays_as_it_was(self, log: Store) -> None:
        fold = busy_room(1)
        await kept(log, fold.records)
        await log.compact(ROOM, len(fold.records))
        left = [r for r in await log.read(ROOM, 0, 10_000) if not isinstance(r.event, DELTAS)]
        assert left == [r for r in fold.records if not isinstance(r.event, DELTAS)]

    async def test_a_merged_record_has_the_last_seq_and_the_first_time(self, log: Store) -> None:
        fold = Fold()
        answered(fold, deltas=3)
        deltas = [record for record in fold.records if isinstance(record.event, p.TextDelta)]
        await kept(log, fold.records)
        await log.compact(ROOM, len(fold.records))
        (merged,) = [record for record in await log.read(ROOM, 0) if isinstance(record.event, p.TextDelta)]
        assert (merged.seq, merged.at, merged.actor) == (deltas[-1].seq, deltas[0].at, deltas[0].actor)

    async def test_a_step_that_still_grows_is_left_alone(self, log: Store) -> None:
        fold = Fold()
        run_id = running(fold)
        answer = streaming(fold, run_id)
        fold.tell(word(run_id, answer, "a"), word(run_id, answer, "b"))
        await kept(log, fold.records)
        assert await log.compact(ROOM, len(fold.records)) == 0
        assert await log.read(ROOM, 0) == fold.records

    async def test_a_step_that_broke_off_is_merged(self, log: Store) -> None:
        fold = Fold()
        run_id = running(fold)
        answer = streaming(fold, run_id)
        fold.tell(word(run_id, answer, "a"), word(run_id, answer, "b"))
        fold.tell(p.StepAborted(run_id=run_id, step=1, message_id=answer, reason="cut"))
        await kept(log, fold.records)
        assert await log.compact(ROOM, len(fold.records)) == 1

    async def test_what_is_above_the_floor_stays(self, log: Store) -> None:
        fold = Fold()
        run_id = running(fold)
        answer = streaming(fold, run_id)
        first = fold.tell(*(word(run_id, answer, str(n)) for n in range(6))).seq - 5
        fold.tell(p.StepFinished(run_id=run_id, step=1, message_id=answer))
        await kept(log, fold.records)
        assert await log.compact(ROOM, first + 2) == 2
        assert texts(await log.read(ROOM, 0)) == ["012", "3", "4", "5"]
        assert (await log.head(ROOM)).floor == first + 2
        assert await log.compact(ROOM, first + 5) == 2
        assert texts(await log.read(ROOM, 0)) == ["012", "345"]
        assert await log.verify() == []

    async def test_the_floor_never_passes_the_head_nor_goes_back(self, log: Store) -> None:
        await told(log, said("a"), said("b"))
        assert await log.compact(ROOM, 99) == 0
        assert (await log.head(ROOM)).floor == 2
        assert await log.compact(ROOM, 1) == 0
        assert (await log.head(ROOM)).floor == 2

    async def test_only_neighbours_of_one_stream_are_merged(self, log: Store) -> None:
        fold = Fold()
        run_id = running(fold)
        answer = streaming(fold, run_id)
        fold.tell(word(run_id, answer, "a"), thought(run_id, answer, "b"), word(run_id, answer, "c"))
        call_id = proposed(fold, run_id)
        fold.tell(p.StepFinished(run_id=run_id, step=1, message_id=answer))
        picture = p.Image(mime="image/png", data="iVBOR")
        outputs = [
            printed(call_id, "1"),
            printed(call_id, "2", "stderr"),
            printed(call_id, "3", cell_id="x"),
            printed(call_id, "4", cell_id="x"),
            printed(call_id, "5", "result"),
            printed(call_id, "6", "result"),
            printed(call_id, "", "image", image=picture),
            printed(call_id, "", "image", image=picture),
        ]
        fold.tell(p.CallStarted(call_id=call_id, exec_id=call_id, adapter="live"), *outputs)
        fold.tell(p.CallFinished(call_id=call_id, result=p.CallResult(text="done")))
        await kept(log, fold.records)
        assert await log.compact(ROOM, len(fold.records)) == 1
        assert texts(await log.read(ROOM, 0)) == ["a", "b", "c", "1", "2", "34", "5", "6", "", ""]

    async def test_attempts_are_not_merged_with_each_other(self, log: Store) -> None:
        run_id, answer = p.RunId("r"), p.MessageId("m")
        ends = [p.StepFinished(run_id=run_id, step=1, message_id=answer, attempt=n) for n in (1, 2)]
        await told(log, word(run_id, answer, "a"), word(run_id, answer, "b", attempt=2), *ends)
        assert await log.compact(ROOM, 4) == 0

    async def test_a_merged_record_is_no_longer_than_what_the_fold_keeps(self, log: Store) -> None:
        call_id = p.CallId("c")
        piece = "x" * (RETAINED_OUTPUT_CHARS // 4)
        await told(log, *(printed(call_id, piece) for _ in range(6)))
        await told(log, p.CallFinished(call_id=call_id, result=p.CallResult(text="done")))
        assert await log.compact(ROOM, 7) == 4
        assert [len(text) for text in texts(await log.read(ROOM, 0))] == [len(piece) * 4, len(piece) * 2]

    async def test_commands_of_merged_records_stay_known(self, log: Store) -> None:
        call_id = p.CallId("c")
        for n in range(3):
            output = [printed(call_id, str(n))]
            await log.append(ROOM, n, output, actor=ALICE, at=n, command_id=command(f"c{n}"))
        end = p.CallFinished(call_id=call_id, result=p.CallResult(text="done"))
        whole = await log.append(ROOM, 3, [end], actor=ALICE, at=3, command_id=command("end"))
        await log.compact(ROOM, 4)
        for n in range(3):
            assert await committed(log, ROOM, command(f"c{n}")) == n + 1
            assert await log.append(ROOM, 4, [said("x")], actor=ALICE, at=9, command_id=command(f"c{n}")) == []
        assert await log.append(ROOM, 4, [said("x")], actor=ALICE, at=9, command_id=command("end")) == whole
        assert (await log.head(ROOM)).seq == 4

    async def test_a_command_that_was_merged_in_part_has_no_records_to_return(self, log: Store) -> None:
        call_id = p.CallId("c")
        await told(log, printed(call_id, "a"))
        both: list[p.Event] = [printed(call_id, "b"), p.CallFinished(call_id=call_id, result=p.CallResult(text="done"))]
        await log.append(ROOM, 1, both, actor=ALICE, at=2, command_id=command("c"))
        assert await log.compact(ROOM, 3) == 1
        assert await log.append(ROOM, 3, [said("x")], actor=ALICE, at=9, command_id=command("c")) == []
        assert await committed(log, ROOM, command("c")) == 3

    async def test_people_are_not_merged_with_each_other(self, log: Store) -> None:
        call_id, run_id, answer = p.CallId("c"), p.RunId("r"), p.MessageId("m")
        for delta in (printed(call_id, "a"), word(run_id, answer, "a")):
            await told(log, delta, actor=ALICE)
            await told(log, delta, actor=BOB)
        await told(log, p.CallFinished(call_id=call_id, result=p.CallResult(text="done")))
        await told(log, p.StepFinished(run_id=run_id, step=1, message_id=answer))
        assert await log.compact(ROOM, 6) == 0
