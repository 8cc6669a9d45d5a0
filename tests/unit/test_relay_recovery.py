"""A restored store takes back from the log what it published and lacks, before it answers."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from contracts.envelope import PARTITIONS, Topic
from kernel.log import Outgoing, Partition
from kernel.relay.memory import Faults, LogFault, MemoryLog, Operation, scripted
from kernel.relay.memory_leases import MemoryLanes, MemoryLeases, OutboxFault
from kernel.relay.memory_leases import scripted as outbox_fault
from kernel.relay.memory_outbox import MemoryOutbox
from kernel.relay.plan import outgoing
from kernel.relay.port import Restore
from kernel.relay.relay import Relay
from kernel.store.memory import MemoryCommits
from kernel.store.port import UNKNOWN_REQUEST, Commit
from tests.support_relay import Service, Timer, case_in, commit, drain, positions

CASE = case_in(3)
OTHER = case_in(9)
HERE = Partition(Topic.CASE, 3)
COMMITS = (commit(CASE, 1), commit(CASE, 2, events=2), commit(CASE, 4))
WHOLE = Restore(whole=True)


class Restored:
    """A service whose store was restored to these commits, on a log that may have more."""

    def __init__(self, log: MemoryLog, *kept: Commit, restore: Restore | None = WHOLE) -> None:
        self.log, self.timer = log, Timer()
        self.commits = MemoryCommits()
        self.commits.take_back(kept)
        self.outbox = MemoryOutbox(self.commits)
        self.outbox.restore = restore

    def relay(self) -> Relay:
        leases = MemoryLeases(MemoryLanes(self.timer), "one")
        ends = (self.log.writer(), self.log)
        sleep = self.timer.sleep
        topics = [Topic.CASE]
        return Relay(self.outbox, leases, *ends, source="/rj/consent", topics=topics, sleep=sleep)


@pytest.fixture
async def log() -> MemoryLog:
    """A log with two cases of this service, and one of another."""
    log = MemoryLog()
    for name in ("consent", "referral"):
        service = Service(log, name)
        service.store.add(*(replace(one, request_hash="asked") for one in _as_of(name, *COMMITS)))
        service.store.add(*_as_of(name, commit(OTHER, 1)))
        await drain(service.relay())
    return log


def _as_of(service: str, *commits: Commit) -> list[Commit]:
    return [
        commit(one.subject, one.version, service=service, events=len(one.events)) for one in commits
    ]


def _known(*commits: Commit) -> list[Commit]:
    """As they come back: what was asked is not on the log."""
    found = [replace(one, request_hash=UNKNOWN_REQUEST) for one in commits]
    return sorted(found, key=lambda one: one.id)


async def test_a_restored_store_takes_back_what_it_lacks_and_goes_on(log: MemoryLog) -> None:
    service = Restored(log, COMMITS[0])
    relay = service.relay()
    await drain(relay)
    lacked = _known(*COMMITS[1:], commit(OTHER, 1))
    assert service.commits.durable() == sorted([COMMITS[0], *lacked], key=lambda one: one.id)
    assert relay.health().closed is None
    assert await service.outbox.restored() is None
    service.commits.take_back([new := commit(CASE, 5)])
    await drain(relay)
    assert positions(log.records(HERE))[-1] == "consent@5"
    assert not service.outbox.is_pending(new)


async def test_an_empty_store_becomes_the_whole_one_again(log: MemoryLog) -> None:
    service = Restored(log)
    await drain(service.relay())
    assert service.commits.durable() == _known(*COMMITS, commit(OTHER, 1))


async def test_what_is_taken_back_is_published_anew_only_on_another_log(log: MemoryLog) -> None:
    service, before = Restored(log), log.records(HERE)
    relay = service.relay()
    await drain(relay)
    assert log.records(HERE) == before
    stood = [one for one in before if dict(one.headers)["ce_source"] == b"/rj/consent"]
    log.lose()
    await drain(service.relay(), relay)
    again = log.records(HERE)
    assert [(one.headers, one.value) for one in again] == [
        (one.headers, one.value) for one in stood
    ]


async def test_until_the_log_is_read_the_store_is_closed(log: MemoryLog) -> None:
    service = Restored(log, COMMITS[0])
    relay = service.relay()
    await relay.learn()
    assert "not read to its end" in (relay.health().closed or "")
    log.away = True
    assert not await relay.step()
    assert relay.health().closed
    log.away = False
    await relay.step()
    assert relay.health().closed is None


async def test_a_restore_that_did_not_end_keeps_the_store_closed(log: MemoryLog) -> None:
    service = Restored(log, COMMITS[0], restore=Restore(whole=False))
    relay = service.relay()
    await drain(relay)
    assert "run it again" in (relay.health().closed or "")
    assert service.commits.durable() == [COMMITS[0]]


async def test_a_store_that_went_another_way_stays_closed_and_says_where(log: MemoryLog) -> None:
    another = replace(COMMITS[1], recorded_at=COMMITS[1].recorded_at.replace(year=2027))
    service = Restored(log, COMMITS[0], another)
    relay = service.relay()
    await drain(relay)
    assert COMMITS[1].id in (relay.health().closed or "")
    assert await service.outbox.restored() == WHOLE


async def test_a_commit_of_which_the_log_has_a_part_keeps_the_store_closed(log: MemoryLog) -> None:
    torn = commit(CASE, 5, events=3)
    log.append(HERE, outgoing([torn])[:2])
    service = Restored(log, COMMITS[0])
    relay = service.relay()
    await drain(relay)
    assert "2 of 3 events" in (relay.health().closed or "")
    assert torn not in service.commits.durable()


async def test_what_came_twice_or_was_begun_again_is_taken_back_once(log: MemoryLog) -> None:
    twice = commit(CASE, 5, events=2)
    first, second = outgoing([twice])
    log.append(HERE, [first, first, second, first, second, first])
    service = Restored(log)
    relay = service.relay()
    await drain(relay)
    assert relay.health().closed is None
    assert service.commits.durable() == _known(*COMMITS, twice, commit(OTHER, 1))


async def test_records_that_are_not_of_our_form_say_nothing(log: MemoryLog) -> None:
    log.append(HERE, [Outgoing(b"x", (("ce_source", b"/rj/consent"),), b"{}")])
    ((envelope, data),) = commit(CASE, 1).envelopes()
    strange = replace(envelope, stream=f"novelty-{CASE}")
    log.append(HERE, [Outgoing(b"x", tuple(strange.headers()), data.encode())])
    service = Restored(log)
    relay = service.relay()
    await drain(relay)
    assert relay.health().closed is None
    assert service.commits.durable() == _known(*COMMITS, commit(OTHER, 1))


async def test_failures_on_the_way_lose_nothing(log: MemoryLog) -> None:
    service = Restored(log, COMMITS[0])
    log.faults = scripted(LogFault.AWAY, None, LogFault.AWAY, of="read")
    faults = [OutboxFault.AWAY, OutboxFault.REPLY_LOST]
    service.outbox.faults = outbox_fault(*faults, of="take_back")
    relay = service.relay()
    for _ in range(6):
        await relay.step()
    assert relay.health().closed is None
    assert len(service.commits.durable()) == 4


async def test_a_log_that_becomes_another_meanwhile_is_read_again(log: MemoryLog) -> None:
    service = Restored(log)
    relay = service.relay()
    log.faults = _recreating(log)
    assert not await relay.step()
    assert await service.outbox.restored() == WHOLE


async def test_a_log_to_which_others_write_all_the_time_has_an_end(log: MemoryLog) -> None:
    service, before = Restored(log), len(log.records(HERE))
    log.faults = _written_to_at_every_look(log)
    await service.relay().step()
    assert await service.outbox.restored() is None
    assert len(service.commits.durable()) == 4
    assert len(log.records(HERE)) - before < 10


def _written_to_at_every_look(log: MemoryLog) -> Faults:
    """As another service would, for longer than anybody should look."""
    looks = count()

    def fault(operation: Operation) -> None:
        if operation == "read" and (look := next(looks)) < 10_000 and look % PARTITIONS == 0:
            version = 5 + look // PARTITIONS
            log.append(HERE, outgoing([commit(CASE, version, service="referral")]))

    return fault


def _recreating(log: MemoryLog) -> Faults:
    reads = count()

    def fault(operation: Operation) -> None:
        if operation == "read" and next(reads) == 20:
            log.recreate(Topic.CASE)

    return fault
