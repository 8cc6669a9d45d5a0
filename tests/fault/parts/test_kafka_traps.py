"""What clients of Apache Kafka do without a word: why relay and consumers look for themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import kafka
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError, OutOfOrderSequenceNumber
from kafka.admin import KafkaAdminClient

from contracts.envelope import Topic
from rjhub.child import free_port
from rjhub.topics import delete_topics
from tests.engines import chosen
from tests.engines.chosen import start_broker
from tests.engines.kafka import with_topics
from tests.support_kafka import takes_at_most

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(chosen.EMBEDDED, reason="the embedded broker has no idempotent producer"),
]

LANE = TopicPartition(Topic.CASE, 3)


@asynccontextmanager
async def producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """One that is idempotent, and as aiokafka has it."""
    found = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


@asynccontextmanager
async def consumer(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """One that was given its partition, from the start, and belongs to no group."""
    found = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", metadata_max_age_ms=500
    )
    await found.start()
    try:
        found.assign([LANE])
        yield found
    finally:
        await found.stop()


async def send(to: AIOKafkaProducer, *values: bytes) -> None:
    """One after the other, each acknowledged."""
    for one in values:
        await to.send_and_wait(LANE.topic, one, partition=LANE.partition)


async def read(from_: AIOKafkaConsumer, count: int) -> list[bytes | None]:
    """The next so many records."""
    async with asyncio.timeout(30):
        return [(await from_.getone()).value for _ in range(count)]


def numbered(name: str, count: int) -> list[bytes]:
    return [f"{name} {n}".encode() for n in range(count)]


async def test_a_producer_is_told_by_a_broker_that_lost_its_data_what_was_never_written() -> None:
    """Ids of producers begin anew, so what the old one sends seems to be there already."""
    port = free_port()
    broker = await asyncio.to_thread(start_broker, port)
    try:
        with_topics(broker.url)
        async with producer(broker.url) as old:
            await send(old, *numbered("old", 5))
            broker.kill()
            broker = await asyncio.to_thread(start_broker, port)
            with_topics(broker.url)
            async with producer(broker.url) as new:
                await send(new, *numbered("new", 10))
            await send(old, b"acknowledged")
            async with producer(broker.url) as last, consumer(broker.url) as reader:
                await send(last, b"end")
                assert await read(reader, 11) == [*numbered("new", 10), b"end"]
    finally:
        broker.kill()


async def test_a_consumer_misses_the_beginning_of_a_topic_that_was_made_anew(
    hub_broker: str,
) -> None:
    """It goes on where it stood, in another log."""
    async with consumer(hub_broker) as reader:
        async with producer(hub_broker) as before:
            await send(before, *numbered("before", 3))
        assert await read(reader, 3) == numbered("before", 3)
        with KafkaAdminClient(bootstrap_servers=hub_broker) as admin:
            delete_topics(admin, [Topic.CASE])
        with_topics(hub_broker)
        async with producer(hub_broker) as after:
            await send(after, *numbered("after", 8))
        assert await read(reader, 5) == numbered("after", 8)[3:]


async def test_a_consumer_passes_over_what_was_deleted_before_it_was_read(hub_broker: str) -> None:
    async with producer(hub_broker) as before, consumer(hub_broker) as reader:
        await send(before, *numbered("old", 5))
        with KafkaAdminClient(bootstrap_servers=hub_broker) as admin:
            admin.delete_records({kafka.TopicPartition(*LANE): 3})
        reader.seek(LANE, 1)
        assert await read(reader, 2) == numbered("old", 5)[3:]


async def test_a_producer_is_broken_by_a_record_that_its_broker_finds_too_large(
    hub_broker: str,
) -> None:
    """Whatever it sends to that partition afterwards is out of order, for ever."""
    await asyncio.to_thread(takes_at_most, hub_broker, LANE.topic, 2_000)
    async with producer(hub_broker) as found:
        await send(found, b"before")
        with pytest.raises(MessageSizeTooLargeError):
            await send(found, b"x" * 5_000)
        for _ in range(2):
            with pytest.raises(OutOfOrderSequenceNumber):
                await send(found, b"after")
