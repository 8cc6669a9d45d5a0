"""What aiokafka lacks: metadata with topic ids (Kafka 3.1), producing by topic id (Kafka 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.produce import ProduceRequest_v7
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

ALL_IN_SYNC = -1
TEXT = CompactString("utf-8")
NUMBERS = CompactArray(Int32)
NO_ID = UUID(int=0)


class Id(AbstractType[UUID]):
    """A uuid as 16 bytes."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        """As it is sent."""
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        """As it is read."""
        return UUID(bytes=data.read(16))


class MetadataAnswer(Response):
    """Brokers, cluster id, and of each topic its id and the leaders of its partitions."""

    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node", Int32),
                ("host", TEXT),
                ("port", Int32),
                ("rack", TEXT),
                ("_", TaggedFields),
            ),
        ),
        ("cluster", TEXT),
        ("controller", Int32),
        (
            "topics",
            CompactArray(
                ("error", Int16),
                ("name", TEXT),
                ("id", Id),
                ("internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error", Int16),
                        ("number", Int32),
                        ("leader", Int32),
                        ("epoch", Int32),
                        ("replicas", NUMBERS),
                        ("in_sync", NUMBERS),
                        ("offline", NUMBERS),
                        ("_", TaggedFields),
                    ),
                ),
                ("operations", Int32),
                ("_", TaggedFields),
            ),
        ),
        ("_", TaggedFields),
    )


class MetadataQuestionV12(RequestStruct):
    """The wire form."""

    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = MetadataAnswer
    SCHEMA = Schema(
        ("topics", CompactArray(("id", Id), ("name", TEXT), ("_", TaggedFields))),
        ("make_missing_topics", Boolean),
        ("tell_operations", Boolean),
        ("_", TaggedFields),
    )


class MetadataQuestion(Request[MetadataQuestionV12]):
    """Ask about these topics; a missing one is not made."""

    API_KEY = 3

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[Any]) -> MetadataQuestionV12:
        """The wire form."""
        no_tags: dict[int, bytes] = {}
        topics = [(NO_ID, topic, no_tags) for topic in self._topics]
        built: MetadataQuestionV12 = request_struct_class(topics, False, False, no_tags)
        return built


class ProduceAnswer(Response):
    """What became of the batch."""

    API_KEY = 0
    API_VERSION = 13
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(
                ("id", Id),
                (
                    "partitions",
                    CompactArray(
                        ("number", Int32),
                        ("error", Int16),
                        ("offset", Int64),
                        ("timestamp", Int64),
                        ("log_start", Int64),
                        (
                            "errors",
                            CompactArray(("index", Int32), ("words", TEXT), ("_", TaggedFields)),
                        ),
                        ("words", TEXT),
                        ("_", TaggedFields),
                    ),
                ),
                ("_", TaggedFields),
            ),
        ),
        ("throttle_time_ms", Int32),
        ("_", TaggedFields),
    )


class ProduceByIdV13(RequestStruct):
    """The wire form that names a topic by its id."""

    FLEXIBLE_VERSION = True
    API_KEY = 0
    API_VERSION = 13
    RESPONSE_TYPE = ProduceAnswer
    SCHEMA = Schema(
        ("transaction", TEXT),
        ("acks", Int16),
        ("timeout", Int32),
        (
            "topics",
            CompactArray(
                ("id", Id),
                (
                    "partitions",
                    CompactArray(("number", Int32), ("batch", CompactBytes), ("_", TaggedFields)),
                ),
                ("_", TaggedFields),
            ),
        ),
        ("_", TaggedFields),
    )


class ProduceQuestion(Request[ProduceRequest_v7 | ProduceByIdV13]):
    """Append one batch, durable on all replicas in sync before the answer.

    To a broker that can, the topic is named by its id: one that was deleted and made anew
    takes nothing that was meant for the old one.
    """

    API_KEY = 0

    def __init__(
        self, topic: str, topic_id: UUID, number: int, batch: bytes, patience_ms: int
    ) -> None:
        self._topic = topic
        self._topic_id = topic_id
        self._number = number
        self._batch = batch
        self._patience_ms = patience_ms

    def build(self, request_struct_class: type[Any]) -> ProduceRequest_v7 | ProduceByIdV13:
        """The wire form of the version that the broker knows."""
        if request_struct_class is ProduceRequest_v7:
            topics = [(self._topic, [(self._number, self._batch)])]
            return ProduceRequest_v7(None, ALL_IN_SYNC, self._patience_ms, topics)
        no_tags: dict[int, bytes] = {}
        by_id = [(self._topic_id, [(self._number, self._batch, no_tags)], no_tags)]
        return ProduceByIdV13(None, ALL_IN_SYNC, self._patience_ms, by_id, no_tags)
