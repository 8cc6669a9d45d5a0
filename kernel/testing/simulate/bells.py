"""Twins that ring a bell when something was written, so that nobody has to poll for it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from kernel.log import Outgoing, Partition
from kernel.relay.memory import MemoryLog
from kernel.relay.memory_outbox import MemoryOutbox
from kernel.store.memory import MemoryCommits, StoreFault, _Later
from kernel.store.port import Commit, Insertion
from kernel.testing.simulate.fate import Fate
from kernel.testing.simulate.lanes import LANES


class Bell:
    """Whoever waits hears what was rung since it last heard something."""

    def __init__(self) -> None:
        self._rings: list[Partition] = []
        self._heard: dict[str, int] = {}
        self._waiting: list[asyncio.Future[None]] = []

    def ring(self, partition: Partition) -> None:
        """Something was written there."""
        self._rings.append(partition)
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            _wake(one)

    async def wait(self, who: str, seconds: float) -> set[Partition]:
        """Where it rang; nowhere, when so many seconds have gone by."""
        if self._heard.get(who, 0) == len(self._rings):
            await self._rung(seconds)
        heard = self._heard.get(who, 0)
        self._heard[who] = len(self._rings)
        return set(self._rings[heard:])

    async def _rung(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        rung: asyncio.Future[None] = loop.create_future()
        self._waiting.append(rung)
        timer = loop.call_later(seconds, _wake, rung)
        try:
            await rung
        finally:
            timer.cancel()


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


class RingingLog(MemoryLog):
    """A log that rings at each append."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(partitions=LANES, faults=fate.log("log"), pause=fate.pause)
        self.bell = Bell()

    def append(self, partition: Partition, batch: Sequence[Outgoing]) -> list[int]:
        """Write without any fault; the offsets."""
        offsets = super().append(partition, batch)
        self.bell.ring(partition)
        return offsets


class RingingCommits(MemoryCommits):
    """A store that rings at each insert, whatever came of it, and remembers what is durable."""

    def __init__(self, fate: Fate, name: str) -> None:
        super().__init__(fate.store(name), fate.pause)
        self.bell = Bell()
        self._kept: list[Commit] | None = None

    async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
        """Insert unordered, one result each; raises OutcomeUnknown for the batch as a whole."""
        try:
            return await super().insert(batch)
        finally:
            for commit in batch:
                self.bell.ring(Partition(commit.topic, commit.lane))

    def durable(self) -> list[Commit]:
        """Every commit that a majority has, in `_id` order."""
        if self._kept is None:
            self._kept = super().durable()
        return self._kept

    def take_back(self, commits: Iterable[Commit]) -> int:
        """Add what is missing of these; how many were."""
        self._kept = None
        return super().take_back(commits)

    def _insert(self, batch: Sequence[Commit], fault: StoreFault | None) -> list[Insertion]:
        self._kept = None
        return super()._insert(batch, fault)

    def _meet_fate(self, one: _Later) -> None:
        self._kept = None
        super()._meet_fate(one)


class RingingOutbox(MemoryOutbox):
    """An outbox with a doorbell, which now and then misses a ring, and an index by partition."""

    def __init__(self, commits: RingingCommits, fate: Fate, name: str) -> None:
        super().__init__(commits, faults=fate.outbox(name), pause=fate.pause)
        self._fate, self._store = fate, commits
        self._indexed: list[Commit] = []
        self._index: dict[Partition, list[Commit]] = {}

    async def rung(self, timeout: float) -> set[Partition] | None:
        """Where a commit was just inserted; None when one may have been missed."""
        await self.pause("outbox.rung")
        if self.faults("rung"):
            return None
        rings = await self._store.bell.wait(self._fate.loop.owner, timeout)
        return None if self._fate.strikes(self._fate.trouble.fault) else rings

    async def waiting(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have something pending."""
        self._end(await self._begin("waiting"))
        return {one for one in partitions if self._of(one) and self._pending(one)}

    def _of(self, partition: Partition) -> list[Commit]:
        durable = self._store.durable()
        if durable is not self._indexed:
            index: defaultdict[Partition, list[Commit]] = defaultdict(list)
            for one in durable:
                index[Partition(one.topic, one.lane)].append(one)
            self._indexed, self._index = durable, dict(index)
        return self._index.get(partition, [])
