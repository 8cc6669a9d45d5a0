"""The CloudEvents 1.0 envelope of every event on the log, in Kafka's binary mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple
from uuid import UUID
from zlib import crc32

from contracts.fields import ActorId, OrganisationId, Part, Role

PARTITIONS = 16
CONTENT_TYPE = b"application/json"


@lru_cache(maxsize=4096)
def lane_of(subject: UUID) -> int:
    """Lane and partition of an ordering key, 0 to 15; every service and client agrees on it."""
    return crc32(str(subject).encode()) % PARTITIONS


class Topic:
    """The four topics, one ordering key each; what is private stays in its store, unrelayed."""

    CASE = "rj.case"
    WORKFORCE = "rj.workforce"
    OFFER = "rj.offer"
    FEEDBACK = "rj.feedback"
    ALL = (CASE, WORKFORCE, OFFER, FEEDBACK)
    PRIVATE = "private"


class Event(Part):
    """A published fact. Its docstring says when it happens; its fields carry no identity."""

    version: ClassVar[int] = 1
    topic: ClassVar[str] = Topic.CASE

    @classmethod
    def wire_type(cls) -> str:
        """Type and schema version as on the log, such as `rj.MeetingHeld.v1`."""
        return f"rj.{cls.__name__}.v{cls.version}"


@lru_cache(maxsize=4096)
def subject_of(stream: str) -> UUID:
    """The ordering key of a stream `<category>-<uuid>`; raises ValueError."""
    return UUID(stream.partition("-")[2])


class Position(NamedTuple):
    """A place in a stream, written `<stream>@<version>`."""

    stream: str
    version: int

    def __str__(self) -> str:
        return f"{self.stream}@{self.version}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Raise ValueError unless the text is `<category>-<uuid>@<version from 1>`."""
        stream, at, version = text.rpartition("@")
        category, dash, subject = stream.partition("-")
        if not (at and dash and category.isalpha() and version.isdecimal() and int(version)):
            raise ValueError(f"{text!r} is not <stream>@<version>")
        return cls(f"{category}-{UUID(subject)}", int(version))


class MalformedEnvelope(ValueError):
    """A record whose headers are not those of our envelope; names the header, never its value."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of an event besides its own data."""

    id: UUID
    type: str
    source: str
    subject: UUID
    recorded_at: datetime
    happened_at: datetime
    stream: str
    version: int
    commit: str
    place: int
    size: int
    command: UUID
    causation: UUID | None
    correlation: UUID
    causes: tuple[Position, ...]
    role: Role
    org: OrganisationId
    actor: ActorId
    controller: OrganisationId
    traceparent: str | None = None

    def headers(self) -> list[tuple[str, bytes]]:
        """The headers of the Kafka record; absent values have no header."""
        values = ((name, write(getattr(self, field))) for name, field, write, _ in _HEADERS)
        return [
            ("ce_specversion", b"1.0"),
            *((name, value.encode()) for name, value in values if value),
            ("content-type", CONTENT_TYPE),
        ]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> Envelope:
        """Read an envelope; unknown headers are ignored. Raises MalformedEnvelope."""
        found, values, name = dict(headers), {}, ""
        try:
            for name, field, _, read in _HEADERS:
                values[field] = read((found.get(name) or b"").decode())
        except ValueError as wrong:
            raise MalformedEnvelope(f"header {name} is missing or not of its form") from wrong
        return cls(**values)


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment.astimezone(UTC)


def _write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text(text: str) -> str:
    if not text:
        raise ValueError("empty")
    return text


def _natural(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("counts from 1")
    return number


# Ids that many events share; half the time of reading an envelope is spent on them.
_shared_id = lru_cache(maxsize=8192)(UUID)


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text else None


def _maybe(value: object) -> str:
    return "" if value is None else str(value)


def _positions(text: str) -> tuple[Position, ...]:
    return tuple(Position.parse(one) for one in text.split(",") if one)


def _write_positions(causes: tuple[Position, ...]) -> str:
    return ",".join(map(str, causes))


_HEADERS: tuple[tuple[str, str, Callable[[Any], str], Callable[[str], Any]], ...] = (
    ("ce_id", "id", str, UUID),
    ("ce_type", "type", str, _text),
    ("ce_source", "source", str, _text),
    ("ce_subject", "subject", str, _shared_id),
    ("ce_time", "recorded_at", _write_time, _time),
    ("ce_happened", "happened_at", _write_time, _time),
    ("ce_stream", "stream", str, _text),
    ("ce_version", "version", str, _natural),
    ("ce_commit", "commit", str, _text),
    ("ce_place", "place", str, _natural),
    ("ce_size", "size", str, _natural),
    ("ce_command", "command", str, UUID),
    ("ce_causation", "causation", _maybe, _optional(UUID)),
    ("ce_correlation", "correlation", str, _shared_id),
    ("ce_causes", "causes", _write_positions, _positions),
    ("ce_role", "role", str, Role),
    ("ce_org", "org", str, _shared_id),
    ("ce_actor", "actor", str, _shared_id),
    ("ce_controller", "controller", str, _shared_id),
    ("ce_traceparent", "traceparent", _maybe, _optional(str)),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event read back from a store or the log, with its envelope."""

    envelope: Envelope
    event: Event
