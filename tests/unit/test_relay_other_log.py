"""Which log is this? Another one is noticed, and the store is published on it in order."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from contracts.envelope import Position, Topic
from kernel.log import Outgoing, Partition, Record
from kernel.relay.memory import LogFault, MemoryLog, scripted
from kernel.relay.memory_leases import OutboxFault
from kernel.relay.memory_leases import scripted as outbox_fault
from kernel.relay.outlet import PAGE
from kernel.relay.port import Mark
from tests.support_relay import Service, broken_promises, case_in, commit, drain, positions

CASE = case_in(3)
ELSEWHERE = case_in(4)
OTHER = case_in(3, nth=1)
HERE = Partition(Topic.CASE, 3)


def warnings(said: Iterable[EventDict]) -> list[EventDict]:
    return [one for one in said if one["event"].endswith("publishing again")]


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def service(log: MemoryLog) -> Service:
    return Service(log)


@pytest.mark.parametrize("become_another", ["lose", "recreate"])
async def test_another_log_gets_the_whole_store_again(
    log: MemoryLog, service: Service, become_another: str
) -> None:
    service.store.add(commit(CASE, 1, events=2), commit(CASE, 3))
    relay = service.relay()
    await drain(relay)
    log.lose() if become_another == "lose" else log.recreate(Topic.CASE)
    service.store.add(commit(CASE, 4))
    await drain(service.relay("two"), relay)
    assert broken_promises(log.records(HERE)) == []
    assert positions(log.records(HERE)) == [f"consent@{n}" for n in range(1, 5)]


async def test_another_log_is_said_once_and_a_lost_end_for_each_partition(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(commit(CASE, 1), commit(ELSEWHERE, 1))
    await drain(service.relay())
    service.timer.seconds += 10
    log.lose()
    relay = service.relay("two")
    with capture_logs() as said:
        await drain(relay)
    assert [one["topic"] for one in warnings(said)] == [Topic.CASE]
    for lane in (3, 4):
        log.lose_tail(Partition(Topic.CASE, lane), 1)
    service.timer.seconds += 10
    with capture_logs() as said:
        await drain(service.relay("three"))
    assert {one["partition"] for one in warnings(said)} == {3, 4}


async def test_another_log_is_noticed_by_the_last_record(log: MemoryLog, service: Service) -> None:
    """Same cluster and topic, but the tail that was acknowledged is gone."""
    service.store.add(*(commit(CASE, version) for version in range(1, 6)))
    await drain(service.relay())
    log.lose_tail(HERE, 2)
    service.timer.seconds += 10
    await drain(service.relay("two"))
    assert positions(log.records(HERE)) == [f"consent@{n}" for n in range(1, 6)]


async def test_a_running_relay_notices_a_lost_tail_by_its_next_offset(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(*(commit(CASE, version) for version in range(1, 6)))
    relay = service.relay()
    await drain(relay)
    log.lose_tail(HERE, 2)
    service.store.add(commit(CASE, 6))
    await drain(relay)
    await drain(relay)
    assert set(positions(log.records(HERE))) == {f"consent@{n}" for n in range(1, 7)}
    assert service.pending() == []


async def test_what_a_broker_without_its_data_acknowledged_falsely_is_sent_again(
    log: MemoryLog, service: Service
) -> None:
    log.acknowledges_strangers = True
    service.store.add(commit(CASE, 1))
    relay = service.relay()
    await drain(relay)
    log.lose()
    service.store.add(commit(CASE, 2))
    await drain(relay)
    service.timer.seconds += 10
    await drain(service.relay("two"))
    assert positions(log.records(HERE)) == ["consent@1", "consent@2"]


async def test_a_record_that_is_slow_to_appear_is_not_taken_for_another_log(
    log: MemoryLog, service: Service
) -> None:
    relay = service.relay()
    await relay.prepare()
    service.store.add(commit(CASE, 1))
    await drain(relay)
    kept = log.records(HERE)
    log.lose_tail(HERE, 1)

    def appear() -> None:
        log.append(HERE, [Outgoing(kept[0].key, kept[0].headers, kept[0].value)])
        service.timer.at_sleep = lambda: None

    service.timer.at_sleep = appear
    service.timer.seconds += 10
    await drain(service.relay("two"))
    mark = service.outbox.mark_of(HERE)
    assert mark is not None
    assert not mark.replaced


async def test_a_store_whose_marks_are_gone_is_published_again(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(commit(CASE, 1))
    await drain(service.relay())
    service.outbox.forget_marks()
    log.lose()
    service.timer.seconds += 10
    await drain(service.relay("two"))
    assert positions(log.records(HERE)) == ["consent@1"]


async def test_publishing_again_waits_for_the_causes_in_other_services() -> None:
    log = MemoryLog()
    referral, consent = Service(log, "referral"), Service(log, "consent")
    _interleave(referral, consent)
    first, second = referral.relay(), consent.relay()
    await drain(first, second)
    log.lose()
    await drain(second)
    assert positions(log.records(HERE)) == []
    assert second.health().waiting_for_causes == 1
    await drain(first, second)
    assert broken_promises(log.records(HERE)) == []
    assert len(positions(log.records(HERE))) == 20
    assert second.health().waiting_for_causes == 0


async def test_a_cause_that_never_comes_keeps_only_its_own_stream_waiting(
    log: MemoryLog, service: Service
) -> None:
    relay = service.relay()
    await relay.step()
    log.lose()
    missing = Position(f"referral-{CASE}", 1)
    service.store.add(commit(CASE, 1), commit(CASE, 2, causes=[missing]), commit(CASE, 3))
    service.store.add(commit(OTHER, 1), commit(OTHER, 2))
    await drain(relay)
    keys = [one.key.decode() for one in log.records(HERE)]
    assert (keys.count(str(CASE)), keys.count(str(OTHER))) == (1, 2)
    assert service.pending() == [commit(CASE, 2).id, commit(CASE, 3).id]
    assert relay.health().waiting_for_causes == 1
    assert (await service.outbox.backlog()).count == 2


async def test_a_stream_that_waits_is_held_back_on_every_page() -> None:
    """What comes later of it may lie on another page than the commit that has to wait."""
    log = MemoryLog()
    referral, consent = Service(log, "referral"), Service(log, "consent")
    referral.store.add(commit(CASE, 1, service="referral"))
    cause = [Position(f"referral-{CASE}", 1)]
    consent.store.add(commit(CASE, 1, causes=cause))
    consent.store.add(*(commit(CASE, version) for version in range(2, 2 * PAGE + 10)))
    first, second = referral.relay(), consent.relay()
    await drain(first, second)
    log.lose()
    await drain(second)
    assert positions(log.records(HERE)) == []
    await drain(first, second)
    assert broken_promises(log.records(HERE)) == []
    assert len(positions(log.records(HERE))) == 2 * PAGE + 10


async def test_a_commit_made_after_the_log_was_replaced_waits_for_causes_too() -> None:
    """Its cause was read from the log that is gone; the other service is slow to publish it."""
    log = MemoryLog()
    referral, consent = Service(log, "referral"), Service(log, "consent")
    referral.store.add(commit(CASE, 1, service="referral"))
    first, second = referral.relay(), consent.relay()
    await drain(first, second)
    log.lose()
    await drain(second)
    consent.store.add(commit(CASE, 1, causes=[Position(f"referral-{CASE}", 1)]))
    await drain(second)
    assert positions(log.records(HERE)) == []
    await drain(first, second)
    assert positions(log.records(HERE)) == ["referral@1", "consent@1"]


async def test_a_restarted_relay_still_looks_for_causes_on_a_replaced_log() -> None:
    log = MemoryLog()
    referral, consent = Service(log, "referral"), Service(log, "consent")
    referral.store.add(commit(CASE, 1, service="referral"))
    first, second = referral.relay(), consent.relay()
    await drain(first, second)
    log.lose()
    await drain(second)
    consent.timer.seconds += 10
    consent.store.add(commit(CASE, 1, causes=[Position(f"referral-{CASE}", 1)]))
    restarted = consent.relay("restarted")
    await drain(restarted)
    assert positions(log.records(HERE)) == []
    await drain(first, restarted)
    assert positions(log.records(HERE)) == ["referral@1", "consent@1"]


async def test_a_cause_of_another_key_is_not_waited_for(log: MemoryLog, service: Service) -> None:
    relay = service.relay()
    await relay.step()
    log.lose()
    service.store.add(commit(CASE, 1, causes=[Position(f"facilitator-{case_in(5)}", 1)]))
    await drain(relay)
    assert positions(log.records(HERE)) == ["consent@1"]


async def test_a_failure_while_publishing_again_loses_nothing(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(*(commit(CASE, version) for version in range(1, 4)))
    relay = service.relay()
    await drain(relay)
    log.lose()
    log.faults = scripted(None, LogFault.REPLY_LOST, LogFault.AWAY)
    service.outbox.faults = outbox_fault(OutboxFault.REPLY_LOST, of="reopen")
    for _ in range(5):
        await relay.step()
    await drain(relay)
    assert broken_promises(log.records(HERE)) == []
    assert positions(log.records(HERE))[-1] == "consent@3"
    assert service.pending() == []


async def test_a_store_behind_its_log_stops_the_relay(log: MemoryLog, service: Service) -> None:
    service.store.add(*(commit(CASE, version) for version in range(1, 4)))
    await drain(service.relay())
    mark = service.outbox.mark_of(HERE)
    service.store.forget(commit(CASE, 2), commit(CASE, 3))
    restored = log.records(HERE)[0]
    service.outbox.put_mark(HERE, Mark(_id_of(mark), 0, _event(restored), seen=1))
    service.timer.seconds += 10
    service.store.add(commit(OTHER, 1))
    relay = service.relay("restored")
    await drain(relay)
    behind = relay.health().behind
    assert behind is not None
    assert (behind.stream, behind.on_log, behind.in_store) == (f"consent-{CASE}", 3, 1)
    assert str(OTHER) not in {one.key.decode() for one in log.records(HERE)}


async def test_an_empty_store_behind_a_full_log_stops_the_relay(log: MemoryLog) -> None:
    full = Service(log)
    full.store.add(commit(CASE, 1))
    await drain(full.relay())
    relay = Service(log).relay()
    await drain(relay)
    assert relay.health().behind is not None


async def test_a_send_whose_mark_was_lost_is_not_taken_for_a_store_behind_its_log(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(commit(CASE, 1), commit(CASE, 2))
    service.outbox.faults = outbox_fault(*[OutboxFault.AWAY] * 2, of="settle")
    await service.relay().step()
    service.timer.seconds += 10
    relay = service.relay("two")
    await drain(relay)
    assert relay.health().behind is None
    assert service.pending() == []


def _interleave(referral: Service, consent: Service) -> None:
    """Ten rounds in one case, each service answering the other's last commit."""
    streams = [(referral, "referral"), (consent, "consent")]
    turns = [(streams[n % 2], n // 2 + 1) for n in range(20)]
    referral.store.add(commit(CASE, 1, service="referral"))
    for ((_, before), version_before), ((here, name), version) in pairwise(turns):
        cause = Position(f"{before}-{CASE}", version_before)
        here.store.add(commit(CASE, version, service=name, causes=[cause]))


def _id_of(mark: Mark | None) -> str:
    assert mark is not None
    return mark.log


def _event(record: Record) -> str:
    return dict(record.headers)["ce_id"].decode()
