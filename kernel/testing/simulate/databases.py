"""The databases of one service in memory; they outlive its processes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from kernel.clock import EarlierOf
from kernel.consume.positions import MemoryPositions
from kernel.relay.memory_leases import MemoryLanes, MemoryLeases
from kernel.run.assemble import Ports
from kernel.store.port import Commit, StoreUnavailable
from kernel.testing.simulate.bells import RingingCommits, RingingLog, RingingOutbox
from kernel.testing.simulate.estate import inherit
from kernel.testing.simulate.fate import Fate
from kernel.testing.simulate.remember import RememberingDocuments, RememberingQueue

LEASE_SECONDS = 6.0


class SimClock:
    """Virtual time as a date; a process's own may be ahead of it or behind, by `skew`."""

    def __init__(self, fate: Fate, began: datetime) -> None:
        self._fate, self._began = fate, began
        self.leapt = timedelta()

    def at(self, skew: float = 0.0) -> datetime:
        """What this clock shows now."""
        return self._began + self.leapt + timedelta(seconds=self._fate.loop.time() + skew)

    async def now(self) -> datetime:
        """The present moment."""
        return self.at()


class SkewedClock:
    """The clock of one process."""

    def __init__(self, clock: SimClock, skew: float) -> None:
        self._clock, self._skew = clock, skew

    async def now(self) -> datetime:
        """The present moment, as this process has it."""
        return self._clock.at(self._skew)


class ServerClock:
    """The clock of one database, which gives no answer while that gives none."""

    def __init__(self, clock: SimClock, faults: Callable[[str], object]) -> None:
        self._clock, self._faults = clock, faults

    async def now(self) -> datetime:
        """The present moment; raises StoreUnavailable."""
        if self._faults("clock.now"):
            raise StoreUnavailable("simulated clock: no answer")
        return self._clock.at()


class Databases:
    """All that a service keeps."""

    def __init__(self, name: str, fate: Fate) -> None:
        self.name, self._fate = name, fate
        self.commits = RingingCommits(fate, name)
        self.lanes = MemoryLanes(fate.loop.time, LEASE_SECONDS)
        self.outbox = RingingOutbox(self.commits, fate, name)
        self.documents = RememberingDocuments(fate.data(name), fate.pause)
        self.queue = RememberingQueue(fate.data(name), fate.pause)
        self.positions = MemoryPositions(fate.data(name), fate.pause)

    def ports(self, log: RingingLog, clock: SimClock, holder: str, skew: float) -> Ports:
        """What one process sees of them and of the log."""
        fate, own = self._fate, SkewedClock(clock, skew)
        leases = MemoryLeases(self.lanes, holder, faults=fate.outbox(self.name), pause=fate.pause)
        return Ports(
            clock=own,
            due=EarlierOf(own, ServerClock(clock, fate.data(self.name))),
            commits=self.commits,
            outbox=self.outbox,
            leases=leases,
            writer=log.writer(),
            reader=log,
            documents=self.documents,
            queue=self.queue,
            positions=self.positions,
        )

    def inherit(self, ancestor: Databases) -> None:
        """Hold what another world's hold; its leases are nobody's any more."""
        for own in ("commits", "outbox", "documents", "queue", "positions"):
            inherit(getattr(self, own), getattr(ancestor, own))

    def stands_on(self, ids: Collection[bytes]) -> bool:
        """Whether every event is among these of a log; one that is private never is."""
        events = (event for one in self.commits.durable() for event in one.events)
        return all(str(event.id).encode() in ids for event in events)

    def pending(self) -> Sequence[Commit]:
        """What is still to be published."""
        return [one for one in self.commits.durable() if self.outbox.is_pending(one)]
