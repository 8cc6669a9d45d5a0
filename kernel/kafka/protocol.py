"""The one request that aiokafka lacks: Metadata with topic ids (version 12, Kafka 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

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
