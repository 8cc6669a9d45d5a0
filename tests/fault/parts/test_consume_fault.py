"""Consumers, broker and database killed, paused and emptied while they work."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from kafka.admin import KafkaAdminClient

from kernel.consume.consumer import Consumer
from kernel.project.motor import ReadModels
from rjhub.child import Running, free_port
from rjhub.topics import delete_topics
from tests.engines.chosen import start_broker, start_mongod
from tests.engines.kafka import with_topics
from tests.support import eventually
from tests.support_folds import ALICE, BOB, CAROL, step
from tests.support_kafka import TOPICS, Reading, publisher

PEOPLE = (ALICE, BOB, CAROL)

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
async def models(mongo_url: str, database: str) -> AsyncIterator[ReadModels]:
    found = ReadModels(mongo_url, database)
    yield found
    await found.close()


@pytest.fixture
async def reading(models: ReadModels, hub_broker: str) -> AsyncIterator[Reading]:
    found = Reading(models, hub_broker)
    await found.queue.prepare()
    yield found
    await found.reader.close()


@pytest.fixture
def start(
    mongo_url: str, database: str, hub_broker: str, reading: Reading, tmp_path: Path
) -> Iterator[Start]:
    """Starts consumer processes; whatever is left of them is ended."""
    children: list[subprocess.Popen[bytes]] = []

    def start_child(point: str = "-", nth: int = 0) -> subprocess.Popen[bytes]:
        arguments = [mongo_url, database, hub_broker, reading.group, point, str(nth)]
        with (tmp_path / f"child{len(children)}.log").open("wb") as out:
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.fault.parts.consume_child", *arguments],
                stdout=out,
                stderr=out,
            )
        children.append(child)
        return child

    yield start_child
    for child in children:
        child.kill()
        child.wait()


@asynccontextmanager
async def running(*consumers: Consumer) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in consumers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def folded(reading: Reading, *versions: int, who: UUID = ALICE, within: float = 30) -> None:
    async def same() -> bool:
        return await reading.versions(who) == list(versions)

    await eventually(same, within)


async def everyone(reading: Reading, upto: int) -> None:
    for one in PEOPLE:
        await folded(reading, *range(1, upto + 1), who=one)


@pytest.mark.parametrize("point", ["after_fold", "before_position"])
async def test_killed_between_fold_and_position_nothing_is_lost_or_doubled(
    point: str, start: Start, reading: Reading, hub_broker: str
) -> None:
    child = start(point, 2)
    async with publisher(hub_broker) as publish:
        version = 0
        while child.poll() is None:
            version += 1
            await publish.publish(*(step(version, who=one) for one in PEOPLE))
            await asyncio.sleep(0.1)
        assert child.returncode == -signal.SIGKILL
        start()
        await everyone(reading, version)
    assert await reading.queue.page() == []


async def test_a_consumer_that_was_paused_and_replaced_changes_nothing_when_it_wakes(
    start: Start, reading: Reading, hub_broker: str
) -> None:
    """A zombie: stopped in mid-work until others had its partitions, then continued."""
    zombie = start()
    async with publisher(hub_broker) as publish:
        await publish.publish(*(step(1, who=one) for one in PEOPLE))
        await everyone(reading, 1)
        sending = asyncio.create_task(
            publish.publish(*(step(n, who=one) for n in range(2, 300) for one in PEOPLE))
        )
        await asyncio.sleep(0.05)
        os.kill(zombie.pid, signal.SIGSTOP)
        start()
        await sending
        await everyone(reading, 299)
        os.kill(zombie.pid, signal.SIGCONT)
        await publish.publish(*(step(300, who=one) for one in PEOPLE))
        await everyone(reading, 300)
    assert zombie.poll() is None
    assert await reading.queue.page() == []


async def test_a_broker_that_comes_back_empty_is_read_from_its_start(models: ReadModels) -> None:
    port = free_port()
    broker = start_broker(port)
    try:
        with_topics(broker.url)
        reading = Reading(models, broker.url)
        async with running(reading.consumer()):
            async with publisher(broker.url) as publish:
                await publish.publish(*(step(n) for n in range(1, 4)))
                await folded(reading, 1, 2, 3)
            broker.kill()
            broker = start_broker(port)
            with_topics(broker.url)
            async with publisher(broker.url) as publish:
                await publish.publish(*(step(n) for n in range(1, 9)), step(1, who=BOB))
                await folded(reading, *range(1, 9))
                await folded(reading, 1, who=BOB)
        await reading.reader.close()
    finally:
        broker.kill()


async def test_a_topic_deleted_and_made_anew_is_read_from_its_start(
    reading: Reading, hub_broker: str
) -> None:
    async with running(reading.consumer()):
        async with publisher(hub_broker) as publish:
            await publish.publish(*(step(n) for n in range(1, 4)))
            await folded(reading, 1, 2, 3)
        with KafkaAdminClient(bootstrap_servers=hub_broker) as admin:
            delete_topics(admin, TOPICS[:1])
        with_topics(hub_broker)
        async with publisher(hub_broker) as publish:
            await publish.publish(step(1, who=BOB), *(step(n) for n in range(1, 9)))
            await folded(reading, *range(1, 9))
            await folded(reading, 1, who=BOB)


@pytest.fixture
def own_mongod(tmp_path: Path) -> Iterator[Running]:
    engine = start_mongod(tmp_path / "data", free_port())
    yield engine
    engine.signal(signal.SIGCONT)
    engine.kill()


async def test_while_the_database_is_paused_nothing_parks_and_then_all_is_folded(
    own_mongod: Running, hub_broker: str
) -> None:
    models = ReadModels(own_mongod.url, "paused")
    reading = Reading(models, hub_broker)
    consumer = reading.consumer()
    async with publisher(hub_broker) as publish, running(consumer):
        await publish.publish(*(step(1, who=one) for one in PEOPLE))
        await everyone(reading, 1)
        own_mongod.signal(signal.SIGSTOP)
        await publish.publish(*(step(n, who=one) for n in range(2, 50) for one in PEOPLE))
        await asyncio.sleep(5)
        own_mongod.signal(signal.SIGCONT)
        await everyone(reading, 49)
        assert await reading.queue.page() == []
        assert consumer.alive()
    await reading.reader.close()
    await models.close()


async def test_a_broker_that_pauses_is_waited_for(models: ReadModels) -> None:
    broker = start_broker(free_port())
    try:
        with_topics(broker.url)
        reading = Reading(models, broker.url)
        async with publisher(broker.url) as publish, running(reading.consumer()):
            await publish.publish(step(1))
            await folded(reading, 1)
            broker.signal(signal.SIGSTOP)
            await asyncio.sleep(3)
            broker.signal(signal.SIGCONT)
            await publish.publish(step(2))
            await folded(reading, 1, 2)
        await reading.reader.close()
    finally:
        broker.signal(signal.SIGCONT)
        broker.kill()
