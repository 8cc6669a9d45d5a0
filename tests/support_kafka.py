"""Publishing to a real broker, and a whole consumer on real engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from kafka.admin import ConfigResource, KafkaAdminClient

from contracts.envelope import Recorded
from kernel.clock import SystemClock
from kernel.consume.consumer import Consumer
from kernel.consume.kafka import Connection
from kernel.consume.positions import MongoPositions
from kernel.consume.runner import Runner
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.log import Partition, Record
from kernel.project.mongo import MongoDocuments
from kernel.project.mongo_queue import MongoQueue
from kernel.project.motor import ReadModels
from kernel.project.port import Document, Projection
from kernel.project.work import ReadModel
from tests.support_folds import ALICE, decode, outgoing, partition_of, walk

TOPICS = ("rj.case", "rj.feedback", "rj.offer", "rj.workforce")


def takes_at_most(bootstrap: str, topic: str, size: int) -> None:
    """Have a topic refuse what is larger."""
    told = ConfigResource("TOPIC", topic, {"max.message.bytes": str(size)})
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        admin.alter_configs([told], raise_on_unknown=False, incremental=True)


async def members(bootstrap: str, group: str) -> list[str]:
    """The ids of the members that a group has."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    (described,) = answer.to_object()["groups"]
    return [one["member_id"] for one in described["members"]]


@asynccontextmanager
async def publisher(bootstrap: str) -> AsyncIterator[Publisher]:
    """A producer for tests; records are on the log when `publish` returns."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=False, linger_ms=1
    )
    await producer.start()
    try:
        yield Publisher(producer)
    finally:
        await producer.stop()


class Publisher:
    """Sends events, or records as they are."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def publish(self, *what: Recorded | Record, topic: str = "rj.case") -> None:
        """Append in order."""
        sent = [await self._send(one, topic) for one in what]
        for one in sent:
            await one

    async def send(self, partition: Partition, value: bytes | None, **fields: object) -> None:
        """Append anything at all."""
        where, number = partition
        await self._producer.send_and_wait(where, value, partition=number, **fields)

    async def _send(self, one: Recorded | Record, topic: str) -> Any:
        where = one.partition if isinstance(one, Record) else partition_of(one.envelope)
        sent = one if isinstance(one, Record) else outgoing(one)
        return await self._producer.send(
            topic, sent.value, key=sent.key, partition=where.number, headers=list(sent.headers)
        )


class GatedDocuments(MongoDocuments):
    """Every batch begins by loading from it, so that a closed gate holds up folding."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self, view: str, keys: Collection[UUID]) -> dict[UUID, Document]:
        """The documents, once the gate is open."""
        await self.gate.wait()
        return await super().load(view, keys)


class Reading:
    """A read model in a real database, and as many consumers of it as wanted."""

    def __init__(
        self, models: ReadModels, bootstrap: str, *projections: Projection, group: str = ""
    ) -> None:
        self.projections = projections or (walk(),)
        self.documents = GatedDocuments(models.database)
        self.gate = self.documents.gate
        self.queue = MongoQueue(models.database)
        self.positions = MongoPositions(models.database)
        self.model = ReadModel(self.documents, self.queue, decode, SystemClock())
        self.group = group or f"reader-{uuid4().hex[:8]}"
        self.connection = Connection(bootstrap, session_timeout_ms=2000, fetch_wait_ms=20)
        self.reader = KafkaReader(Address(bootstrap, TOPICS))

    def consumer(self) -> Consumer:
        """One more replica's consumer."""
        runner = Runner(self.group, self.projections, self.model, self.positions)
        return Consumer(self.connection, runner, self.reader, look_seconds=0.2)

    async def versions(self, who: UUID = ALICE) -> list[int]:
        """The versions that somebody's document lists."""
        found = await self.documents.load(self.projections[0].view, [who])
        return [n for one in found.values() for _, n, _ in one.body.get("seen", [])]
