"""The engines behind one function each."""

from __future__ import annotations

import asyncio
import sysconfig
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError
from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.errors import UnknownTopicOrPartitionError
from pymongo import MongoClient

from contracts.envelope import PARTITIONS, Topic
from rjhub import engines
from rjhub.child import free_port, start
from rjhub.engines import start_broker, start_mongod
from rjhub.topics import WrongTopic, check_topics, create_topics, make_topics_anew
from tests.engines.kafka import with_topics
from tests.support import eventually

LANE = TopicPartition(Topic.CASE, 3)
INSTALLED = Path(sysconfig.get_path("purelib")).resolve()


@pytest.fixture
async def three_in_a_batch() -> AsyncIterator[str]:
    """The embedded broker, whatever engines are chosen, with three records."""
    engine = start_broker(free_port())
    try:
        producer = AIOKafkaProducer(bootstrap_servers=with_topics(engine.url))
        async with producer:
            batch = producer.create_batch()
            for _ in range(3):
                batch.append(key=None, value=b"", timestamp=None)
            await (await producer.send_batch(batch, LANE.topic, partition=LANE.partition))
        yield engine.url
    finally:
        engine.kill()


def test_a_kept_data_folder_has_its_data_also_on_another_port(tmp_path: Path) -> None:
    first = start_mongod(tmp_path / "data", free_port())
    with MongoClient[dict[str, int]](first.url) as client:
        client.a.b.insert_one({"_id": 1})
    first.stop()
    again = start_mongod(tmp_path / "data", free_port())
    try:
        with MongoClient[dict[str, int]](again.url) as client:
            assert client.a.b.find_one() == {"_id": 1}
    finally:
        again.stop()


def test_a_database_killed_at_work_comes_back_with_what_it_acknowledged(tmp_path: Path) -> None:
    port = free_port()
    first = start_mongod(tmp_path / "data", port)
    with MongoClient[dict[str, int]](first.url, w="majority", journal=True) as client:
        client.a.b.insert_one({"_id": 1})
    first.kill()
    again = start_mongod(tmp_path / "data", port)
    try:
        with MongoClient[dict[str, int]](again.url) as client:
            assert client.a.b.find_one() == {"_id": 1}
    finally:
        again.stop()


def test_engines_run_where_they_lie_and_leave_the_home_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the broker came with would copy it into the home folder first."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    with ExitStack() as ends:
        for spec in (engines.mongod(tmp_path / "data", free_port()), engines.broker(free_port())):
            engine = start(spec)
            ends.callback(engine.stop)
            runs = Path(f"/proc/{engine.process.pid}/exe").readlink()
            assert runs.is_relative_to(INSTALLED), engine.name
    assert list(home.iterdir()) == []


async def test_the_log_of_a_broker_is_plain_text(tmp_path: Path) -> None:
    """It complains of an idempotent producer, which it does not know."""
    log = tmp_path / "broker.log"
    engine = start_broker(free_port(), log)
    producer = AIOKafkaProducer(bootstrap_servers=engine.url, enable_idempotence=True)
    try:
        with suppress(KafkaError):
            await producer.start()
        await eventually(lambda: "ERROR" in log.read_text())
    finally:
        await producer.stop()
        engine.kill()
    assert "\x1b" not in log.read_text()


def test_a_database_leaves_no_socket_for_every_user_of_the_machine(tmp_path: Path) -> None:
    port = free_port()
    engine = start_mongod(tmp_path / "data", port)
    try:
        assert not Path(f"/tmp/mongodb-{port}.sock").exists()
    finally:
        engine.stop()


def test_topics_are_made_once_and_a_repeat_changes_nothing(broker: str) -> None:
    create_topics(broker)
    first = _topics(broker)
    create_topics(broker)
    assert _topics(broker) == first
    assert {name: count for name, (_, count) in first.items()} == dict.fromkeys(
        Topic.ALL, PARTITIONS
    )


def test_topics_keep_what_was_ever_written(broker: str) -> None:
    """By default a broker forgets what is a week old, and who was away then misses it."""
    create_topics(broker)
    every = [ConfigResource("TOPIC", topic) for topic in Topic.ALL]
    with KafkaAdminClient(bootstrap_servers=broker) as admin:
        found = admin.describe_configs(every, config_filter="all")["topic"]
    kept = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
    for topic in Topic.ALL:
        assert {name: found[topic][name]["value"] for name in kept} == kept


def test_a_topic_with_other_partitions_is_named(broker: str) -> None:
    with KafkaAdminClient(bootstrap_servers=broker) as admin:
        admin.create_topics({Topic.CASE: {"num_partitions": 3, "replication_factor": 1}})
    with pytest.raises(WrongTopic, match=r"rj\.case has 3 partitions instead of 16"):
        create_topics(broker)


def test_topics_that_a_broker_does_not_know_yet_are_no_wrong_ones(broker: str) -> None:
    with (
        KafkaAdminClient(bootstrap_servers=broker) as admin,
        pytest.raises(UnknownTopicOrPartitionError, match=Topic.CASE),
    ):
        check_topics(admin)


def test_topics_that_somebody_had_made_first_are_made_anew(broker: str) -> None:
    with KafkaAdminClient(bootstrap_servers=broker) as admin:
        admin.create_topics({Topic.CASE: {"num_partitions": 4, "replication_factor": 1}})
    make_topics_anew(broker)
    assert {topic: count for topic, (_, count) in _topics(broker).items()} == dict.fromkeys(
        Topic.ALL, PARTITIONS
    )


def test_every_start_of_the_broker_is_another_log() -> None:
    port = free_port()
    seen = set()
    for _ in range(2):
        engine = start_broker(port)
        try:
            with KafkaAdminClient(bootstrap_servers=engine.url) as admin:
                seen.add(admin.describe_cluster()["cluster_id"])
        finally:
            engine.stop()
    assert len(seen) == 2


async def test_end_offsets_of_the_embedded_broker_count_a_batch_as_one_record(
    three_in_a_batch: str,
) -> None:
    async with AIOKafkaConsumer(
        LANE.topic, bootstrap_servers=three_in_a_batch, auto_offset_reset="earliest"
    ) as consumer:
        await asyncio.wait_for(consumer.getone(), 20)
        assert consumer.highwater(LANE) == 3
        assert await consumer.end_offsets([LANE]) == {LANE: 1}


async def test_a_list_of_a_groups_offsets_costs_a_client_its_connection(
    three_in_a_batch: str,
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=three_in_a_batch)
    await admin.start()
    try:
        with pytest.raises(KafkaConnectionError):
            await admin.list_consumer_group_offsets("group")
    finally:
        await admin.close()


def _topics(broker: str) -> dict[str, tuple[str, int]]:
    with KafkaAdminClient(bootstrap_servers=broker) as admin:
        topics = admin.describe_topics(list(Topic.ALL))
    return {one["name"]: (str(one["topic_id"]), len(one["partitions"])) for one in topics}
