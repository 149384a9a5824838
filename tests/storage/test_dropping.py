"""Which pictures go when a room has too many."""

from __future__ import annotations

from jupyter_copilot.storage.dropping import Kept, to_drop


def of(owner: str, *sizes: int) -> list[Kept]:
    return [Kept(f"{owner}{number}", owner, size) for number, size in enumerate(sizes)]


def test_nothing_goes_while_all_fits() -> None:
    assert to_drop(of("a", 5, 5), 10, 99) == []


def test_the_oldest_of_whoever_has_most_go_and_nobody_elses() -> None:
    newest_first = [*of("kernel", 10, 10, 10), *of("alice", 10, 10)]
    assert to_drop(newest_first, 40, 99) == ["kernel2"]


def test_what_one_posts_without_end_pushes_out_its_own() -> None:
    newest_first = [*of("kernel", *[7] * 100), *of("alice", 30)]
    assert "alice0" not in to_drop(newest_first, 100, 999)


def test_so_many_at_once_go_and_the_rest_next_time() -> None:
    assert to_drop(of("a", 5, 5, 5, 5), 0, 3) == ["a3", "a2", "a1"]
