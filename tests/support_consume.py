"""A whole consumer in memory: log, group, runner, documents, queue, positions."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from contracts.envelope import Recorded
from kernel.clock import FixedClock
from kernel.consume.memory import MemoryGroup, MemoryMember
from kernel.consume.positions import MemoryPositions
from kernel.consume.runner import Runner
from kernel.log import Outgoing, Partition, Record
from kernel.project.memory import MemoryDocuments, MemoryQueue
from kernel.project.parking import Parking
from kernel.project.port import Body, Document, Projection
from kernel.project.work import ReadModel
from kernel.relay.memory import MemoryLog
from tests.support_folds import ALICE, NOW, decode, outgoing, partition_of, walk

CONSUMER = "reader"


async def no_wait(_: float) -> None:
    """No time passes in these tests; others get their turn."""
    await asyncio.sleep(0)


class World:
    """One service's read model on twins; `stop()` and `start()` restart its process."""

    def __init__(self, *projections: Projection, partitions: int = 16) -> None:
        self.projections: tuple[Projection, ...] = projections or (walk(),)
        self.log = MemoryLog(["rj.case", "rj.offer"], partitions)
        self.documents, self.queue, self.positions = (
            MemoryDocuments(),
            MemoryQueue(),
            MemoryPositions(),
        )
        self.clock = FixedClock(NOW)
        self.model = ReadModel(self.documents, self.queue, decode, self.clock, no_wait)
        self.group = MemoryGroup(self.log, ["rj.case"])
        self.written: list[tuple[str, UUID]] = []
        self.parking = Parking(self.model, lambda: self.projections)

    def runner(self) -> Runner:
        """A new process's runner."""
        return Runner(CONSUMER, self.projections, self.model, self.positions, self._note)

    async def start(self) -> MemoryMember:
        """A new process joins the group."""
        return await self.group.join(self.runner())

    def publish(self, *what: Recorded | Record, topic: str = "rj.case") -> list[Record]:
        """Put events of a topic, or records as they are, at the end of their partitions."""
        return [self._append(one, topic) for one in what]

    def document(self, who: UUID = ALICE, projection: Projection | None = None) -> Document:
        """A document as it is stored; an empty one where there is none."""
        return self.all(projection).get(who) or Document(who)

    def all(self, projection: Projection | None = None) -> dict[UUID, Document]:
        """All documents of a projection; of the first one unless said."""
        return self.documents.all((projection or self.projections[0]).view)

    def bodies(self, projection: Projection | None = None) -> dict[UUID, Body]:
        """All bodies of a projection."""
        return {key: one.body for key, one in self.all(projection).items()}

    def versions(self, who: UUID = ALICE) -> list[int]:
        """The versions of somebody's stream `referral` that the document lists."""
        seen = self.document(who).body.get("seen", [])
        return [version for stream, version, _ in seen if stream == "referral"]

    def _append(self, one: Recorded | Record, topic: str) -> Record:
        if isinstance(one, Recorded):
            partition, sent = partition_of(one.envelope, topic), outgoing(one)
        else:
            partition, sent = one.partition, Outgoing(one.key, one.headers, one.value)
        partition = Partition(partition.topic, partition.number % self.log.partitions)
        (offset,) = self.log.append(partition, [sent])
        return self.log.records(partition)[offset]

    def _note(self, projection: Projection, documents: Collection[Document]) -> None:
        self.written += [(projection.name, one.id) for one in documents]


def in_batches(records: Sequence[Record], size: int) -> list[Sequence[Record]]:
    """Records cut into batches."""
    return [records[i : i + size] for i in range(0, len(records), size)]
