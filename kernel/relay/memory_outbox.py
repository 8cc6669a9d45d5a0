"""In-memory twin of the outbox: deterministic, and it fails as a database can."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol

from contracts.envelope import Topic
from kernel.log import Partition
from kernel.relay.memory_leases import Faults, OutboxFault, Pause, no_pause
from kernel.relay.port import Backlog, Lease, LeaseLost, Mark, Page, Parked, Restore
from kernel.store.port import Commit, StoreUnavailable

Wait = Callable[[float], Awaitable[None]]


class Durable(Protocol):
    """The commits that a majority has, such as `MemoryCommits`."""

    def durable(self) -> list[Commit]:
        """Every one of them, in `_id` order."""
        ...

    def take_back(self, commits: Sequence[Commit]) -> int:
        """Add what is missing of these; raises StoreDiffers."""
        ...


async def short_wait(_: float) -> None:
    """Wait a moment for the bell."""
    await asyncio.sleep(0.01)


class MemoryOutbox:
    """Twin of the outbox over the twin of the commit store; see the port."""

    def __init__(
        self,
        commits: Durable,
        *,
        faults: Faults = lambda _: None,
        pause: Pause = no_pause,
        wait: Wait = short_wait,
    ) -> None:
        self.faults = faults
        self.pause = pause
        self.wait = wait
        self.restore: Restore | None = None
        self._commits = commits
        self._settled: set[str] = set()
        self._seen: dict[Partition, set[str]] = {}
        self._told: set[str] | None = None
        self._marks: dict[Partition, Mark] = {}
        self._epochs: defaultdict[Partition, int] = defaultdict(int)
        self._reopened: defaultdict[str, int] = defaultdict(int)
        self._again_since: dict[str, float] = {}
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
        """Where a commit was inserted since it was last asked; None at first or after a fault."""
        await self.pause("outbox.rung")
        fault = self.faults("rung")
        await self.wait(timeout)
        commits, told = self._commits.durable(), self._told
        self._told = None if fault else {one.id for one in commits}
        if fault or told is None:
            return None
        return {Partition(one.topic, one.lane) for one in commits if one.id not in told}

    async def claim(self, lease: Lease, topic: str) -> Mark | None:
        """Take a partition over from earlier leases; its mark, or None before the first."""
        fault = await self._begin("claim")
        here = self._fenced(lease, topic, fault)
        self._epochs[here] = lease.epoch
        self._end(fault)
        return self._marks.get(here)

    async def save(self, lease: Lease, topic: str, mark: Mark) -> None:
        """Keep a mark."""
        fault = await self._begin("save")
        self._marks[self._fenced(lease, topic, fault)] = mark
        self._end(fault)

    async def settle(self, lease: Lease, topic: str, mark: Mark, ids: Collection[str]) -> None:
        """Keep the mark, then count these commits as published."""
        fault = await self._begin("settle")
        self._marks[self._fenced(lease, topic, fault)] = mark
        await self.pause("outbox.marked")
        self._settled.update(one for one in ids if self._reopened[one] <= lease.epoch)
        self._end(fault)

    async def reopen(self, leases: Mapping[Partition, Lease]) -> None:
        """Make every commit of these partitions pending again, for these leases and later ones."""
        fault = await self._begin("reopen")
        now = asyncio.get_running_loop().time()
        for partition, lease in leases.items():
            for one in self._of(partition):
                if one.id in self._settled or one.id in self._again_since:
                    self._again_since[one.id] = now
                self._settled.discard(one.id)
                self._reopened[one.id] = max(self._reopened[one.id], lease.epoch)
        self._end(fault)

    async def mark_first(self, marks: Mapping[Partition, Mark]) -> None:
        """Keep these marks where there is none yet; needs no lease."""
        fault = await self._begin("mark_first")
        self._marks = {**marks, **self._marks}
        self._end(fault)

    async def unmarked(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have no mark yet."""
        self._end(await self._begin("unmarked"))
        return {one for one in partitions if one not in self._marks}

    async def used(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have any commit."""
        self._end(await self._begin("used"))
        return {one for one in partitions if self._of(one)}

    async def heads(self, streams: Collection[str]) -> dict[str, int]:
        """The last version of each of these streams."""
        self._end(await self._begin("heads"))
        wanted = [one for one in self._commits.durable() if one.stream in streams]
        return {one.stream: one.last.version for one in wanted}

    async def restored(self) -> Restore | None:
        """The restore from a backup that this store has not caught up from yet, if any."""
        self._end(await self._begin("restored"))
        return self.restore

    async def take_back(self, commits: Sequence[Commit]) -> int:
        """Insert, as published, what the store lacks of these; how many it lacked."""
        fault = await self._begin("take_back")
        there = {one.id for one in self._commits.durable()}
        lacked = self._commits.take_back(commits)
        self._settled.update({one.id for one in commits} - there)
        self._end(fault)
        return lacked

    async def caught_up(self) -> None:
        """The store holds all that it published: it is no longer to be compared."""
        fault = await self._begin("caught_up")
        if self.restore and self.restore.whole:
            self.restore = None
        self._end(fault)

    async def backlog(self) -> Backlog:
        """How much is pending, and since when."""
        self._end(await self._begin("backlog"))
        left = [one for one in self._commits.durable() if self.is_pending(one)]
        again = [self._again_since[one.id] for one in left if one.id in self._again_since]
        never_sent = (one.recorded_at for one in left if one.id not in self._again_since)
        now = asyncio.get_running_loop().time()
        return Backlog(
            len(left), min(never_sent, default=None), len(again), now - min(again, default=now)
        )

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

    def _fenced(self, lease: Lease, topic: str, fault: OutboxFault | None) -> Partition:
        here = Partition(topic, lease.lane)
        if fault is OutboxFault.REFUSED or lease.epoch < self._epochs[here]:
            raise LeaseLost
        return here

    def mark_of(self, partition: Partition) -> Mark | None:
        """The mark of a partition, for a test to look at."""
        return self._marks.get(partition)

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
            if one.topic == partition.topic != Topic.PRIVATE and one.lane == partition.number
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
