"""What every outbox and its leases do; the database and the twins both pass."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import PARTITIONS, Topic
from kernel.log import Partition
from kernel.relay.port import Backlog, Lease, LeaseLost, Leases, Mark, Outbox, Parked, Restore
from kernel.store.port import Commit, StoreDiffers, StoreUnavailable
from tests.support_relay import NOW, case_in, commit

CASE = case_in(3)
OTHER = case_in(3, nth=1)
HERE = Partition(Topic.CASE, 3)
THERE = Partition(Topic.CASE, 9)
OFFERS = Partition(Topic.OFFER, 3)
MARK = Mark("cluster/topic", offset=7, event="event", seen=8)


class Base(ABC):
    """An event store with its outbox, and what a test may do to it; another that is away."""

    outbox: Outbox
    outbox_away: Outbox
    leases_away: Leases

    @abstractmethod
    async def add(self, *commits: Commit) -> None:
        """Append commits."""

    @abstractmethod
    async def restore(self, *, whole: bool) -> None:
        """Note a restore, as one does that begins or has come to its end."""

    @abstractmethod
    def leases(self, holder: str) -> Leases:
        """The leases of a replica."""

    @abstractmethod
    async def run_out(self, *lanes: int) -> None:
        """Let leases run out, as a pause of their holder does."""

    @abstractmethod
    async def silence(self, holder: str) -> None:
        """Let a replica's sign of life run out."""


async def lease_on(base: Base, lane: int = 3, holder: str = "one") -> Lease:
    leases = base.leases(holder)
    await leases.beat()
    await leases.take([lane])
    return (await leases.beat()).mine[lane]


async def ids(base: Base, partition: Partition = HERE, after: str = "") -> list[str]:
    return [one.id for one in (await base.outbox.pending(partition, 100, after)).commits]


def ids_of(commits: Sequence[Commit]) -> list[str]:
    return sorted(one.id for one in commits)


