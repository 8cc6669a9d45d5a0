"""A running relay on the twins: it wakes, waits, shares, stops, and shows what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from contracts.envelope import PARTITIONS, Position, Topic
from kernel import crash
from kernel.crash import Crashed
from kernel.log import Outgoing, Partition
from kernel.relay.memory import LogFault, MemoryLog, Refuses, scripted
from kernel.relay.memory_leases import OutboxFault
from kernel.relay.memory_leases import scripted as outbox_fault
from kernel.relay.pace import Pace
from kernel.relay.port import Lease
from kernel.relay.relay import Relay
from kernel.relay.reopen import Reopener
from kernel.store.port import StoreUnavailable
from tests.support import eventually
from tests.support_relay import Service, broken_promises, case_in, commit, positions
from tests.support_virtual import in_virtual_time

CASE = case_in(3)
HERE = Partition(Topic.CASE, 3)
QUICK = Pace(beat=0.02, sweep=0.05, look=0.02, ring=0.01)
BLIND = Pace(beat=0.02, sweep=0.05, look=60, ring=0.01)


@pytest.fixture
def service() -> Service:
    return Service(MemoryLog())


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@in_virtual_time
async def test_a_running_relay_publishes_what_is_appended(service: Service) -> None:
    async with running(service.relay(pace=QUICK)):
        for lane in range(PARTITIONS):
            service.store.add(*(commit(case_in(lane), version) for version in range(1, 4)))
        await eventually(lambda: service.pending() == [])
    for lane in range(PARTITIONS):
        here = Partition(Topic.CASE, lane)
        assert positions(service.log.records(here)) == ["consent@1", "consent@2", "consent@3"]


@in_virtual_time
async def test_two_running_relays_share_and_one_that_stops_hands_over(service: Service) -> None:
    one, two = service.relay("one", pace=QUICK), service.relay("two", pace=QUICK)
    async with running(one, two):
        await eventually(lambda: (one.health().lanes, two.health().lanes) == (8, 8))
        one.stop()
        await eventually(lambda: two.health().lanes == PARTITIONS)
        assert one.health().lanes == 0


@in_virtual_time
async def test_a_relay_that_hangs_gives_back_what_is_too_many_and_loses_nothing_else(
    service: Service,
) -> None:
    """Otherwise two that hang would take all lanes from each other for ever."""
    never = asyncio.Event()

    async def hang(operation: str) -> None:
        if operation == "log.send":
            await never.wait()

    async def time_passes(operation: str) -> None:
        if operation == "leases.beat":
            service.timer.seconds += QUICK.beat

    service.log.pause, service.lanes.seconds = hang, 15 * QUICK.beat
    one, two = service.relay("one", pace=QUICK), service.relay("two", pace=QUICK)
    service.store.add(*(commit(case_in(lane), 1) for lane in range(PARTITIONS)))
    async with running(one):
        await eventually(lambda: one.health().lanes == PARTITIONS)
        two._leases.pause = time_passes  # type: ignore[attr-defined]  # only the twin has it
        async with running(two):
            await eventually(lambda: (one.health().lanes, two.health().lanes) == (8, 8))
            assert sorted(lane.epoch for lane in service.lanes.lanes.values()) == [1] * 8 + [2] * 8


@in_virtual_time
async def test_after_what_was_cut_off_under_way_a_new_producer_goes_on(service: Service) -> None:
    """The old one does not know whether it was written, and would give its number to another."""
    seen: list[str] = []
    never = asyncio.Event()

    async def hang(operation: str) -> None:
        seen.append(operation)
        if operation == "log.sent":
            await never.wait()

    service.log.pause = hang
    service.store.add(commit(CASE, 1))
    relay = service.relay()
    cut_off = asyncio.create_task(relay.step())
    await eventually(lambda: "log.sent" in seen)
    cut_off.cancel()
    await asyncio.wait({cut_off})
    seen.clear()
    never.set()
    await relay.step()
    assert "log.replace" in seen
    assert service.pending() == []
    assert positions(service.log.records(HERE)) == ["consent@1"]


@in_virtual_time
async def test_a_cancelled_relay_gives_its_lanes_back(service: Service) -> None:
    one = service.relay("one", pace=QUICK)
    async with running(one):
        await eventually(lambda: one.health().lanes == PARTITIONS)
    assert len((await service.lanes_of("two").beat()).free) == PARTITIONS


@in_virtual_time
async def test_one_failing_lane_keeps_trying_while_the_others_flow(service: Service) -> None:
    elsewhere = case_in(9)
    service.log.refuses = _fails_for(CASE)
    relay = service.relay(pace=QUICK)
    async with running(relay):
        service.store.add(commit(CASE, 1))
        service.store.add(*(commit(elsewhere, version) for version in range(1, 50)))
        await eventually(lambda: service.pending() == [commit(CASE, 1).id])
        service.log.refuses = lambda _: None
        await eventually(lambda: service.pending() == [])


@in_virtual_time
async def test_a_log_that_is_away_is_said_and_forgotten_when_it_is_back(service: Service) -> None:
    relay = service.relay(pace=QUICK)
    async with running(relay):
        service.log.away = True
        service.store.add(commit(CASE, 1))
        await eventually(lambda: relay.health().log_away)
        service.log.away = False
        await eventually(lambda: relay.health().log_away is None)
        await eventually(lambda: service.pending() == [])


async def test_a_store_that_is_away_is_said_and_forgotten_when_it_is_back(
    service: Service,
) -> None:
    relay = service.relay(pace=QUICK)
    async with running(relay):
        service.outbox.faults = lambda _: OutboxFault.AWAY
        service.store.add(commit(CASE, 1))
        await eventually(lambda: relay.health().store_away)
        service.outbox.faults = lambda _: None
        await eventually(lambda: relay.health().store_away is None)
        await eventually(lambda: service.pending() == [])


@in_virtual_time
async def test_an_idle_relay_notices_another_log_by_itself(service: Service) -> None:
    async with running(service.relay(pace=QUICK)):
        service.store.add(commit(CASE, 1), commit(CASE, 2))
        await eventually(lambda: service.pending() == [])
        service.log.lose()
        await eventually(lambda: len(service.log.records(HERE)) == 2)
    assert broken_promises(service.log.records(HERE)) == []


@in_virtual_time
async def test_lanes_without_work_notice_another_log_that_a_busy_lane_found(
    service: Service,
) -> None:
    idle, busy = case_in(12), CASE
    pace = Pace(beat=0.02, sweep=0.05, look=0.3, ring=0.01)
    async with running(service.relay(pace=pace)):
        service.store.add(commit(idle, 1))
        await eventually(lambda: service.pending() == [])
        service.log.lose()
        service.store.add(commit(busy, 1))
        await eventually(lambda: service.log.records(Partition(Topic.CASE, 12)), 2)


@in_virtual_time
async def test_what_was_acknowledged_while_connecting_and_is_not_there_gets_a_new_producer(
    service: Service,
) -> None:
    """The log is lost between the producer's connection and the question which log it is."""
    log, heard = service.log, list[str]()
    log.acknowledges_strangers = True

    async def pause(operation: str) -> None:
        if operation == "log.identity" and "log.replace" in heard and operation not in heard:
            log.lose()
        heard.extend([operation] if "log.replace" in {*heard, operation} else [])

    log.pause = pause
    async with running(service.relay(pace=QUICK)):
        service.store.add(commit(CASE, 1))
        await eventually(lambda: log.records(HERE))
    assert positions(log.records(HERE)) == ["consent@1"]


