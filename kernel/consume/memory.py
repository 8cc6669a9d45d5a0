"""In-memory twin of a consumer group: assignment, rebalance, redelivery, driven step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import cycle

from kernel.consume.member import Member
from kernel.consume.runner import Batch, Handled, Runner
from kernel.log import LogUnavailable, Partition, Record
from kernel.relay.memory import MemoryLog


class MemoryGroup:
    """A group over a MemoryLog; partitions are dealt out in turn, all at once, as aiokafka does.

    A rebalance waits `drain` seconds for batches at hand: with 0, they go on as a zombie's work.
    """

    def __init__(self, log: MemoryLog, topics: Iterable[str], drain: float = 0) -> None:
        self.log, self.topics, self.drain = log, tuple(topics), drain
        self.members: list[MemoryMember] = []

    async def join(self, runner: Runner) -> MemoryMember:
        """A new member, and a rebalance."""
        member = MemoryMember(self, runner)
        self.members.append(member)
        await self.rebalance()
        return member

    async def leave(self, member: MemoryMember) -> None:
        """A clean leave, and a rebalance."""
        await member.lose()
        await self.kill(member)

    async def kill(self, member: MemoryMember) -> None:
        """The member is gone without a word; what it was doing goes on as a zombie's work."""
        self.members.remove(member)
        await self.rebalance()

    async def rebalance(self) -> None:
        """Revoke everything, then deal it out again; the order of members turns each time."""
        for member in self.members:
            await member.lose()
        self.members = self.members[1:] + self.members[:1]
        hands: dict[int, list[Partition]] = defaultdict(list)
        if self.members:
            turn = cycle(range(len(self.members)))
            for topic in self.topics:
                for number in range(self.log.partitions):
                    hands[next(turn)].append(Partition(topic, number))
        for place, member in enumerate(self.members):
            await member.gain(hands[place])


class MemoryMember:
    """One consumer: it reads what it is assigned, from where it was told to."""

    def __init__(self, group: MemoryGroup, runner: Runner) -> None:
        self.member = Member(runner, group.log.identity, self.seek, group.drain)
        self.next: dict[Partition, int] = {}
        self._log = group.log

    def seek(self, partition: Partition, offset: int) -> None:
        """Read on from there, if it is still ours."""
        if partition in self.next:
            self.next[partition] = offset

    async def lose(self) -> None:
        """All partitions are revoked."""
        await self.member.revoked()
        self.next = {}

    async def gain(self, partitions: Sequence[Partition]) -> None:
        """These are assigned; until a position is known reading would begin at the start."""
        self.next = dict.fromkeys(partitions, 0)
        await self.member.assigned(partitions)

    def poll(self, limit: int = 100) -> list[Record]:
        """The next records of each partition; out of range, it begins at the start."""
        if self._log.away:
            return []
        return [one for partition in self.next for one in self._fetch(partition, limit)]

    async def handle(self, records: Sequence[Record]) -> Handled | None:
        """Let the runner fold what was polled."""
        return await self.member.handle(records) if records else None

    def receive(self, limit: int = 100) -> Batch:
        """Poll, and leave it at that: `finish` folds it, perhaps as a zombie."""
        return self.member.runner.receive(self.poll(limit))

    async def finish(self, batch: Batch) -> Handled:
        """Fold what was received."""
        return await self.member.finish(batch)

    async def step(self, limit: int = 100) -> int:
        """Poll, then handle; how many records that were."""
        records = self.poll(limit)
        await self.handle(records)
        return len(records)

    async def look(self) -> None:
        """What the real subscriber does now and then: missing seats, another log."""
        try:
            await self.member.look()
        except LogUnavailable:
            return

    async def drain(self, limit: int = 100) -> None:
        """Step until nothing is left to read."""
        while await self.step(limit):
            pass

    def redeliver(self, back: int) -> None:
        """Read the last records of every partition again."""
        self.next = {one: max(0, offset - back) for one, offset in self.next.items()}

    def _fetch(self, partition: Partition, limit: int) -> list[Record]:
        held = self._log.records(partition)
        if self.next[partition] > len(held):
            self.next[partition] = 0
        found = held[self.next[partition] :][:limit]
        self.next[partition] += len(found)
        return list(found)
