"""In-memory twin of the outbox: deterministic, and it fails as a database can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

from contracts.envelope import Topic
from kernel.log import Partition
from kernel.relay.memory_leases import Faults, MemoryLanes, OutboxFault, Pause, no_pause
from kernel.relay.port import Backlog, Lease, Mark, Page, Parked
from kernel.store.port import Commit, StoreUnavailable

Wait = Callable[[float], Awaitable[None]]


class Durable(Protocol):
    """The commits that a majority has, such as `MemoryCommits`."""

    def durable(self) -> list[Commit]:
        """Every one of them, in `_id` order."""
        ...


async def short_wait(_: float) -> None:
    """Wait a moment for the bell."""
    await asyncio.sleep(0.01)


class MemoryOutbox:
    """Twin of the outbox over the twin of the commit store; see the port."""

    def __init__(
        self,
        commits: Durable,
        lanes: MemoryLanes,
        *,
        faults: Faults = lambda _: None,
        pause: Pause = no_pause,
        wait: Wait = short_wait,
    ) -> None:
        self.faults = faults
        self.pause = pause
        self._wait = wait
        self._commits = commits
        self._lanes = lanes
        self._settled: set[str] = set()
        self._seen: dict[Partition, set[str]] = {}
        self._marks: dict[Partition, Mark] = {}
        self._parked: dict[str, Parked] = {}

    async def pending(self, partition: Partition, limit: int, after: str = "") -> Page:
        """Commits still to be published, in `_id` order after an id, from one snapshot."""
        fault = await self._begin("pending")
        now = self._pending(partition)
        seen = self._seen.get(partition, set())
        snapshot = [one for one in now if one.id in seen] if fault is OutboxFault.DELAYED else now
        self._seen[partition] = {one.id for one in self._of(partition)}
        self._end(fault)
        rest = [commit for commit in snapshot if commit.id > after]
        page = rest[:limit]
        return Page(page, last=len(page) == len(rest), through=page[-1].id if page else after)

    async def waiting(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have something pending."""
        self._end(await self._begin("waiting"))
        return {one for one in partitions if self._pending(one)}

    async def rung(self, timeout: float) -> set[Partition] | None:
        """Nothing rings here: after a wait, look everywhere."""
        self._end(await self._begin("rung"))
        await self._wait(timeout)
        return None

    async def settle(self, lease: Lease, ids: Collection[str], mark: Mark, topic: str) -> bool:
        """These commits are published and this is the last record acknowledged."""
        fault = await self._begin("settle")
        if fault is OutboxFault.REFUSED or not self._lanes.matches(lease):
            return False
        self._settled.update(ids)
        self._marks[Partition(topic, lease.lane)] = mark
        self._end(fault)
        return True

    async def save(self, lease: Lease, mark: Mark, topic: str) -> bool:
        """Keep a mark."""
        fault = await self._begin("save")
        if fault is OutboxFault.REFUSED or not self._lanes.matches(lease):
            return False
        self._marks[Partition(topic, lease.lane)] = mark
        self._end(fault)
        return True

    async def mark(self, partition: Partition) -> Mark | None:
        """The mark of a partition; None before the first."""
        self._end(await self._begin("mark"))
        return self._marks.get(partition)

    async def mark_first(self, marks: Mapping[Partition, Mark]) -> None:
        """Keep these marks where there is none yet; needs no lease."""
        fault = await self._begin("mark_first")
        self._marks = {**marks, **self._marks}
        self._end(fault)

    async def unmarked(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have no mark yet."""
        self._end(await self._begin("unmarked"))
        return {one for one in partitions if one not in self._marks}

    async def reopen(self, partitions: Collection[Partition]) -> None:
        """Make every commit of these partitions pending again."""
        fault = await self._begin("reopen")
        for partition in partitions:
            self._settled.difference_update(one.id for one in self._of(partition))
        self._end(fault)

    async def used(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have any commit."""
        self._end(await self._begin("used"))
        return {one for one in partitions if self._of(one)}

    async def heads(self, streams: Collection[str]) -> dict[str, int]:
        """The last version of each of these streams."""
        self._end(await self._begin("heads"))
        wanted = [one for one in self._commits.durable() if one.stream in streams]
        return {one.stream: one.last.version for one in wanted}

    async def backlog(self) -> Backlog:
        """How much is pending, and since when."""
        self._end(await self._begin("backlog"))
        left = [one for one in self._commits.durable() if self.is_pending(one)]
        return Backlog(len(left), min((one.recorded_at for one in left), default=None))

    async def park(self, parked: Parked) -> None:
        """Keep a stream back until it is unparked; the first reason stays."""
        fault = await self._begin("park")
        self._parked.setdefault(parked.stream, parked)
        self._end(fault)

    async def unpark(self, stream: str) -> bool:
        """Let a stream be tried again; whether it was parked."""
        self._end(await self._begin("unpark"))
        return self._parked.pop(stream, None) is not None

    async def parked(self) -> list[Parked]:
        """All parked streams."""
        self._end(await self._begin("parked"))
        return list(self._parked.values())

    def put_mark(self, partition: Partition, mark: Mark) -> None:
        """Set a mark as a restored backup would have it."""
        self._marks[partition] = mark

    def forget_marks(self) -> None:
        """Lose every mark, as a database without this collection."""
        self._marks.clear()

    def _of(self, partition: Partition) -> list[Commit]:
        return [
            one
            for one in self._commits.durable()
            if (one.topic, one.lane) == partition and one.topic != Topic.PRIVATE
        ]

    def _pending(self, partition: Partition) -> list[Commit]:
        return [one for one in self._of(partition) if one.id not in self._settled]

    def is_pending(self, commit: Commit) -> bool:
        """Whether it is still to be published."""
        return commit.topic != Topic.PRIVATE and commit.id not in self._settled

    async def _begin(self, operation: str) -> OutboxFault | None:
        await self.pause(f"outbox.{operation}")
        fault = self.faults(operation)
        if fault is OutboxFault.AWAY:
            raise StoreUnavailable(f"memory outbox: {operation} got no answer")
        return fault

    def _end(self, fault: OutboxFault | None) -> None:
        if fault is OutboxFault.REPLY_LOST:
            raise StoreUnavailable("memory outbox: the reply was lost")
