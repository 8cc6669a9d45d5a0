"""A service's ports on real engines: MongoDB and Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import stamina
import structlog
from pymongo.errors import PyMongoError

from contracts.envelope import Topic
from contracts.fields import OrganisationId
from kernel.clock import EarlierOf, SystemClock
from kernel.consume.consumer import Consumer
from kernel.consume.kafka import Connection
from kernel.consume.positions import MongoPositions
from kernel.devclock import DatabaseClock, DevClock
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.mongo import Client, assert_durable, connect
from kernel.process.loop import Leaps
from kernel.project.mongo import MongoDocuments
from kernel.project.mongo_queue import MongoQueue
from kernel.project.motor import ReadModels
from kernel.relay.mongo_leases import MongoLeases
from kernel.relay.mongo_outbox import MongoOutbox
from kernel.relay.pace import Pace
from kernel.run.assemble import Parts, Ports, assemble
from kernel.service import Service
from kernel.settings import Settings
from kernel.store.mongo import MongoCommits
from kernel.store.port import StoreUnavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Engines:
    """A service on its engines; nothing is sent to them before `prepare`."""

    client: Client
    commits: MongoCommits
    queue: MongoQueue
    reader: KafkaReader
    ports: Ports
    parts: Parts
    consumer: Consumer | None
    dev_clock: DevClock | None

    async def prepare(self) -> None:
        """Make indexes and views and tidy what a crash left, however long the database is away.

        Raises NotDurable.
        """
        away = (StoreUnavailable, PyMongoError)
        async for attempt in stamina.retry_context(on=away, attempts=None, timeout=None):
            with attempt:
                await assert_durable(self.client)
                await self.commits.ensure_indexes()
                await self.queue.prepare()
                for projection in self.parts.projections:
                    await self.ports.documents.prepare(projection)
                if self.parts.parking:
                    await self.parts.parking.tidy()

    def work(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What runs beside the HTTP server, by name."""
        named: dict[str, Coroutine[Any, Any, None]] = {"policies": self.parts.policies.run()}
        if self.parts.relay:
            named["relay"] = self.parts.relay.run()
        if self.consumer:
            named["consumer"] = self._consume(self.consumer)
        return named

    async def _consume(self, consumer: Consumer) -> None:
        """No fact is read before it is noted which log this is: see `Relay.prepare`."""
        if self.parts.relay:
            await self.parts.relay.prepare()
        await consumer.run()


@asynccontextmanager
async def connected(service: Service, settings: Settings) -> AsyncIterator[Engines]:
    """The engines of a service while the body runs; their connections are closed after it."""
    url, name = settings.mongo_url.get_secret_value(), f"{settings.database_prefix}_{service.name}"
    client, read_models = connect(url), ReadModels(url, name, settings.read_model_driver)
    address = Address(settings.kafka, Topic.ALL, client_id=f"rjhub-{service.name}")
    writer, reader = KafkaWriter(address), KafkaReader(address)
    dev_clock = DevClock(client[f"{settings.database_prefix}_clock"]) if settings.dev else None
    database = client[name]
    commits, queue = MongoCommits(database), MongoQueue(read_models.database)
    clock = dev_clock or SystemClock()
    ports = Ports(
        clock=clock,
        due=dev_clock or EarlierOf(clock, DatabaseClock(database)),
        commits=commits,
        outbox=MongoOutbox(database),
        leases=MongoLeases(database, uuid4().hex, settings.lease_seconds),
        writer=writer,
        reader=reader,
        documents=MongoDocuments(read_models.database),
        queue=queue,
        positions=MongoPositions(read_models.database),
        watch=Leaps(dev_clock) if dev_clock else None,
    )
    pace = Pace(beat=settings.lease_seconds / 3)
    parts = assemble(service, ports, OrganisationId(settings.hub_org), pace)
    consumer = _consumer(settings, ports, parts)
    try:
        yield Engines(client, commits, queue, reader, ports, parts, consumer, dev_clock)
    finally:
        await _closed(parts.store.close(), writer.close(), reader.close())
        await _closed(read_models.close(), client.close())


def _consumer(settings: Settings, ports: Ports, parts: Parts) -> Consumer | None:
    if parts.runner is None:
        return None
    connection = Connection(settings.kafka, settings.session_timeout_ms)
    return Consumer(connection, parts.runner, ports.reader, ports.clock)


async def _closed(*closings: Awaitable[object]) -> None:
    for closing in closings:
        try:
            await closing
        except Exception:  # the process ends either way
            log.warning("connection not closed cleanly", exc_info=True)
