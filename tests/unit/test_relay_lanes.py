"""Replicas share the lanes, hand them over, and a stale one does no harm."""

import pytest

from contracts.envelope import PARTITIONS, Topic
from kernel.log import Partition
from kernel.relay.memory import MemoryLog
from kernel.relay.memory_leases import OutboxFault
from kernel.relay.memory_leases import scripted as outbox_fault
from kernel.relay.port import Lease, Standing
from kernel.relay.relay import Relay
from kernel.relay.share import too_many, wanted
from tests.support_relay import Service, broken_promises, case_in, commit, drain, positions

CASE = case_in(3)
HERE = Partition(Topic.CASE, 3)


@pytest.fixture
def service() -> Service:
    return Service(MemoryLog())


def lanes(*relays: Relay) -> list[int]:
    return [one.health().lanes for one in relays]


@pytest.mark.parametrize(
    ("replicas", "held", "free", "give", "take"),
    [
        (1, 0, 16, 0, 16),
        (2, 16, 0, 8, 0),
        (2, 3, 13, 0, 5),
        (3, 6, 4, 0, 0),
        (3, 7, 4, 1, 0),
        (20, 0, 3, 0, 1),
    ],
)
def test_a_replica_holds_its_fair_share(
    replicas: int, held: int, free: int, give: int, take: int
) -> None:
    mine = {lane: Lease(lane, "one", 1) for lane in range(held)}
    standing = Standing(mine, frozenset(range(PARTITIONS - free, PARTITIONS)), replicas)
    assert (len(too_many(standing)), len(wanted(standing))) == (give, take)


async def test_a_single_replica_holds_every_lane(service: Service) -> None:
    one = service.relay("one")
    await one.step()
    assert lanes(one) == [16]


async def test_a_second_replica_gets_half_of_the_lanes(service: Service) -> None:
    one, two = service.relay("one"), service.relay("two")
    for _ in range(3):
        await one.step()
        await two.step()
    assert lanes(one, two) == [8, 8]


async def test_lanes_of_a_dead_replica_go_to_the_others_when_they_have_run_out(
    service: Service,
) -> None:
    one, two = service.relay("one"), service.relay("two")
    for _ in range(3):
        await one.step()
        await two.step()
    service.timer.seconds += 7
    await two.step()
    await two.step()
    assert lanes(two) == [16]


async def test_a_replica_that_leaves_hands_its_lanes_over_at_once(service: Service) -> None:
    one, two = service.relay("one"), service.relay("two")
    await one.step()
    one.stop()
    await one.run()
    await two.step()
    assert lanes(two) == [16]


async def test_two_replicas_publish_everything_in_order(service: Service) -> None:
    one, two = service.relay("one"), service.relay("two")
    for lane in range(PARTITIONS):
        service.store.add(*(commit(case_in(lane), version) for version in range(1, 6)))
    await drain(one, two)
    for lane in range(PARTITIONS):
        records = service.log.records(Partition(Topic.CASE, lane))
        assert positions(records) == [f"consent@{version}" for version in range(1, 6)]


async def test_a_lease_lost_in_mid_batch_marks_nothing_and_drops_the_lane(
    service: Service,
) -> None:
    one, two = service.relay("one"), service.relay("two")
    await one.step()
    service.store.add(commit(CASE, 1))

    async def lose_it(where: str) -> None:
        if where == "log.sent":
            service.log.pause = no_pause
            service.lanes.lose(3)
            await service.lanes_of("two").take([3])
            lease = (await service.lanes_of("two").beat()).mine[3]
            await service.outbox.claim(lease, Topic.CASE)

    service.log.pause = lose_it
    await one.step()
    assert service.pending() == [commit(CASE, 1).id]
    assert lanes(one) == [15]
    await drain(two)
    assert service.pending() == []
    assert positions(service.log.records(HERE)) == ["consent@1", "consent@1"]


async def test_what_is_reopened_in_the_middle_of_a_late_mark_stays_pending(
    service: Service,
) -> None:
    """The mark was kept just before somebody else took over and found another log."""
    one, two = service.relay("one"), service.relay("two")
    await one.step()
    service.store.add(commit(CASE, 1))

    async def overtake(where: str) -> None:
        if where == "outbox.marked":
            service.outbox.pause = no_pause
            service.log.lose()
            service.lanes.lose(*range(PARTITIONS))
            await two.balance()
            lease = (await service.lanes_of("two").beat()).mine[3]
            await service.outbox.claim(lease, Topic.CASE)
            await service.outbox.reopen({HERE: lease})

    service.outbox.pause = overtake
    await one.step()
    assert service.pending() == [commit(CASE, 1).id]


async def test_a_stale_holder_publishes_only_what_is_already_there(service: Service) -> None:
    """As after a SIGSTOP: it read its page, slept, and wakes when another one has the lane."""
    one, two = service.relay("one"), service.relay("two")
    await one.step()
    service.store.add(*(commit(CASE, version) for version in range(1, 4)))

    async def sleep_here(where: str) -> None:
        if where == "log.send":
            service.log.pause = no_pause
            service.lanes.lose(*range(PARTITIONS))
            await drain(two)
            service.store.add(commit(CASE, 4))
            await drain(two)

    service.log.pause = sleep_here
    await one.step()
    records = positions(service.log.records(HERE))
    assert records == [f"consent@{version}" for version in (1, 2, 3, 4, 1, 2, 3)]
    assert broken_promises(service.log.records(HERE)) == []
    assert service.pending() == []


async def test_a_refused_mark_drops_the_lane_until_the_next_beat(service: Service) -> None:
    relay = service.relay()
    await relay.step()
    service.store.add(commit(CASE, 1))
    service.outbox.faults = outbox_fault(OutboxFault.REFUSED, of="settle")
    await relay.step()
    assert service.pending() == [commit(CASE, 1).id]
    await drain(relay)
    assert service.pending() == []


async def no_pause(_: str) -> None:
    return None
