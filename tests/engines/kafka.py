"""What an Apache Kafka broker of the tests is told, in whatever way it is started."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from contracts.envelope import PARTITIONS, Topic
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.log import LogUnavailable
from rjhub.child import LOCALHOST, free_port
from rjhub.topics import create_topics, delete_topics

# A lost broker is noticed soon, and one that was killed is soon taken for the one that returns.
SETTINGS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "HUB:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "HUB",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "group.max.session.timeout.ms": "30000",
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "300",
    "offsets.topic.num.partitions": "4",
    "log.index.size.max.bytes": "65536",
    "log.segment.delete.delay.ms": "1000",
}
JVM = ("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
PATIENCE = 120.0
# The ports of the brokers of a cluster, by node: for all that come to it, and for its controllers.
Among = Mapping[int, tuple[int, int]]


def settings_of(node: int, among: Among, log: str) -> dict[str, str]:
    """What one broker of a cluster is told, which keeps its log in this folder."""
    port, controller = among[node]
    voters = (f"{one}@{LOCALHOST}:{other}" for one, (_, other) in among.items())
    return {
        **SETTINGS,
        **_copies(len(among)),
        "node.id": str(node),
        "controller.quorum.voters": ",".join(voters),
        "listeners": f"HUB://{LOCALHOST}:{port},CONTROLLER://{LOCALHOST}:{controller}",
        "log.dirs": log,
    }


def among(*ports: int) -> Among:
    """A cluster of brokers on these ports."""
    return {node: (port, free_port()) for node, port in enumerate(ports, 1)}


def _copies(count: int) -> dict[str, str]:
    """What a cluster keeps of its own, on so many brokers."""
    least = str(max(1, count - 1))
    topics = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
    factors = {f"{one}.replication.factor": str(count) for one in topics}
    return {
        **factors,
        "transaction.state.log.min.isr": least,
        "share.coordinator.state.topic.min.isr": least,
        "min.insync.replicas": least,
    }


def cluster_id(seed: str) -> str:
    """A cluster id, another for every seed; without hyphens, which begin options."""
    return base64.b64encode(sha256(seed.encode()).digest()[:16], b"ab").decode().rstrip("=")


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as the image takes them."""
    return {f"KAFKA_{name.replace('.', '_')}".upper(): one for name, one in settings.items()}


def in_service(port: int) -> bool:
    """Whether a relay could begin: brokers answer, and one of them gives a producer id."""
    with ThreadPoolExecutor(1) as thread:  # the caller's has an event loop already
        return thread.submit(asyncio.run, _gives_a_producer(f"{LOCALHOST}:{port}")).result()


async def _gives_a_producer(bootstrap: str) -> bool:
    writer = KafkaWriter(Address(bootstrap, (), timeout=2))
    try:
        await writer.replace()
    except LogUnavailable:
        return False
    finally:
        await writer.close()
    return True


def with_topics(bootstrap: str, replication: int = 1) -> str:
    """The address of this broker, once each partition of the hub's topics is led.

    A new partition is shown with its leader a moment before that one takes records.
    """
    create_topics(bootstrap, replication)
    every = [TopicPartition(topic, number) for topic in Topic.ALL for number in range(PARTITIONS)]
    with KafkaConsumer(bootstrap_servers=bootstrap, allow_auto_create_topics=False) as consumer:
        consumer.end_offsets(every)
    return bootstrap


def emptied(bootstrap: str) -> str:
    """The address of this broker, once it has no topics but its own."""
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        if left := [one for one in admin.list_topics() if not one.startswith("__")]:
            delete_topics(admin, left)
    return bootstrap
