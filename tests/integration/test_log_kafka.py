"""The log on a real broker: the suite, and what happens when the broker comes back empty."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.envelope import Topic
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.log import LogUnavailable, RecordRefused
from rjhub.child import free_port
from tests.adapters.log_suite import HERE, LogSuite, a_record, names_on, some_records
from tests.engines import chosen
from tests.engines.chosen import start_broker
from tests.engines.kafka import with_topics
from tests.support_kafka import takes_at_most

numbers_its_batches = pytest.mark.skipif(
    chosen.EMBEDDED, reason="the embedded broker has no idempotent producer"
)


async def connected(address: Address) -> AsyncIterator[KafkaWriter]:
    writer = KafkaWriter(address)
    await writer.replace()
    yield writer
    await writer.close()


class TestKafkaLog(LogSuite):
    @pytest.fixture
    def address(self, hub_broker: str) -> Address:
        return Address(hub_broker, Topic.ALL)

    @pytest.fixture
    async def writer(self, address: Address) -> AsyncIterator[KafkaWriter]:
        async for writer in connected(address):
            yield writer

    @pytest.fixture
    async def rival(self, address: Address) -> AsyncIterator[KafkaWriter]:
        async for writer in connected(address):
            yield writer

    @pytest.fixture
    async def reader(self, address: Address) -> AsyncIterator[KafkaReader]:
        reader = KafkaReader(address)
        yield reader
        await reader.close()


async def test_an_old_writer_never_reaches_a_broker_that_came_back() -> None:
    """It would be the first to write on a log that nobody has recognised yet."""
    port = free_port()
    broker = start_broker(port)
    with_topics(broker.url)
    address = Address(broker.url, Topic.ALL)
    writer, reader = KafkaWriter(address), KafkaReader(address)
    try:
        await writer.replace()
        await writer.send(HERE, some_records("a"))
        before = await reader.identity()
        broker.kill()
        broker = start_broker(port)
        with_topics(broker.url)
        for _ in range(3):
            with pytest.raises(LogUnavailable):
                await writer.send(HERE, some_records("b"))
        assert await _identity_of(reader) != before
        assert await names_on(reader) == []
        await writer.replace()
        assert await writer.send(HERE, some_records("c")) == [0]
    finally:
        await writer.close()
        await reader.close()
        broker.kill()


async def test_a_broker_that_is_away_is_said_in_our_own_words() -> None:
    address = Address(f"127.0.0.1:{free_port()}", Topic.ALL)
    for call in (KafkaWriter(address).replace(), KafkaReader(address).identity()):
        with pytest.raises(LogUnavailable, match=r"no connection to 127\.0\.0\.1:\d+ by PLAINTEXT"):
            await call


async def test_a_writer_that_never_connected_says_so(hub_broker: str) -> None:
    with pytest.raises(LogUnavailable, match="not connected"):
        await KafkaWriter(Address(hub_broker, Topic.ALL)).send(HERE, some_records("a"))


async def test_the_first_broker_that_answers_is_enough(hub_broker: str) -> None:
    reader = KafkaReader(Address(f"127.0.0.1:{free_port()},{hub_broker}", Topic.ALL))
    assert (await reader.identity()).of(Topic.CASE)
    await reader.close()


async def test_a_replaced_writer_answers_what_was_under_way(hub_broker: str) -> None:
    writer = KafkaWriter(Address(hub_broker, Topic.ALL))
    await writer.replace()
    sending = asyncio.create_task(writer.send(HERE, some_records("a")))
    await asyncio.sleep(0)
    await writer.replace()
    assert await sending == [0]
    await writer.close()


@numbers_its_batches
async def test_what_its_broker_finds_too_large_is_refused_and_the_writer_goes_on(
    hub_broker: str,
) -> None:
    """A topic may take less than we think; aiokafka's own producer would be broken by it."""
    await asyncio.to_thread(takes_at_most, hub_broker, HERE.topic, 2_000)
    address = Address(hub_broker, Topic.ALL)
    writer, reader = KafkaWriter(address), KafkaReader(address)
    await writer.replace()
    with pytest.raises(RecordRefused) as refused:
        await writer.send(HERE, [a_record("a"), a_record("b", size=5_000), a_record("c")])
    assert refused.value.index == 1
    assert await writer.send(HERE, some_records("c")) == [1]
    assert await names_on(reader) == ["a", "c"]
    await writer.close()
    await reader.close()


@numbers_its_batches
async def test_a_writer_whose_numbers_are_out_of_order_goes_on_once_it_is_replaced(
    hub_broker: str,
) -> None:
    writer = KafkaWriter(Address(hub_broker, Topic.ALL))
    await writer.replace()
    await writer.send(HERE, some_records("a"))
    assert writer._connected
    writer._connected.producer.went_on(HERE, 5)
    for _ in range(2):
        with pytest.raises(LogUnavailable, match="OutOfOrderSequenceNumber"):
            await writer.send(HERE, some_records("b"))
    await writer.replace()
    assert await writer.send(HERE, some_records("b")) == [1]
    await writer.close()


async def _identity_of(reader: KafkaReader) -> object:
    """The first question may still meet the connection that broke."""
    try:
        return await reader.identity()
    except LogUnavailable:
        return await reader.identity()
