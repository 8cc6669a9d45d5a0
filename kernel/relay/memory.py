"""In-memory twin of the log: deterministic, and able to fail in every way a broker was seen to."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from enum import Enum
from typing import Literal

from contracts.envelope import PARTITIONS, Topic
from kernel.log import LogIdentity, LogUnavailable, Outgoing, Partition, Record, RecordRefused

Operation = Literal["send", "identity", "at", "read", "end", "replace"]
Pause = Callable[[str], Awaitable[None]]
Refuses = Callable[[Outgoing], str | None]


class LogFault(Enum):
    """What goes wrong in one operation on the log."""

    AWAY = "no answer, and nothing was done"
    REPLY_LOST = "written, but the reply was lost"
    TORN = "the first half was written, then no answer"
    FALSE_ACK = "acknowledged, but never written"


Faults = Callable[[Operation], LogFault | None]


async def no_pause(_: str) -> None:
    """Go straight on; a scheduler puts its own pause here."""


def scripted(*faults: LogFault | None, of: Operation = "send") -> Faults:
    """Faults for the next operations of one kind, in turn; none when they are used up."""
    left = deque(faults)
    return lambda operation: left.popleft() if operation == of and left else None


class MemoryLog:
    """A whole log, and a LogReader of it; `writer()` gives a producer of its own.

    Every record that a writer acknowledged is on the log, in order, unless a fault says
    otherwise. `faults` is asked before each operation; `pause` is awaited around it.
    """

    def __init__(
        self,
        topics: Iterable[str] = Topic.ALL,
        partitions: int = PARTITIONS,
        *,
        faults: Faults | None = None,
        pause: Pause = no_pause,
    ) -> None:
        self.partitions = partitions
        self.faults: Faults = faults or (lambda _: None)
        self.pause = pause
        self.away = False
        self.acknowledges_strangers = False
        self.refuses: Refuses = lambda _: None
        self.generation = 1
        self._births = dict.fromkeys(topics, 1)
        self._made = 1
        self._records: defaultdict[Partition, list[Record]] = defaultdict(list)

    def writer(self) -> MemoryWriter:
        """A producer connected to the log as it is now."""
        return MemoryWriter(self)

    def records(self, partition: Partition) -> tuple[Record, ...]:
        """All that stands in a partition, for a test to look at."""
        return tuple(self._records[partition])

    def append(self, partition: Partition, batch: Sequence[Outgoing]) -> list[int]:
        """Write without any fault; the offsets."""
        held = self._records[self._known(partition)]
        first = len(held)
        held += (
            Record(partition, first + place, one.key, one.headers, one.value)
            for place, one in enumerate(batch)
        )
        return list(range(first, len(held)))

    def lose(self) -> None:
        """Become another, empty log, as a broker that lost its data does at its next start."""
        self.generation += 1
        self._records.clear()

    def recreate(self, topic: str) -> None:
        """Delete a topic and make it anew: same cluster, another topic id, empty."""
        self._made += 1
        self._births[topic] = self._made
        for partition in [one for one in self._records if one.topic == topic]:
            del self._records[partition]

    def drop_topic(self, topic: str) -> None:
        """Delete a topic."""
        self.recreate(topic)
        del self._births[topic]

    def lose_tail(self, partition: Partition, count: int) -> None:
        """Lose the last records of a partition; cluster and topic id stay what they are."""
        held = self._records[partition]
        del held[max(0, len(held) - count) :]

    async def identity(self) -> LogIdentity:
        """Cluster and topic ids as they are now."""
        await self._arrive("identity")
        births = sorted(self._births.items())
        return LogIdentity(
            f"memory-{self.generation}",
            tuple((topic, f"{topic}-{self.generation}-{birth}") for topic, birth in births),
        )

    async def at(self, partition: Partition, offset: int) -> Record | None:
        """The record at an offset, or None."""
        await self._arrive("at")
        held = self._records[self._known(partition)]
        return held[offset] if 0 <= offset < len(held) else None

    async def read(self, partition: Partition, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from an offset on."""
        await self._arrive("read")
        return self._records[self._known(partition)][offset : offset + limit]

    async def end(self, partition: Partition, start: int) -> int:
        """Where the next record will stand; no record could stand beyond that."""
        await self._arrive("end")
        end = len(self._records[self._known(partition)])
        if start > end:
            raise LogUnavailable(f"memory log: {partition} ends at {end}, before {start}")
        return end

    async def _arrive(self, operation: Operation) -> None:
        await self.pause(f"log.{operation}")
        if self.away or self.faults(operation):
            raise LogUnavailable(f"memory log: {operation} got no answer")

    def _known(self, partition: Partition) -> Partition:
        if partition.topic not in self._births or not 0 <= partition.number < self.partitions:
            raise LogUnavailable(f"memory log: there is no partition {partition}")
        return partition


class MemoryWriter:
    """A producer of a MemoryLog. When the log becomes another one its connection is gone."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._generation = log.generation

    async def send(self, partition: Partition, batch: Sequence[Outgoing]) -> list[int]:
        """Append in order, all durable when it returns, unless a fault says otherwise."""
        connected_to = self._generation
        await self._log.pause("log.send")
        offsets = self._written(connected_to, partition, batch)
        await self._log.pause("log.sent")
        return offsets

    def _written(
        self, connected_to: int, partition: Partition, batch: Sequence[Outgoing]
    ) -> list[int]:
        log, fault = self._log, self._log.faults("send")
        if log.away or fault is LogFault.AWAY:
            raise LogUnavailable("memory log: send got no answer")
        if connected_to != log.generation:
            return self._to_a_stranger(partition, batch)
        self._check(batch)
        match fault:
            case LogFault.FALSE_ACK:
                return self._acknowledged_falsely(partition, batch)
            case LogFault.REPLY_LOST:
                log.append(partition, batch)
                raise LogUnavailable("memory log: the reply to send was lost")
            case LogFault.TORN:
                log.append(partition, batch[: len(batch) // 2])
                raise LogUnavailable("memory log: send broke off half-way")
            case _:
                return log.append(partition, batch)

    def _check(self, batch: Sequence[Outgoing]) -> None:
        for index, one in enumerate(batch):
            reason = self._log.refuses(one)
            if reason:
                raise RecordRefused(index, reason)

    def _to_a_stranger(self, partition: Partition, batch: Sequence[Outgoing]) -> list[int]:
        if self._log.acknowledges_strangers:
            return self._acknowledged_falsely(partition, batch)
        raise LogUnavailable("memory log: the connection is gone")

    def _acknowledged_falsely(self, partition: Partition, batch: Sequence[Outgoing]) -> list[int]:
        first = len(self._log.records(partition))
        return list(range(first, first + len(batch)))

    async def replace(self) -> None:
        """Connect anew, to the log as it is now."""
        await self._log.pause("log.replace")
        if self._log.away or self._log.faults("replace"):
            raise LogUnavailable("memory log: no connection")
        self._generation = self._log.generation
