"""A service's ports on real engines: MongoDB and Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import stamina
import structlog
from aiokafka.errors import InvalidSessionTimeoutError
from pymongo.errors import OperationFailure, PyMongoError

from contracts.envelope import Topic
from contracts.fields import OrganisationId
from kernel.clock import EarlierOf, SystemClock, seconds_ahead
from kernel.consume.consumer import Consumer
from kernel.consume.kafka import Connection
from kernel.consume.positions import MongoPositions
from kernel.devclock import DatabaseClock, DevClock
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.log import LogUnavailable, NotLetIn
from kernel.mongo import Client, assert_durable, connect
from kernel.project.mongo import MongoDocuments
from kernel.project.mongo_queue import MongoQueue
from kernel.project.motor import ReadModels
from kernel.relay.mongo_leases import MongoLeases
from kernel.relay.mongo_outbox import MongoOutbox
from kernel.relay.pace import Pace
from kernel.relay.relay import Relay
from kernel.run.assemble import Parts, Ports, assemble
from kernel.run.consumers import Consumers
from kernel.run.gate import Gate
from kernel.service import Service
from kernel.settings import Settings, WrongSettings
from kernel.store.mongo import MongoCommits
from kernel.store.port import StoreUnavailable

AUTHENTICATION_FAILED = 18
_LET_IN = (
    "right are RJHUB_KAFKA_SECURITY, RJHUB_KAFKA_USER, RJHUB_KAFKA_PASSWORD_FILE and "
    "RJHUB_KAFKA_CA_FILE as the broker has them"
)
# A lane that was handed over is taken with the next beat, however long leases last.
LONGEST_BEAT = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Engines:
    """A service on its engines; before it is prepared its store takes and tells nothing."""

    client: Client
    commits: MongoCommits
    queue: MongoQueue
    reader: KafkaReader
    ports: Ports
    parts: Parts
    consumers: Consumers | None
    dev_clock: DevClock | None
    database_clock: DatabaseClock
    prepared: asyncio.Event

    async def seconds_ahead(self) -> float:
        """How far this machine's clock is ahead of the database's; raises StoreUnavailable."""
        return await seconds_ahead(SystemClock(), self.database_clock)

    async def work(self) -> None:
        """Prepare, then publish, consume and attend to policies until cancelled.

        Cancelled, the relay sends what it has at hand and hands over its lanes, and the consumer
        leaves its group after the batch at hand. Raises NotDurable, WrongSettings.
        """
        await self._prepare()
        await self._knock()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.parts.policies.run(), name="policies")
            if self.parts.relay:
                group.create_task(_publish(self.parts.relay), name="relay")
            if self.consumers:
                group.create_task(self._consume(self.consumers), name="consumers")

    async def _prepare(self) -> None:
        """Make indexes and views and tidy what a crash left, however long the database is away."""
        attempts = stamina.retry_context(on=_away, attempts=None, timeout=None, wait_max=1)
        async for attempt in attempts:
            with attempt:
                await assert_durable(self.client)
                await self.commits.ensure_indexes()
                await self.queue.prepare()
                if self.parts.feeding:
                    await self.parts.feeding.prepare()
                if self.parts.parking:
                    await self.parts.parking.tidy()
                if self.parts.relay:
                    await self.parts.relay.learn()
        self.prepared.set()
        log.info("prepared")

    async def _knock(self) -> None:
        """A log that is away is waited for; one that does not let us in never will."""
        try:
            await self.reader.identity()
        except NotLetIn as refused:
            raise WrongSettings(f"RJHUB_KAFKA: {refused}; {_LET_IN}") from refused
        except LogUnavailable as away:
            log.warning("log_away", why=str(away))

    async def _consume(self, consumers: Consumers) -> None:
        """No fact is read before it is noted which log this is: see `Relay.prepare`."""
        if self.parts.relay:
            await self.parts.relay.prepare()
        try:
            await consumers.run()
        except* InvalidSessionTimeoutError as refused:
            raise WrongSettings(
                "RJHUB_SESSION_TIMEOUT_MS: the broker refuses it; right is what lies between its "
                "group.min.session.timeout.ms (6000 by default) and group.max.session.timeout.ms"
            ) from refused


async def _publish(relay: Relay) -> None:
    running = asyncio.create_task(relay.run(), name="relay running")
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        relay.stop()
        await running
        raise


def _away(failed: Exception) -> bool:
    """Whether to try again. Raises WrongSettings where that would be in vain."""
    if isinstance(failed, OperationFailure) and failed.code == AUTHENTICATION_FAILED:
        raise WrongSettings(
            "RJHUB_MONGO_URL: the database does not accept its credentials; right are those of a "
            "user that it knows, and `authSource` where that user is not of the database `admin`"
        )
    return isinstance(failed, (StoreUnavailable, PyMongoError))


def _unprepared(prepared: asyncio.Event) -> str | None:
    return None if prepared.is_set() else "the store is being prepared"


@asynccontextmanager
async def connected(service: Service, settings: Settings) -> AsyncIterator[Engines]:
    """The engines of a service while the body runs; their connections are closed after it."""
    url, name = settings.mongo_url.get_secret_value(), f"{settings.database_prefix}_{service.name}"
    client, read_models = connect(url), ReadModels(url, name, settings.read_model_driver)
    security = settings.kafka_options()
    address = Address(settings.kafka, Topic.ALL, f"rjhub-{service.name}", security=security)
    writer, reader = KafkaWriter(address), KafkaReader(address)
    dev_clock = DevClock(client[f"{settings.database_prefix}_clock"]) if settings.dev else None
    database = client[name]
    commits, queue = MongoCommits(database), MongoQueue(read_models.database)
    clock, database_clock = dev_clock or SystemClock(), DatabaseClock(database)
    prepared = asyncio.Event()
    ports = Ports(
        clock=clock,
        due=dev_clock or EarlierOf(clock, database_clock),
        commits=Gate(commits, partial(_unprepared, prepared)),
        outbox=MongoOutbox(database),
        leases=MongoLeases(database, uuid4().hex, settings.lease_seconds),
        writer=writer,
        reader=reader,
        documents=MongoDocuments(read_models.database),
        queue=queue,
        positions=MongoPositions(read_models.database),
        watch=dev_clock,
    )
    pace = Pace(beat=min(LONGEST_BEAT, settings.lease_seconds / 3))
    parts = assemble(service, ports, OrganisationId(settings.hub_org), pace)
    connection = Connection(
        settings.kafka,
        settings.session_timeout_ms,
        idle_wait_ms=settings.idle_fetch_ms,
        security=security,
    )
    try:
        yield Engines(
            client=client,
            commits=commits,
            queue=queue,
            reader=reader,
            ports=ports,
            parts=parts,
            consumers=_consumers(connection, ports, parts),
            dev_clock=dev_clock,
            database_clock=database_clock,
            prepared=prepared,
        )
    finally:
        await _closed(parts.store.close(), writer.close(), reader.close())
        await _closed(read_models.close(), client.close())


def _consumers(connection: Connection, ports: Ports, parts: Parts) -> Consumers | None:
    if parts.feeding is None:
        return None
    return Consumers(
        parts.feeding, lambda runner: Consumer(connection, runner, ports.reader, ports.clock)
    )


async def _closed(*closings: Awaitable[object]) -> None:
    for closing in closings:
        try:
            await closing
        except Exception:  # the process ends either way
            log.warning("connection not closed cleanly", exc_info=True)
