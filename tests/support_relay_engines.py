"""A service's store and its relays on a real database and a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import stamina
from pymongo.asynchronous.database import AsyncDatabase

from contracts.envelope import Envelope, Topic
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.log import LogUnavailable, Partition, Record
from kernel.relay.mongo_leases import MongoLeases
from kernel.relay.mongo_outbox import MongoOutbox
from kernel.relay.pace import Pace
from kernel.relay.relay import Relay
from kernel.store.mongo import MongoCommits
from kernel.store.port import Commit, Inserted

QUICK = Pace(beat=0.2, sweep=0.5, look=0.2, ring=0.2)
LEASE = 3.0


@dataclass
class EngineService:
    """One service: its database, and the broker's address."""

    database: AsyncDatabase[dict[str, Any]]
    kafka: str
    name: str = "consent"
    open: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.commits = MongoCommits(self.database)
        self.outbox = MongoOutbox(self.database)
        self.address = Address(self.kafka, Topic.ALL, timeout=2)
        self.reader = KafkaReader(self.address)
        self.open += [self.outbox, self.reader]

    async def add(self, *commits: Commit) -> None:
        """Append; each must be new."""
        assert all(isinstance(one, Inserted) for one in await self.commits.insert(commits))

    def relay(self, holder: str = "one", pace: Pace = QUICK) -> Relay:
        """A relay as a replica starts it, with connections of its own."""
        writer, reader = KafkaWriter(self.address), KafkaReader(self.address)
        outbox = MongoOutbox(self.database)
        self.open += [writer, reader, outbox]
        leases = MongoLeases(self.database, holder, LEASE)
        return Relay(
            outbox,
            leases,
            writer,
            reader,
            source=f"/rj/{self.name}",
            topics=[Topic.CASE],
            pace=pace,
        )

    async def pending(self) -> int:
        """How many commits are still to be published."""
        return (await self.outbox.backlog()).count

    async def close(self) -> None:
        """Close every connection."""
        for one in self.open:
            await one.close()


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[list[asyncio.Task[None]]]:
    """The relays run; they are cancelled at the end."""
    tasks = [asyncio.create_task(one.run()) for one in relays]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@stamina.retry(on=LogUnavailable, attempts=3)
async def records(reader: KafkaReader, partition: Partition) -> list[Record]:
    """All that stands in a partition, asked for again where a busy machine let time run out.

    Raises LogUnavailable: silence is never taken for an empty log.
    """
    found: list[Record] = []
    while more := await reader.read(partition, len(found), 1000):
        found += more
    return found


async def places(reader: KafkaReader, partition: Partition) -> list[str]:
    """What stands in a partition, as `<stream category>@<version>`."""
    read = [Envelope.from_headers(one.headers) for one in await records(reader, partition)]
    return [f"{one.stream.partition('-')[0]}@{one.version}" for one in read]