@in_virtual_time
async def test_an_idle_relay_notices_a_lost_tail_by_itself(service: Service) -> None:
    async with running(service.relay(pace=QUICK)):
        service.store.add(commit(CASE, 1), commit(CASE, 2))
        await eventually(lambda: service.pending() == [])
        service.log.lose_tail(HERE, 1)
        await eventually(lambda: len(service.log.records(HERE)) == 2)


@in_virtual_time
async def test_a_stream_goes_on_as_soon_as_its_cause_is_there() -> None:
    log = MemoryLog()
    referral, consent = Service(log, "referral"), Service(log, "consent")
    for service in (referral, consent):
        await service.relay().prepare()
    log.lose()
    consent.store.add(commit(CASE, 1, causes=[Position(f"referral-{CASE}", 1)]))
    consent.outbox.wait = _for_ever
    waiting = consent.relay(pace=BLIND)
    async with running(waiting, referral.relay(pace=QUICK)):
        await eventually(lambda: waiting.health().waiting_for_causes == 1)
        referral.store.add(commit(CASE, 1, service="referral"))
        await eventually(lambda: waiting.health().waiting_for_causes == 0)
        await eventually(lambda: consent.pending() == [])
    assert positions(log.records(HERE)) == ["referral@1", "consent@1"]


