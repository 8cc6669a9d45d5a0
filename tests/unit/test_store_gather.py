"""Appends share writes, and each is repeated until its fate is known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest

from kernel import crash
from kernel.store.gather import EventStore, Patience
from kernel.store.memory import Faults, MemoryCommits, StoreFault, no_faults, scripted
from kernel.store.port import Commit, Conflict, Insertion, StoreUnavailable
from kernel.store.shared import SharedWrites
from tests.adapters.commits import a_commit
from tests.adapters.tally import NO_WAIT
from tests.support import eventually


class Gated(MemoryCommits):
    """A store whose writes wait at a gate, and are written down."""

    def __init__(self, faults: Faults = no_faults, *, shut: bool = False) -> None:
        super().__init__(faults)
        self.gate = asyncio.Event()
        if not shut:
            self.gate.set()
        self.writes: list[list[str]] = []

    async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
        self.writes.append([one.id for one in batch])
        await self.gate.wait()
        return await super().insert(batch)


def start(store: EventStore, commits: Sequence[Commit]) -> list[asyncio.Task[Commit]]:
    return [asyncio.create_task(store.append(one)) for one in commits]


def ids(commits: Sequence[Commit]) -> list[str]:
    return [one.id for one in commits]


async def in_flight(commits: Gated, store: EventStore) -> asyncio.Task[Commit]:
    """An append that waits at the gate, so that others have to wait behind it."""
    (task,) = start(store, [a_commit()])
    await eventually(lambda: len(commits.writes) == 1)
    return task


async def test_what_waits_while_a_write_is_in_flight_shares_the_next() -> None:
    commits = Gated(shut=True)
    store = EventStore(commits)
    first = await in_flight(commits, store)
    others = [a_commit() for _ in range(20)]
    tasks = start(store, others)
    await asyncio.sleep(0)
    assert len(commits.writes) == 1
    commits.gate.set()
    assert [await task for task in tasks] == others
    assert commits.writes[1:] == [ids(others)]
    assert len(commits.durable()) == 21
    await first


async def test_two_appends_of_one_stream_never_share_a_write() -> None:
    commits = Gated(shut=True)
    store = EventStore(commits)
    await in_flight(commits, store)
    subject = uuid4()
    mine = [a_commit(subject, version) for version in (1, 2, 3)]
    other = a_commit()
    tasks = start(store, [mine[0], mine[1], other, mine[2]])
    await asyncio.sleep(0)
    commits.gate.set()
    await asyncio.gather(*tasks)
    assert commits.writes[1:] == [[mine[0].id, other.id], [mine[1].id], [mine[2].id]]


async def test_a_shared_write_is_bounded() -> None:
    commits = Gated()
    writes = SharedWrites(commits, most=8)
    await asyncio.gather(*(writes.insert(a_commit()) for _ in range(20)))
    assert [len(one) for one in commits.writes] == [8, 8, 4]


async def test_an_append_whose_place_is_taken_conflicts_and_its_neighbours_do_not() -> None:
    commits = Gated()
    store = EventStore(commits)
    await store.append(taken := a_commit())
    loser = replace(taken, command_id=uuid4())
    neighbours = [a_commit(), a_commit()]
    tasks = start(store, [neighbours[0], loser, neighbours[1]])
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results.pop(1), Conflict)
    assert results == neighbours
    assert len(commits.writes[1]) == 3


async def test_a_refused_append_refuses_nobody_else() -> None:
    commits = Gated(scripted(StoreFault.REFUSED))
    appended = [a_commit(), a_commit(), a_commit()]
    tasks = start(EventStore(commits), appended)
    *others, refused = await asyncio.gather(*tasks, return_exceptions=True)
    assert others == appended[:2]
    assert isinstance(refused, StoreUnavailable)
    assert len(commits.writes) == 1


UNKNOWN = [one for one in StoreFault if one is not StoreFault.REFUSED]


@pytest.mark.parametrize("fault", UNKNOWN)
async def test_what_became_unknown_is_repeated_by_each_until_it_is_durable(
    fault: StoreFault,
) -> None:
    commits = Gated(scripted(fault))
    store = EventStore(commits, NO_WAIT)
    appended = [a_commit() for _ in range(5)]
    assert await asyncio.gather(*start(store, appended)) == appended
    assert sorted(ids(commits.durable())) == sorted(ids(appended))
    assert sorted(commits.writes[0]) == sorted(set(sum(commits.writes[1:], [])))  # noqa: RUF017


async def test_a_lost_reply_whose_place_is_now_seen_is_answered_by_the_stored_commit() -> None:
    commits = Gated(scripted(StoreFault.REPLY_LOST))
    commit = a_commit()
    assert await EventStore(commits, NO_WAIT).append(commit) == commit
    assert commits.writes == [[commit.id]] * 2


async def test_a_command_stored_before_answers_with_what_was_stored() -> None:
    store = EventStore(MemoryCommits())
    await store.append(first := a_commit(subject := uuid4()))
    again = a_commit(subject, 2, command_id=first.command_id)
    assert await store.append(again) == first


async def test_a_rival_that_no_majority_has_is_no_conflict_yet() -> None:
    """It may be rolled back; then the place is free again."""
    commits = MemoryCommits(scripted(StoreFault.ROLLED_BACK))
    rival = a_commit(subject := uuid4())
    with pytest.raises(StoreUnavailable):
        await EventStore(commits, Patience(seconds=0)).append(rival)
    mine = a_commit(subject)
    assert await EventStore(commits, NO_WAIT).append(mine) == mine
    assert commits.durable() == [mine]


async def test_a_look_that_fails_is_repeated() -> None:
    commits = MemoryCommits(scripted(StoreFault.AWAY, StoreFault.AWAY, of="holders"))
    store = EventStore(commits, NO_WAIT)
    await store.append(first := a_commit())
    with pytest.raises(Conflict):
        await store.append(replace(first, command_id=uuid4()))


async def test_the_time_of_an_unknown_append_is_bounded() -> None:
    commits = Gated(lambda _: StoreFault.AWAY)
    passed: list[float] = []

    async def pause(seconds: float) -> None:
        passed.append(seconds)

    patience = Patience(5, first=0.25, longest=1, pause=pause, monotonic=lambda: sum(passed))
    with pytest.raises(StoreUnavailable):
        await EventStore(commits, patience).append(a_commit())
    assert passed == [0.25, 0.5, 1, 1, 1, 1]
    assert len(commits.writes) == 7


async def test_whatever_a_store_raises_leaves_nobody_waiting() -> None:
    class Broken(MemoryCommits):
        async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
            raise ZeroDivisionError

    store = EventStore(Broken(), Patience(seconds=0))
    tasks = start(store, [a_commit(), a_commit()])
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in results] == [StoreUnavailable] * 2


async def test_a_cancelled_caller_cancels_nobody_else() -> None:
    commits = Gated(shut=True)
    store = EventStore(commits)
    shared = [a_commit() for _ in range(3)]
    tasks = start(store, shared)
    await eventually(lambda: len(commits.writes) == 1)
    tasks[0].cancel()
    waiting = start(store, [a_commit(), late := a_commit()])
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait([tasks[0], waiting[0]])
    commits.gate.set()
    assert [await tasks[1], await tasks[2], await waiting[1]] == [*shared[1:], late]
    assert sorted(ids(commits.durable())) == sorted(ids([*shared, late]))


async def test_when_every_caller_is_cancelled_the_next_append_still_works() -> None:
    commits = Gated(shut=True)
    store = EventStore(commits)
    tasks = start(store, [a_commit(), a_commit()])
    await eventually(lambda: len(commits.writes) == 1)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    commits.gate.set()
    assert await store.append(commit := a_commit()) == commit
    assert len(commits.durable()) == 3


async def test_closing_waits_for_what_is_in_flight() -> None:
    commits = Gated(shut=True)
    store = EventStore(commits)
    await in_flight(commits, store)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    assert not closing.done()
    commits.gate.set()
    await closing
    assert len(commits.durable()) == 1
    await EventStore(commits).close()


async def test_a_durable_append_reaches_its_crash_point() -> None:
    commits = MemoryCommits()
    crash.set_hook(crash.raise_at("after_append"))
    try:
        with pytest.raises(crash.Crashed):
            await EventStore(commits).append(commit := a_commit())
    finally:
        crash.set_hook(None)
    assert commits.durable() == [commit]
