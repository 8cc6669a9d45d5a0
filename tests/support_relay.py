"""A small world for relay tests: two services' stores, the twins around them, one log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count, islice
from uuid import UUID, uuid5

from contracts.envelope import Envelope, Position, Topic, lane_of
from contracts.fields import ActorId, OrganisationId, Role
from kernel.log import Partition, Record
from kernel.relay.memory import MemoryLog, MemoryWriter
from kernel.relay.memory_leases import MemoryLanes, MemoryLeases
from kernel.relay.memory_outbox import MemoryOutbox
from kernel.relay.pace import Pace
from kernel.relay.relay import Relay
from kernel.store.port import Commit, StoredEvent

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
NOBODY = uuid5(UUID(int=0), "nobody")


@cache
def case_in(lane: int, nth: int = 0) -> UUID:
    """A case whose events go on this lane, the same in every run."""
    cases = (uuid5(UUID(int=0), f"{lane}/{n}") for n in count())
    return next(islice((one for one in cases if lane_of(one) == lane), nth, None))


def commit(
    case: UUID,
    version: int,
    *,
    service: str = "consent",
    events: int = 1,
    causes: Iterable[Position] = (),
    topic: str = Topic.CASE,
    recorded_at: datetime = NOW,
    data: str = "{}",
) -> Commit:
    """A commit of a stream of this service and case."""
    stream = f"{service}-{case}"
    return Commit(
        stream=stream,
        version=version,
        subject=case,
        topic=topic,
        source=f"/rj/{service}",
        recorded_at=recorded_at,
        command_id=uuid5(case, f"{stream}@{version}"),
        request_hash="hash",
        causation=None,
        correlation=NOBODY,
        causes=tuple(causes),
        role=Role.SYSTEM,
        org=OrganisationId(NOBODY),
        actor=ActorId(NOBODY),
        controller=OrganisationId(NOBODY),
        traceparent=None,
        events=tuple(
            StoredEvent(uuid5(case, f"{stream}@{version}/{place}"), "rj.Done.v1", NOW, data)
            for place in range(events)
        ),
    )


def partition_of(one: Commit) -> Partition:
    return Partition(one.topic, one.lane)


class Kept:
    """The durable commits of a store, as the outbox sees them."""

    def __init__(self) -> None:
        self._commits: dict[str, Commit] = {}

    def add(self, *commits: Commit) -> None:
        self._commits |= {one.id: one for one in commits}

    def forget(self, *commits: Commit) -> None:
        for one in commits:
            del self._commits[one.id]

    def durable(self) -> list[Commit]:
        return [self._commits[one] for one in sorted(self._commits)]

    def take_back(self, commits: Iterable[Commit]) -> int:
        missing = {one.id: one for one in commits if one.id not in self._commits}
        self._commits |= missing
        return len(missing)


class Timer:
    """Time that passes only when it is told to, or when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.at_sleep: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.at_sleep()
        await asyncio.sleep(0)  # others have their turn, as with a clock on the wall


@dataclass
class Service:
    """A service's store with its outbox, and as many relays as a test starts."""

    log: MemoryLog
    name: str = "consent"
    timer: Timer = field(default_factory=Timer)

    def __post_init__(self) -> None:
        self.store = Kept()
        self.lanes = MemoryLanes(self.timer)
        self.outbox = MemoryOutbox(self.store)

    def relay(self, holder: str = "one", pace: Pace | None = None) -> Relay:
        """A relay as a replica starts it."""
        return Relay(
            self.outbox,
            self.lanes_of(holder),
            MemoryWriter(self.log),
            self.log,
            source=f"/rj/{self.name}",
            topics=[Topic.CASE],
            pace=pace,
            sleep=self.timer.sleep,
        )

    def lanes_of(self, holder: str) -> MemoryLeases:
        """The leases of one replica."""
        return MemoryLeases(self.lanes, holder)

    def pending(self) -> list[str]:
        """What is still to be published."""
        return [one.id for one in self.store.durable() if self.outbox.is_pending(one)]


async def drain(*relays: Relay, rounds: int = 200) -> None:
    """Step the relays in turn until none has moved for a while."""
    quiet = 0
    for _ in range(rounds):
        moved = any([await one.step() for one in relays])
        quiet = 0 if moved else quiet + 1
        if quiet == 3:
            return
    raise AssertionError(f"still moving after {rounds} rounds")


def positions(records: Iterable[Record]) -> list[str]:
    """What stands in a partition, as `<stream category>@<version>`."""
    found = (Envelope.from_headers(one.headers) for one in records)
    return [f"{one.stream.partition('-')[0]}@{one.version}" for one in found]


def broken_promises(records: Iterable[Record]) -> list[str]:
    """Each first occurrence that stands out of order or before one of its causes."""
    heads: dict[str, int] = {}
    wrong: list[str] = []
    for one in (Envelope.from_headers(record.headers) for record in records):
        head = heads.get(one.stream, 0)
        if one.version <= head:
            continue
        heads[one.stream] = one.version
        here = f"{one.stream}@{one.version}"
        if one.version != head + 1:
            wrong.append(f"{here} stands after {head}")
        wrong += [
            f"{here} before {it}" for it in one.causes if heads.get(it.stream, 0) < it.version
        ]
    return wrong
