"""What the relay sends, in which order, and what it does when a part of it fails."""

from uuid import UUID

import pytest

from contracts.envelope import Position, Topic
from kernel.log import Outgoing, Partition
from kernel.relay import outlet
from kernel.relay.memory import LogFault, MemoryLog, Refuses, scripted
from kernel.relay.memory_leases import OutboxFault
from kernel.relay.memory_leases import scripted as outbox_fault
from tests.support_relay import (
    Service,
    broken_promises,
    case_in,
    commit,
    drain,
    positions,
)

CASE = case_in(3)
OTHER = case_in(3, nth=1)
HERE = Partition(Topic.CASE, 3)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def service(log: MemoryLog) -> Service:
    return Service(log)


async def test_every_commit_goes_on_the_log_in_version_order(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(commit(CASE, 4), commit(CASE, 1, events=3))
    await drain(service.relay())
    assert positions(log.records(HERE)) == ["consent@1", "consent@2", "consent@3", "consent@4"]
    assert service.pending() == []


async def test_what_is_private_never_goes_on_the_log(log: MemoryLog, service: Service) -> None:
    service.store.add(commit(CASE, 1, topic=Topic.PRIVATE))
    await drain(service.relay())
    assert positions(log.records(HERE)) == []


async def test_a_big_backlog_of_one_stream_does_not_keep_others_waiting(
    log: MemoryLog, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "PAGE", 20)
    first, second = sorted((CASE, OTHER), key=lambda case: f"consent-{case}")
    service.store.add(*(commit(first, version) for version in range(1, 81)))
    service.store.add(commit(second, 1))
    relay = service.relay()
    for _ in range(5):
        await relay.step()
    assert str(second) in {record.key.decode() for record in log.records(HERE)}


async def test_a_batch_that_failed_is_sent_again_before_anything_else(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(commit(CASE, 1))
    log.faults = scripted(LogFault.AWAY)
    relay = service.relay()
    await relay.step()
    service.store.add(commit(CASE, 2))
    await drain(relay)
    assert positions(log.records(HERE)) == ["consent@1", "consent@2"]


@pytest.mark.parametrize("fault", [LogFault.REPLY_LOST, LogFault.TORN])
async def test_a_send_of_unknown_fate_leaves_only_duplicates(
    log: MemoryLog, service: Service, fault: LogFault
) -> None:
    service.store.add(*(commit(CASE, version) for version in range(1, 5)))
    log.faults = scripted(fault)
    await drain(service.relay(), service.relay())
    assert broken_promises(log.records(HERE)) == []
    assert set(positions(log.records(HERE))) == {f"consent@{n}" for n in range(1, 5)}


async def test_one_lane_that_fails_does_not_stop_the_others(
    log: MemoryLog, service: Service
) -> None:
    elsewhere = case_in(9)
    service.store.add(commit(CASE, 1), commit(elsewhere, 1))
    log.faults = scripted(LogFault.AWAY)
    await service.relay().step()
    assert positions(log.records(Partition(Topic.CASE, 9))) == ["consent@1"]


async def test_a_refused_record_parks_its_stream_and_others_flow(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(commit(CASE, 1), commit(CASE, 2), commit(CASE, 3), commit(OTHER, 1))
    log.refuses = _refuse(CASE, 2)
    relay = service.relay()
    await drain(relay)
    assert {str(CASE), str(OTHER)} == {one.key.decode() for one in log.records(HERE)}
    assert service.pending() == [commit(CASE, 2).id, commit(CASE, 3).id]
    (parked,) = await service.outbox.parked()
    assert (parked.stream, parked.commit) == (f"consent-{CASE}", commit(CASE, 2).id)
    assert relay.health().parked == 1


async def test_a_long_parked_stream_does_not_hide_what_stands_behind_it(
    log: MemoryLog, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "PAGE", 20)
    first, second = sorted((CASE, OTHER), key=str)
    service.store.add(*(commit(first, version) for version in range(1, 61)))
    log.refuses = _refuse(first, 1)
    relay = service.relay()
    await drain(relay)
    service.store.add(commit(second, 1))
    await drain(relay)
    assert positions(log.records(HERE)) == ["consent@1"]
    assert log.records(HERE)[0].key == str(second).encode()


async def test_nothing_overtakes_a_page_of_which_a_record_was_refused(
    log: MemoryLog, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other stream goes over more than one page."""
    monkeypatch.setattr(outlet, "PAGE", 20)
    first, second = sorted((CASE, OTHER), key=str)
    service.store.add(commit(first, 1), *(commit(second, version) for version in range(1, 61)))
    log.refuses = _refuse(first, 1)
    await drain(service.relay())
    assert positions(log.records(HERE)) == [f"consent@{version}" for version in range(1, 61)]
    assert service.pending() == [commit(first, 1).id]


async def test_an_unparked_stream_goes_on_where_it_stopped(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(commit(CASE, 1), commit(CASE, 2))
    log.refuses = _refuse(CASE, 1)
    relay = service.relay()
    await drain(relay)
    log.refuses = lambda _: None
    assert await service.outbox.unpark(f"consent-{CASE}")
    await drain(relay)
    assert positions(log.records(HERE)) == ["consent@1", "consent@2"]
    assert not await service.outbox.unpark(f"consent-{CASE}")


async def test_a_mark_of_unknown_fate_leaves_only_duplicates(
    log: MemoryLog, service: Service
) -> None:
    service.store.add(commit(CASE, 1), commit(CASE, 2))
    service.outbox.faults = outbox_fault(None, OutboxFault.REPLY_LOST, of="settle")
    relay = service.relay()
    await drain(relay)
    service.store.add(commit(CASE, 3))
    await relay.step()
    await drain(relay)
    assert broken_promises(log.records(HERE)) == []
    assert service.pending() == []


async def test_a_snapshot_that_lacks_the_latest_commits_only_delays_them(
    log: MemoryLog, service: Service
) -> None:
    relay = service.relay()
    await drain(relay)
    service.store.add(commit(CASE, 1), commit(CASE, 2))
    service.outbox.faults = outbox_fault(*[OutboxFault.DELAYED] * 16, of="pending")
    await relay.step()
    assert positions(log.records(HERE)) == []
    await drain(relay)
    assert positions(log.records(HERE)) == ["consent@1", "consent@2"]


async def test_without_a_topic_nothing_is_sent_until_it_is_there(service: Service) -> None:
    service.log.drop_topic(Topic.CASE)
    service.store.add(commit(CASE, 1))
    relay = service.relay()
    await relay.step()
    assert "no topic rj.case" in str(relay.health().log_away)
    service.log.recreate(Topic.CASE)
    await drain(relay)
    assert positions(service.log.records(HERE)) == ["consent@1"]
    assert relay.health().log_away is None


async def test_on_a_first_log_causes_are_not_looked_for(log: MemoryLog, service: Service) -> None:
    """They were read from this very log, or the command could not have named them."""
    relay = service.relay()
    await relay.prepare()
    service.store.add(commit(CASE, 1, causes=[Position(f"referral-{CASE}", 7)]))
    await drain(relay)
    assert positions(log.records(HERE)) == ["consent@1"]


def _refuse(case: UUID, version: int) -> Refuses:
    wanted = {("ce_subject", str(case).encode()), ("ce_version", str(version).encode())}

    def refuses(one: Outgoing) -> str | None:
        return "too large" if wanted <= set(one.headers) else None

    return refuses
