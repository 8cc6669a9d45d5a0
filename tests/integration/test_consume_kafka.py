"""Consumers on a real broker and a real database."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from kafka.admin import KafkaAdminClient

from contracts.envelope import Recorded
from kernel.consume import consumer as consuming
from kernel.consume import polling
from kernel.consume.consumer import Consumer
from kernel.consume.kafka import Connection
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.project.motor import ReadModels
from kernel.project.port import Why
from rjhub.child import LOCALHOST, free_port
from rjhub.topics import create_topics
from tests.adapters.group_suite import Group, GroupSuite, Listener
from tests.engines import chosen
from tests.support import eventually
from tests.support_folds import (
    ALICE,
    BOB,
    CAROL,
    neighbour_of,
    partition_of,
    step,
    undecodable,
    unreadable,
)
from tests.support_kafka import TOPICS, Publisher, Reading, members, publisher

HERE = partition_of(step(1).envelope)
PEOPLE = (ALICE, BOB, CAROL)


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
async def publish(hub_broker: str) -> AsyncIterator[Publisher]:
    async with publisher(hub_broker) as found:
        yield found


@asynccontextmanager
async def running(*consumers: Consumer) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in consumers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _cancels_itself() -> None:
    raise asyncio.CancelledError


def _both(first: Callable[[], Awaitable[object]], then: Callable[[], Awaitable[object]]) -> Any:
    async def both() -> None:
        await first()
        await then()

    return both


async def folded(reading: Reading, *versions: int, who: UUID = ALICE, within: float = 20) -> None:
    async def same() -> bool:
        return await reading.versions(who) == list(versions)

    await eventually(same, within)


class KafkaGroup(Group):
    def __init__(self, bootstrap: str, publisher: Publisher) -> None:
        super().__init__()
        self.connection = Connection(bootstrap, session_timeout_ms=2000, fetch_wait_ms=20)
        self.reader = KafkaReader(Address(bootstrap, TOPICS))
        self.publisher = publisher
        self.tasks: dict[Listener, asyncio.Task[None]] = {}

    async def publish(self, *what: Recorded) -> None:
        await self.publisher.publish(*what)

    async def join(self) -> Listener:
        listener = self.listener()
        consumer = Consumer(self.connection, listener, self.reader, look_seconds=0.2)
        self.tasks[listener] = asyncio.create_task(consumer.run())
        return listener

    async def leave(self, listener: Listener) -> None:
        task = self.tasks.pop(listener)
        task.cancel()
        await asyncio.wait([task])

    async def until(self, check: Callable[[], bool]) -> None:
        await eventually(check, 20)

    async def close(self) -> None:
        await asyncio.gather(*(self.leave(one) for one in list(self.tasks)))
        await self.reader.close()


class TestKafkaGroup(GroupSuite):
    @pytest.fixture
    async def group(self, hub_broker: str, publish: Publisher) -> AsyncIterator[KafkaGroup]:
        found = KafkaGroup(hub_broker, publish)
        yield found
        await found.close()


async def test_events_become_documents_and_the_position_stands_beside_them(
    reading: Reading, publish: Publisher
) -> None:
    await publish.publish(step(1), step(2), step(1, who=BOB))
    consumer = reading.consumer()
    async with running(consumer):
        await folded(reading, 1, 2)
        await folded(reading, 1, who=BOB)
        await publish.publish(step(3))
        await folded(reading, 1, 2, 3)
        assert consumer.alive()
        assert len(consumer.health().assigned) == 16

        async def stored() -> bool:
            stands = await reading.positions.load([HERE])
            return any(one.place.offset == 2 for one in stands.get(HERE, ()))

        await eventually(stored)


@pytest.mark.skipif(chosen.EMBEDDED, reason="the embedded broker answers no waiting fetch")
async def test_what_comes_after_a_quiet_while_is_told_at_once(
    reading: Reading, publish: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So an idle service may wait long at the broker, which costs both next to nothing."""
    monkeypatch.setattr(polling, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(polling, "POLL_MS", 100)
    reading.connection = replace(reading.connection, idle_wait_ms=9_000)
    consumer = reading.consumer()
    async with running(consumer):
        await publish.publish(step(1))
        await folded(reading, 1)
        await eventually(lambda: waits_at_the_broker(consumer), 20)
        await publish.publish(step(2))
        await folded(reading, 1, 2, within=1)


def waits_at_the_broker(consumer: Consumer) -> bool:
    """Longer than a service that is not idle ever does."""
    subscription = consumer._subscription
    return subscription is not None and subscription.unfetched_for > 1


async def test_of_several_brokers_any_that_answers_is_enough(
    models: ReadModels, hub_broker: str, publish: Publisher
) -> None:
    reading = Reading(models, f"{LOCALHOST}:{free_port()},{hub_broker}")
    await publish.publish(step(1))
    async with running(reading.consumer()):
        await folded(reading, 1)
    await reading.reader.close()


async def test_bodies_are_not_parsed_by_faststream(reading: Reading, publish: Publisher) -> None:
    """Nor headers: whatever stands in a record reaches our own decoding, and none is skipped."""
    headers = [("ce_id", b"\xff\xfe"), ("reply_to", b"rj.offer"), ("content-type", b"\xff")]
    await publish.publish(step(1))
    await publish.send(HERE, b'{"json": true}')
    await publish.send(HERE, b"\xff\x00 no json", headers=headers)
    await publish.send(HERE, None, key=b"")
    await publish.publish(unreadable(HERE), step(2))
    async with running(reading.consumer()):
        await folded(reading, 1, 2)
        entries = await reading.queue.page(reading.group)
        assert sorted(one.record.offset for one in entries if one.record) == [1, 2, 3, 4]
        assert {one.why for one in entries} == {Why.UNREADABLE}


async def test_a_record_that_asks_for_a_reply_gets_none(
    reading: Reading, publish: Publisher
) -> None:
    await publish.send(HERE, b"x", headers=[("reply_to", b"rj.offer"), ("ce_id", b"x")])
    await publish.publish(step(1))
    async with running(reading.consumer()):
        await folded(reading, 1)
    for number in range(16):
        assert await reading.reader.read(HERE._replace(topic="rj.offer", number=number), 0, 9) == []


async def test_poison_parks_and_the_partition_flows_on(
    reading: Reading, publish: Publisher
) -> None:
    neighbour = neighbour_of(ALICE)
    await publish.publish(step(1), undecodable(step(2)), step(3), step(1, who=neighbour))
    async with running(reading.consumer()):
        await folded(reading, 1, who=neighbour)
        assert await reading.versions() == [1]
        document = await reading.documents.get(reading.projections[0].view, ALICE)
        assert document
        assert document.parked
        assert document.parked.count == 2


async def test_a_record_that_the_client_cannot_unpack_parks_and_the_others_flow_on(
    reading: Reading, publish: Publisher, hub_broker: str
) -> None:
    await publish.publish(step(1), step(1, who=BOB))
    program = [sys.executable, "-m", "tests.integration.unpackable", hub_broker, *map(str, HERE)]
    sending = await asyncio.create_subprocess_exec(
        *program, env={**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"}
    )
    assert await sending.wait() == 0
    await publish.publish(step(2), step(2, who=BOB), step(1, who=CAROL))
    async with running(reading.consumer()):
        await folded(reading, 1, 2)
        await folded(reading, 1, 2, who=BOB)
        await folded(reading, 1, who=CAROL)
        (entry,) = await reading.queue.page(reading.group)
        assert entry.record
        assert (entry.record.partition, entry.record.offset) == (HERE, 1)


async def test_a_restart_begins_at_the_stored_position_whatever_the_group_committed(
    reading: Reading, publish: Publisher
) -> None:
    """The position is set back as a restored backup would: what it lacks is read again."""
    await publish.publish(step(1), step(2), step(3))
    async with running(reading.consumer()):
        await folded(reading, 1, 2, 3)
    await reading.documents._database[reading.projections[0].view].delete_many({})
    await reading.positions.forget([HERE])
    async with running(reading.consumer()):
        await folded(reading, 1, 2, 3)


async def test_a_cancelled_consumer_task_is_noticed_and_replaced(
    reading: Reading, publish: Publisher
) -> None:
    consumer = reading.consumer()
    async with running(consumer):
        await eventually(consumer.alive, 20)
        assert consumer._subscription
        (task,) = consumer._subscription._subscriber.tasks
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not consumer.alive()
        await publish.publish(step(1))
        await folded(reading, 1)
        await eventually(consumer.alive, 20)


async def test_who_stops_amid_a_join_leaves_the_group_at_once(
    reading: Reading, hub_broker: str
) -> None:
    """The other member says nothing more, so that the join would last until its session is over."""
    consumer = reading.consumer()
    group = consumer.runner.feed.group
    silent = AIOKafkaConsumer(
        "rj.case",
        bootstrap_servers=hub_broker,
        group_id=group,
        session_timeout_ms=10_000,
        heartbeat_interval_ms=600_000,
    )
    await silent.start()
    (alone,) = await members(hub_broker, group)
    joining = asyncio.create_task(consumer.run())
    await eventually(lambda: two_share(hub_broker, group))
    joining.cancel()
    await eventually(joining.done, 5)
    assert await members(hub_broker, group) == [alone]
    await silent.stop()


async def test_the_only_member_of_a_first_generation_leaves_it_too(
    reading: Reading, hub_broker: str
) -> None:
    consumer = reading.consumer()
    async with running(consumer):
        await eventually(lambda: len(consumer.health().assigned) == 16, 20)
        assert len(await members(hub_broker, consumer.runner.feed.group)) == 1
    assert await members(hub_broker, consumer.runner.feed.group) == []


async def two_share(bootstrap: str, group: str) -> bool:
    return len(await members(bootstrap, group)) == 2


@pytest.mark.parametrize(
    ("part", "task"),
    [
        ("_fetcher", "_fetch_task"),
        ("_coordinator", "_coordination_task"),
        ("_client", "_sync_task"),
    ],
)
async def test_a_client_that_fell_silent_is_noticed_and_replaced(
    reading: Reading, publish: Publisher, part: str, task: str
) -> None:
    """What aiokafka does where a request times out on a connection that it has replaced."""
    consumer = reading.consumer()
    async with running(consumer):
        await publish.publish(step(1))
        await folded(reading, 1)
        assert consumer._subscription
        client = consumer._subscription._subscriber.consumer
        behind = getattr(client, part)
        getattr(behind, task).cancel()
        setattr(behind, task, _ended(KafkaError()))
        await publish.publish(step(2))
        await folded(reading, 1, 2)
        connections = client._client._conns.values()
        await eventually(lambda: not any(one.connected() for one in connections))


async def test_a_client_that_polls_and_does_not_fetch_is_noticed_and_replaced(
    reading: Reading, publish: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does one of aiokafka that takes a dead broker for a partition's leader."""
    monkeypatch.setattr(consuming, "STUCK_SECONDS", 2.0)
    consumer = reading.consumer()
    async with running(consumer):
        await publish.publish(step(1))
        await folded(reading, 1)
        assert consumer._subscription
        fetcher = consumer._subscription._subscriber.consumer._fetcher
        fetcher._fetch_task.cancel()
        fetcher._fetch_task = asyncio.get_running_loop().create_future()
        await eventually(lambda: not consumer.alive(), 20)
        await publish.publish(step(2))
        await folded(reading, 1, 2)
        await eventually(consumer.alive, 20)


@pytest.mark.parametrize("ends", [asyncio.Event().wait, _cancels_itself], ids=["never", "badly"])
async def test_a_client_whose_stop_ends_badly_or_never_is_replaced(
    reading: Reading,
    publish: Publisher,
    monkeypatch: pytest.MonkeyPatch,
    ends: Callable[[], Awaitable[object]],
) -> None:
    """That of aiokafka may hang, or raise a CancelledError that nobody asked for."""
    monkeypatch.setattr(consuming, "STOP_SECONDS", 0.5)
    consumer = reading.consumer()
    async with running(consumer):
        await publish.publish(step(1))
        await folded(reading, 1)
        assert consumer._subscription
        subscriber = consumer._subscription._subscriber
        monkeypatch.setattr(subscriber.consumer, "stop", _both(subscriber.consumer.stop, ends))
        subscriber.tasks[0].cancel()
        await publish.publish(step(2))
        await folded(reading, 1, 2)
        assert consumer.alive()


def _ended(why: Exception) -> asyncio.Future[None]:
    """As good as a task that has ended so."""
    found = asyncio.get_running_loop().create_future()
    found.set_exception(why)
    assert found.exception()
    return found


async def test_a_second_consumer_takes_its_share_and_a_clean_leave_gives_it_back(
    reading: Reading, publish: Publisher
) -> None:
    first, second = reading.consumer(), reading.consumer()
    async with running(first):
        await eventually(lambda: len(first.health().assigned) == 16, 20)
        async with running(second):
            await eventually(
                lambda: len(first.health().assigned) == len(second.health().assigned) == 8, 20
            )
            await publish.publish(*(step(1, who=one) for one in PEOPLE))
            for one in PEOPLE:
                await folded(reading, 1, who=one)
        await eventually(lambda: len(first.health().assigned) == 16, 20)


async def test_a_rebalance_in_mid_batch_loses_nothing(reading: Reading, publish: Publisher) -> None:
    first, second = reading.consumer(), reading.consumer()
    async with running(first):
        await eventually(first.alive, 20)
        publishing = asyncio.create_task(
            publish.publish(*(step(n, who=one) for n in range(1, 200) for one in PEOPLE))
        )
        async with running(second):
            await publishing
            for one in PEOPLE:
                await folded(reading, *range(1, 200), who=one)
    assert await reading.queue.page() == []


async def test_a_batch_that_outlasts_the_patience_of_its_client_harms_nothing(
    reading: Reading, publish: Publisher, models: ReadModels, hub_broker: str
) -> None:
    """It leaves the group then, and another folds the same records."""
    slow, other = reading.consumer(), Reading(models, hub_broker, group=reading.group)
    async with running(slow):
        await publish.publish(step(1))
        await folded(reading, 1)
        reading.gate.clear()
        await publish.publish(step(2))
        await eventually(lambda: slow.health().folding_for > 0)
        assert slow._subscription
        slow._subscription._subscriber.consumer._coordinator._max_poll_interval = 0.1
        async with running(other.consumer()):
            await folded(other, 1, 2)
            reading.gate.set()
            await publish.publish(step(3))
            await folded(other, 1, 2, 3)
            await eventually(lambda: slow.health().folding_for == 0)
    assert await other.versions() == [1, 2, 3]
    assert await other.queue.page() == []
    await other.reader.close()


async def test_lag_is_told_by_position(reading: Reading, publish: Publisher) -> None:
    await publish.publish(step(1), step(2))
    consumer = reading.consumer()
    async with running(consumer):
        await folded(reading, 1, 2)

        async def level() -> bool:
            lags = await consumer.lag()
            return len(lags) == 16 and not any(one.events for one in lags)

        await eventually(level)
        reading.gate.clear()
        await publish.publish(step(3))
        await eventually(lambda: consumer.health().folding_for > 0)
        await publish.publish(step(4), step(5))

        async def behind() -> bool:
            """What came after the last fetch is not known yet, and one comes while this folds."""
            lags = await consumer.lag()
            return [one.events for one in lags if one.events] in ([2], [3])

        await eventually(behind)
        reading.gate.set()
        await eventually(level)


async def test_a_consumer_makes_no_topic_by_asking_for_it(
    models: ReadModels, broker: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The broker would make it with other partitions, and events would lie elsewhere."""
    reading = Reading(models, broker)
    async with running(reading.consumer()):
        await eventually(lambda: "not found in cluster metadata" in caplog.text)
        with KafkaAdminClient(bootstrap_servers=broker) as admin:
            assert not set(TOPICS) & set(admin.list_topics())
        create_topics(broker)
        async with publisher(broker) as publish:
            await publish.publish(step(1))
            await folded(reading, 1)
    await reading.reader.close()
