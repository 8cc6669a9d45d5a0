"""The in-memory commit store: the adapter suite, and the ways in which it fails."""

from __future__ import annotations

from random import Random

import pytest

from kernel.store.memory import MemoryCommits, Operation, StoreFault, scripted, seeded
from kernel.store.port import Commit, Duplicate, Inserted, OutcomeUnknown, StoreUnavailable
from tests.adapters.commits import CommitsSuite, a_commit


class TestTheTwin(CommitsSuite):
    @pytest.fixture
    def commits(self) -> MemoryCommits:
        return MemoryCommits()

    async def make_refusable(self, commits: MemoryCommits) -> Commit:
        commits.faults = scripted(StoreFault.REFUSED)
        return a_commit()


@pytest.mark.parametrize(
    ("fault", "at_once", "in_the_end"),
    [
        (StoreFault.AWAY, 0, 0),
        (StoreFault.REPLY_LOST, 2, 2),
        (StoreFault.TORN, 1, 1),
        (StoreFault.STRAY, 0, 2),
        (StoreFault.LATE, 0, 2),
        (StoreFault.ROLLED_BACK, 0, 0),
    ],
)
async def test_what_a_fault_leaves_behind(fault: StoreFault, at_once: int, in_the_end: int) -> None:
    commits = MemoryCommits(scripted(fault))
    with pytest.raises(OutcomeUnknown):
        await commits.insert([a_commit(), a_commit()])
    assert len(commits.durable()) == at_once
    for _ in range(3):
        await commits.load("tally-none")
    assert len(commits.durable()) == in_the_end


@pytest.mark.parametrize("fault", [StoreFault.LATE, StoreFault.ROLLED_BACK])
async def test_what_no_majority_has_takes_its_place_but_is_not_seen(fault: StoreFault) -> None:
    commits, commit = MemoryCommits(scripted(fault)), a_commit()
    with pytest.raises(OutcomeUnknown):
        await commits.insert([commit])
    assert await commits.insert([commit]) == [Duplicate()]
    assert await commits.holders(commit) == []


async def test_what_was_rolled_back_can_be_written_again() -> None:
    commits, commit = MemoryCommits(scripted(StoreFault.ROLLED_BACK)), a_commit()
    with pytest.raises(OutcomeUnknown):
        await commits.insert([commit])
    for _ in range(3):
        await commits.load(commit.stream)
    assert await commits.insert([commit]) == [Inserted()]
    assert await commits.load(commit.stream) == [commit]


async def test_an_acknowledged_write_settles_what_was_written_before_it() -> None:
    commits, early = MemoryCommits(scripted(StoreFault.ROLLED_BACK)), a_commit()
    with pytest.raises(OutcomeUnknown):
        await commits.insert([early])
    late = a_commit()
    assert await commits.insert([late]) == [Inserted()]
    assert {one.id for one in commits.durable()} == {early.id, late.id}


async def test_a_read_without_an_answer_says_so() -> None:
    commits = MemoryCommits(scripted(StoreFault.AWAY, of="load"))
    with pytest.raises(StoreUnavailable):
        await commits.load("tally-none")
    assert await commits.load("tally-none") == []


async def test_the_same_seed_gives_the_same_faults() -> None:
    operations: list[Operation] = ["insert", "load", "insert", "holders"] * 50
    one, two, other = (seeded(Random(seed), 0.3) for seed in (1, 1, 2))
    first = [one(operation) for operation in operations]
    assert first == [two(operation) for operation in operations]
    assert first != [other(operation) for operation in operations]
    assert {None, *StoreFault} == set(first)


async def test_a_pause_stands_before_and_after_each_operation() -> None:
    paused: list[tuple[str, int]] = []

    async def pause(operation: str) -> None:
        paused.append((operation, len(commits.durable())))

    commits = MemoryCommits(pause=pause)
    await commits.insert([a_commit()])
    await commits.load("tally-none")
    assert paused == [("insert", 0), ("insert", 1), ("load", 1), ("load", 1)]