class OutboxSuite:
    """Subclasses give the fixture `base`."""

    async def test_pending_commits_come_back_as_they_were_in_order(self, base: Base) -> None:
        commits = [commit(CASE, version) for version in (2, 1, 10)]
        await base.add(*commits, commit(OTHER, 1))
        page = await base.outbox.pending(HERE, 100)
        assert page.last
        assert page.commits == sorted([*commits, commit(OTHER, 1)], key=lambda one: one.id)

    async def test_a_page_ends_at_its_limit_and_the_next_one_goes_on(self, base: Base) -> None:
        await base.add(*(commit(CASE, version) for version in range(1, 6)))
        first = await base.outbox.pending(HERE, 3)
        assert (len(first.commits), first.last, first.through) == (3, False, commit(CASE, 3).id)
        rest = await base.outbox.pending(HERE, 3, after=first.through)
        assert ([one.version for one in rest.commits], rest.last) == ([4, 5], True)
        whole = await base.outbox.pending(HERE, 5)
        assert whole.last

    async def test_a_page_holds_one_partition_only_and_nothing_private(self, base: Base) -> None:
        offer = commit(CASE, 1, service="offer", topic=Topic.OFFER)
        secret = commit(CASE, 1, service="token", topic=Topic.PRIVATE)
        await base.add(commit(CASE, 1), commit(case_in(9), 1), offer, secret)
        assert await ids(base, HERE) == [commit(CASE, 1).id]
        assert await ids(base, OFFERS) == [offer.id]
        assert await ids(base, Partition(Topic.PRIVATE, 3)) == []

    async def test_where_something_waits_is_known(self, base: Base) -> None:
        await base.add(commit(CASE, 1), commit(case_in(9), 1))
        assert await base.outbox.waiting([HERE, OFFERS]) == {HERE}
        assert await base.outbox.waiting([HERE, THERE]) == {HERE, THERE}
        assert await base.outbox.waiting([]) == set()

    async def test_what_is_settled_is_pending_no_more_and_the_mark_is_kept(
        self, base: Base
    ) -> None:
        await base.add(commit(CASE, 1), commit(CASE, 2))
        lease = await lease_on(base)
        await base.outbox.settle(lease, Topic.CASE, MARK, [commit(CASE, 1).id])
        assert await ids(base) == [commit(CASE, 2).id]
        assert await base.outbox.claim(lease, Topic.CASE) == MARK
        assert await base.outbox.claim(lease, Topic.OFFER) is None
        assert await base.outbox.claim(lease, Topic.OFFER) is None

    async def test_once_a_later_lease_has_claimed_an_earlier_one_does_nothing(
        self, base: Base
    ) -> None:
        await base.add(commit(CASE, 1))
        stale = await lease_on(base, holder="one")
        await base.run_out(3)
        later = await lease_on(base, holder="two")
        assert await base.outbox.claim(later, Topic.CASE) is None
        with pytest.raises(LeaseLost):
            await base.outbox.settle(stale, Topic.CASE, MARK, [commit(CASE, 1).id])
        with pytest.raises(LeaseLost):
            await base.outbox.save(stale, Topic.CASE, MARK)
        with pytest.raises(LeaseLost):
            await base.outbox.claim(stale, Topic.CASE)
        assert await ids(base) == [commit(CASE, 1).id]
        assert await base.outbox.claim(later, Topic.CASE) is None

    async def test_a_lease_that_ran_out_still_settles_while_nobody_claimed(
        self, base: Base
    ) -> None:
        await base.add(commit(CASE, 1))
        lease = await lease_on(base)
        await base.run_out(3)
        await base.outbox.settle(lease, Topic.CASE, MARK, [commit(CASE, 1).id])
        assert await ids(base) == []

    async def test_what_a_later_lease_reopened_stays_pending_for_an_earlier_one(
        self, base: Base
    ) -> None:
        await base.add(commit(CASE, 1))
        stale = await lease_on(base, holder="one")
        await base.run_out(3)
        later = await lease_on(base, holder="two")
        await base.outbox.reopen({HERE: later})
        await base.outbox.settle(stale, Topic.CASE, MARK, [commit(CASE, 1).id])
        assert await ids(base) == [commit(CASE, 1).id]
        await base.outbox.reopen({HERE: stale})
        await base.outbox.settle(stale, Topic.CASE, MARK, [commit(CASE, 1).id])
        assert await ids(base) == [commit(CASE, 1).id]
        await base.outbox.settle(later, Topic.CASE, MARK, [commit(CASE, 1).id])
        assert await ids(base) == []

    async def test_what_is_reopened_is_pending_again(self, base: Base) -> None:
        await base.add(commit(CASE, 1), commit(CASE, 2), commit(case_in(9), 1))
        await base.add(commit(CASE, 1, service="token", topic=Topic.PRIVATE))
        lease = await lease_on(base)
        published = [commit(CASE, 1).id, commit(case_in(9), 1).id]
        await base.outbox.settle(lease, Topic.CASE, MARK, published)
        await base.outbox.reopen({HERE: lease})
        assert await ids(base) == ids_of([commit(CASE, 1), commit(CASE, 2)])
        assert await ids(base, THERE) == []
        there = await lease_on(base, 9)
        await base.outbox.reopen({HERE: lease, THERE: there, OFFERS: lease})
        assert await ids(base, THERE) == [commit(case_in(9), 1).id]
        assert await ids(base, Partition(Topic.PRIVATE, 3)) == []

    async def test_marks_are_noted_where_there_are_none_only(self, base: Base) -> None:
        await base.outbox.save(await lease_on(base), Topic.CASE, MARK)
        assert await base.outbox.unmarked([HERE, THERE]) == {THERE}
        new = Mark("another", replaced=True, reopen=True)
        await base.outbox.mark_first({HERE: new, THERE: new})
        assert await base.outbox.claim(await lease_on(base), Topic.CASE) == MARK
        assert await base.outbox.claim(await lease_on(base, 9), Topic.CASE) == new
        await base.outbox.mark_first({})

    async def test_used_partitions_are_known_published_or_not(self, base: Base) -> None:
        await base.add(commit(CASE, 1))
        lease = await lease_on(base)
        await base.outbox.settle(lease, Topic.CASE, MARK, [commit(CASE, 1).id])
        assert await base.outbox.used([HERE, THERE, OFFERS]) == {HERE}

    async def test_heads_count_events_not_commits(self, base: Base) -> None:
        await base.add(commit(CASE, 1, events=3), commit(CASE, 4, events=2), commit(OTHER, 1))
        streams = [f"consent-{CASE}", f"consent-{OTHER}", f"consent-{UUID(int=0)}"]
        assert await base.outbox.heads(streams) == {streams[0]: 5, streams[1]: 1}

    async def test_what_is_taken_back_is_there_as_published(self, base: Base) -> None:
        kept, missing = commit(CASE, 1), [commit(CASE, 2, events=2), commit(CASE, 4)]
        await base.add(kept)
        assert await base.outbox.take_back([kept, *missing, missing[0]]) == 2
        assert await ids(base) == [kept.id]
        assert await base.outbox.heads([kept.stream]) == {kept.stream: 4}
        await base.outbox.reopen({HERE: await lease_on(base)})
        assert (await base.outbox.pending(HERE, 100)).commits == [kept, *missing]

    async def test_what_is_there_is_not_taken_back_again(self, base: Base) -> None:
        assert await base.outbox.take_back([commit(CASE, 1)]) == 1
        assert await base.outbox.take_back([commit(CASE, 1)]) == 0
        assert await base.outbox.take_back([]) == 0

    @pytest.mark.parametrize(
        "changed",
        [
            {"command_id": UUID(int=7)},
            {"recorded_at": NOW + timedelta(seconds=1)},
            {"version": 5},
        ],
    )
    async def test_nothing_is_taken_back_over_what_the_store_holds(
        self, base: Base, changed: dict[str, Any]
    ) -> None:
        """Another command in its place, the same one decided anew, or in another place."""
        held = commit(CASE, 1)
        await base.add(held)
        with pytest.raises(StoreDiffers):
            await base.outbox.take_back([replace(held, **changed)])
        assert await ids(base) == [held.id]

    async def test_a_store_was_restored_until_it_has_caught_up(self, base: Base) -> None:
        assert await base.outbox.restored() is None
        await base.restore(whole=False)
        await base.outbox.caught_up()
        assert await base.outbox.restored() == Restore(whole=False)
        await base.restore(whole=True)
        assert await base.outbox.restored() == Restore(whole=True)
        await base.outbox.caught_up()
        assert await base.outbox.restored() is None

    async def test_the_backlog_is_counted_from_its_oldest_commit(self, base: Base) -> None:
        assert await base.outbox.backlog() == Backlog(0, None)
        later = commit(CASE, 2, recorded_at=NOW + timedelta(hours=1))
        await base.add(commit(CASE, 1), later)
        await base.add(commit(CASE, 1, service="token", topic=Topic.PRIVATE))
        assert await base.outbox.backlog() == Backlog(2, NOW)
        lease = await lease_on(base)
        await base.outbox.settle(lease, Topic.CASE, MARK, [commit(CASE, 1).id])
        assert await base.outbox.backlog() == Backlog(1, NOW + timedelta(hours=1))

    async def test_what_is_published_again_waits_since_then_not_since_it_was_recorded(
        self, base: Base
    ) -> None:
        sent, never_sent = commit(CASE, 1), commit(CASE, 2, recorded_at=NOW + timedelta(hours=1))
        await base.add(sent, never_sent)
        lease = await lease_on(base)
        await base.outbox.settle(lease, Topic.CASE, MARK, [sent.id])
        await base.outbox.reopen({HERE: lease})
        backlog = await base.outbox.backlog()
        assert (backlog.count, backlog.oldest, backlog.again) == (2, never_sent.recorded_at, 1)
        assert 0 <= backlog.again_seconds < 60
        await base.outbox.settle(lease, Topic.CASE, MARK, [never_sent.id])
        await base.outbox.reopen({HERE: lease})
        backlog = await base.outbox.backlog()
        assert (backlog.count, backlog.oldest, backlog.again) == (2, None, 2)
        await base.outbox.settle(lease, Topic.CASE, MARK, [sent.id, never_sent.id])
        assert await base.outbox.backlog() == Backlog(0, None)

    async def test_the_first_reason_for_parking_stays_until_unparked(self, base: Base) -> None:
        parked = Parked(f"consent-{CASE}", HERE, commit(CASE, 2).id, "too large")
        await base.outbox.park(parked)
        await base.outbox.park(Parked(f"consent-{CASE}", HERE, commit(CASE, 3).id, "other"))
        assert await base.outbox.parked() == [parked]
        assert await base.outbox.unpark(parked.stream)
        assert await base.outbox.parked() == []
        assert not await base.outbox.unpark(parked.stream)

    async def test_the_bell_rings_where_commits_were_inserted(self, base: Base) -> None:
        assert await base.outbox.rung(0.05) is None
        await base.add(commit(CASE, 1), commit(case_in(9), 1))
        heard: set[Partition] = set()
        while not heard >= {HERE, THERE}:
            rings = await base.outbox.rung(5)
            heard |= await base.outbox.waiting([HERE, THERE]) if rings is None else rings
        assert heard == {HERE, THERE}
        assert await base.outbox.rung(0.05) == set()

    async def test_without_a_database_the_bell_says_look_everywhere(self, base: Base) -> None:
        assert await base.outbox_away.rung(0.05) is None
        assert await base.outbox_away.rung(0.05) is None

    async def test_without_a_database_everything_else_says_unavailable(self, base: Base) -> None:
        outbox, leases = base.outbox_away, base.leases_away
        calls = (outbox.pending(HERE, 1), outbox.backlog(), leases.beat(), outbox.waiting([HERE]))
        for call in asyncio.as_completed(calls):
            with pytest.raises(StoreUnavailable):
                await call