@in_virtual_time
async def test_a_broken_connection_is_replaced_by_who_meets_it(service: Service) -> None:
    async with running(service.relay(pace=BLIND)):
        service.store.add(commit(CASE, 1))
        await eventually(lambda: service.pending() == [])
        service.log.lose()
        service.store.add(commit(CASE, 2))
        await eventually(lambda: service.pending() == [])
    assert positions(service.log.records(HERE)) == ["consent@1", "consent@2"]


@in_virtual_time
async def test_an_offset_that_went_back_betrays_a_lost_tail(service: Service) -> None:
    async with running(service.relay(pace=BLIND)):
        service.store.add(commit(CASE, 1), commit(CASE, 2))
        await eventually(lambda: service.pending() == [])
        service.log.lose_tail(HERE, 1)
        service.store.add(commit(CASE, 3))
        await eventually(lambda: service.pending() == [])
    assert set(positions(service.log.records(HERE))) == {"consent@1", "consent@2", "consent@3"}


async def test_lanes_that_reopen_together_share_passes_and_each_hears_of_a_failure(
    service: Service,
) -> None:
    """A lane in a pass that failed makes a pass of its own, and is not told that it is done."""
    service.outbox.faults = outbox_fault(None, OutboxFault.AWAY, of="reopen")
    passes: list[str] = []

    async def count(where: str) -> None:
        passes.append(where)
        await asyncio.sleep(0)

    service.outbox.pause = count
    reopener = Reopener(service.outbox)
    lanes = [Partition(Topic.CASE, number) for number in range(5)]
    asked = (reopener.reopen(one, Lease(one.number, "one", 1)) for one in lanes)
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in told] == [type(None), StoreUnavailable, *[type(None)] * 3]
    assert len(passes) == 3


@in_virtual_time
async def test_a_store_behind_its_log_sends_nothing_more_while_it_runs(service: Service) -> None:
    other = Service(service.log)
    other.store.add(commit(CASE, 1))
    async with running(other.relay(pace=QUICK)):
        await eventually(lambda: other.pending() == [])
    relay = service.relay(pace=QUICK)
    async with running(relay):
        behind = await eventually(lambda: relay.health().behind)
        assert str(behind) == f"consent-{CASE} is at 1 on the log, at 0 in the store"
        service.store.add(commit(case_in(9), 1))
        await asyncio.sleep(0.1)
    assert service.log.records(Partition(Topic.CASE, 9)) == ()


@in_virtual_time
async def test_an_unparked_stream_is_tried_again_by_itself(service: Service) -> None:
    service.log.refuses = lambda _: "too large"
    relay = service.relay(pace=QUICK)
    async with running(relay):
        service.store.add(commit(CASE, 1))
        await eventually(lambda: relay.health().parked == 1)
        service.log.refuses = lambda _: None
        await service.outbox.unpark(f"consent-{CASE}")
        await eventually(lambda: service.pending() == [])


@in_virtual_time
async def test_preparing_waits_for_the_log(service: Service) -> None:
    service.log.drop_topic(Topic.CASE)
    relay = service.relay()
    service.timer.at_sleep = lambda: service.log.recreate(Topic.CASE)
    await relay.prepare()
    assert relay.health().log_away is None
    assert service.outbox.mark_of(HERE) is not None


@in_virtual_time
async def test_a_crash_point_ends_the_run(service: Service) -> None:
    crash.set_hook(crash.raise_at("after_send"))
    try:
        service.store.add(commit(CASE, 1))
        with pytest.raises(BaseExceptionGroup) as died:
            await service.relay(pace=QUICK).run()
    finally:
        crash.set_hook(None)
    assert died.group_contains(Crashed)


@in_virtual_time
async def test_faults_that_come_and_go_lose_nothing(service: Service) -> None:
    service.log.faults = scripted(*[LogFault.REPLY_LOST, LogFault.TORN, LogFault.AWAY, None] * 8)
    async with running(service.relay("one", pace=QUICK), service.relay("two", pace=QUICK)):
        for version in range(1, 30):
            service.store.add(commit(CASE, version), commit(case_in(9), version))
            await asyncio.sleep(0)
        await eventually(lambda: service.pending() == [], 20)
    for number in (3, 9):
        records = service.log.records(Partition(Topic.CASE, number))
        assert broken_promises(records) == []
        assert set(positions(records)) == {f"consent@{version}" for version in range(1, 30)}


async def _for_ever(_: float) -> None:
    await asyncio.Event().wait()


def _fails_for(case: UUID) -> Refuses:
    def refuses(one: Outgoing) -> str | None:
        if one.key == str(case).encode():
            raise ValueError("a bug that one case meets")
        return None

    return refuses
