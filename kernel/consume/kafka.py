"""The one factory of all subscribers: FastStream on aiokafka, without the defaults that lose."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from kernel.consume.polling import Polling
from kernel.kafka.access import Options
from kernel.log import Partition, Record

SLEEP_MS = 5
# aiokafka looks at all partitions anew so often, besides whenever something happens.
LOOK_MS = 2_000
MOST_RECORDS = 5_000
GRACE_SECONDS = 10.0

Handle = Callable[[Sequence[Record]], Awaitable[None]]


@dataclass(frozen=True)
class Connection:
    """How to reach the log (`kernel.kafka.access`) and how patient to be.

    A broker that does not answer a waiting fetch when a record arrives (tansu) has `fetch_wait_ms`
    as its latency, and `idle_wait_ms` once nothing has come for a while; each wait that ends costs
    a request.
    """

    bootstrap: str
    session_timeout_ms: int = 6_000
    fetch_wait_ms: int = 100
    idle_wait_ms: int = 500
    security: Options = field(default_factory=dict, repr=False)


class Rebalances(ConsumerRebalanceListener):
    """Passes on what the group decides."""

    def __init__(
        self,
        assigned: Callable[[Collection[Partition]], Awaitable[None]],
        revoked: Callable[[], Awaitable[None]],
    ) -> None:
        self._assigned, self._revoked = assigned, revoked

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Called before anything of the new assignment is read."""
        await self._assigned([Partition(*one) for one in assigned])

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Called before others may read what was ours; all of it is revoked each time."""
        await self._revoked()


class Subscription:
    """A running subscriber. It commits nothing by itself and parses nothing.

    What `handle` gets are the raw records of one poll, whatever stands in them; no response is
    ever published, even where a record asks for one.
    """

    def __init__(
        self,
        connection: Connection,
        group: str,
        topics: Sequence[str],
        handle: Handle,
        rebalances: Rebalances,
    ) -> None:
        self.started_at = 0.0
        self._connection, self._broker = connection, _broker(connection)
        self._subscriber = _subscriber(self._broker, connection, group, topics, rebalances)

        async def fold(records: Sequence[ConsumerRecord[Any, Any]]) -> None:
            await handle([_record(one) for one in records])

        self._subscriber(fold)

    async def start(self) -> None:
        """Connect and join the group; raises KafkaError."""
        self.started_at = time.monotonic()
        await self._broker.connect()
        config: Any = self._broker.config.broker_config
        options = config.builder.keywords | self._connection.security
        config.builder = partial(Polling, self._connection.idle_wait_ms, **options)
        await self._broker.start()

    async def stop(self) -> None:
        """Let the batch at hand finish for a while, then leave the group."""
        await self._broker.stop()

    @property
    def running(self) -> bool:
        """Whether its consuming task lives; a cancelled one dies without a word."""
        tasks = self._subscriber.tasks
        return bool(tasks) and not any(one.done() for one in tasks)

    @property
    def polled_at(self) -> float:
        """When it last went to a poll or came back from one, on the monotonic clock."""
        consumer = self._subscriber.consumer
        return consumer.polled_at if isinstance(consumer, Polling) else 0.0

    @property
    def unfetched_for(self) -> float:
        """For how long some partition was not fetched at the last poll, in seconds."""
        consumer = self._subscriber.consumer
        return consumer.unfetched_for if isinstance(consumer, Polling) else 0.0

    def seek(self, partition: Partition, offset: int) -> None:
        """Read on from there, if the partition is assigned."""
        consumer, where = self._subscriber.consumer, TopicPartition(*partition)
        if consumer and where in consumer.assignment():
            consumer.seek(where, offset)

    def end(self, partition: Partition) -> int | None:
        """One behind the last record, as the last fetch has said; None before the first."""
        consumer, where = self._subscriber.consumer, TopicPartition(*partition)
        if consumer is None or where not in consumer.assignment():
            return None
        found: int | None = consumer.highwater(where)
        return found

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Commit exactly these offsets; raises KafkaError."""
        consumer = self._subscriber.consumer
        if consumer and offsets:
            await consumer.commit({TopicPartition(*one): n for one, n in offsets.items()})


def _broker(connection: Connection) -> KafkaBroker:
    return KafkaBroker(
        connection.bootstrap.split(","),  # FastStream takes a text for one address
        request_timeout_ms=10_000,
        metadata_max_age_ms=5_000,
        consumer_only=True,
        allow_auto_create_topics=False,
        graceful_timeout=GRACE_SECONDS,
        apply_types=False,
        logger=None,
    )


def _subscriber(
    broker: KafkaBroker,
    connection: Connection,
    group: str,
    topics: Sequence[str],
    rebalances: Rebalances,
) -> Any:
    return broker.subscriber(
        *topics,
        batch=True,
        group_id=group,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        parser=_parse,
        decoder=_decode,
        no_reply=True,
        listener=rebalances,
        session_timeout_ms=connection.session_timeout_ms,
        heartbeat_interval_ms=connection.session_timeout_ms // 3,
        fetch_max_wait_ms=connection.fetch_wait_ms,
        batch_timeout_ms=SLEEP_MS,
        consumer_timeout_ms=LOOK_MS,
        max_records=MOST_RECORDS,
    )


async def _parse(records: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaMessage:
    """FastStream's own parser decodes headers, and drops the batch where one is not UTF-8."""
    return KafkaMessage(body=b"", raw_message=records, consumer=_NobodyCommits())


async def _decode(message: KafkaMessage) -> object:
    return message.raw_message


class _NobodyCommits:
    """FastStream is given no consumer to commit with."""

    async def commit(self) -> None:
        raise NotImplementedError

    def seek(self, partition: TopicPartition, offset: int) -> None:
        raise NotImplementedError


def _record(one: ConsumerRecord[Any, Any]) -> Record:
    return Record(
        Partition(one.topic, one.partition),
        one.offset,
        one.key or b"",
        tuple((name, value or b"") for name, value in one.headers),
        one.value or b"",
    )