class LeasesSuite:
    """Subclasses give the fixture `base`."""

    async def test_at_first_every_lane_is_free(self, base: Base) -> None:
        standing = await base.leases("one").beat()
        assert (standing.mine, len(standing.free), standing.replicas) == ({}, PARTITIONS, 1)

    async def test_a_taken_lane_is_ours_and_nobody_elses(self, base: Base) -> None:
        one, two = base.leases("one"), base.leases("two")
        await one.beat()
        await two.beat()
        await one.take([3, 4])
        await two.take([4, 5])
        first, second = await one.beat(), await two.beat()
        assert set(first.mine) == {3, 4}
        assert set(second.mine) == {5}
        assert first.free == second.free == set(range(PARTITIONS)) - {3, 4, 5}
        assert first.replicas == second.replicas == 2

    async def test_a_lane_that_ran_out_is_taken_over_in_a_higher_epoch(self, base: Base) -> None:
        first = await lease_on(base, holder="one")
        await base.run_out(3)
        second = await lease_on(base, holder="two")
        assert second.epoch > first.epoch
        assert 3 not in (await base.leases("one").beat()).mine

    async def test_a_beat_renews_what_ran_out_if_nobody_took_it(self, base: Base) -> None:
        first = await lease_on(base)
        await base.run_out(3)
        standing = await base.leases("one").beat()
        assert standing.mine[3] == first
        assert 3 not in standing.free

    async def test_a_lane_given_back_is_free_at_once(self, base: Base) -> None:
        first = await lease_on(base)
        await base.leases("one").give([3])
        assert 3 in (await base.leases("two").beat()).free
        assert (await lease_on(base, holder="one")).epoch > first.epoch

    async def test_nobody_gives_back_what_is_another_ones(self, base: Base) -> None:
        await lease_on(base, holder="one")
        await base.leases("two").give([3])
        assert 3 not in (await base.leases("two").beat()).free

    async def test_who_leaves_is_counted_no_more(self, base: Base) -> None:
        await lease_on(base, holder="one")
        await base.leases("two").beat()
        await base.leases("one").leave()
        standing = await base.leases("two").beat()
        assert (len(standing.free), standing.replicas) == (PARTITIONS, 1)

    async def test_a_silent_replica_is_counted_no_more_until_it_speaks(self, base: Base) -> None:
        one, two = base.leases("one"), base.leases("two")
        await one.beat()
        assert (await two.beat()).replicas == 2
        await base.silence("one")
        assert (await two.beat()).replicas == 1
        assert (await one.beat()).replicas == 2

    @pytest.mark.parametrize("lanes", [[], list(range(PARTITIONS))])
    async def test_none_or_all_can_be_taken_at_once(self, base: Base, lanes: list[int]) -> None:
        leases = base.leases("one")
        await leases.beat()
        await leases.take(lanes)
        assert sorted((await leases.beat()).mine) == lanes
