"""What an event store keeps, and what may go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.envelope import Envelope, Position, lane_of
from contracts.fields import ActorId, OrganisationId, Role

# Of a commit that was taken back from the log, which does not carry it.
UNKNOWN_REQUEST = ""


def commit_id(stream: str, version: int) -> str:
    """`<stream>@<first version, zero-padded>`."""
    return f"{stream}@{version:010}"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of a commit; `data` is the very JSON text that goes on the log."""

    id: UUID
    type: str
    happened_at: datetime
    data: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One append: the events of one command, in one document, together or not at all."""

    stream: str
    version: int
    subject: UUID
    topic: str
    source: str
    recorded_at: datetime
    command_id: UUID
    request_hash: str
    causation: UUID | None
    correlation: UUID
    causes: tuple[Position, ...]
    role: Role
    org: OrganisationId
    actor: ActorId
    controller: OrganisationId
    traceparent: str | None
    events: tuple[StoredEvent, ...]

    @property
    def id(self) -> str:
        """The concurrency check."""
        return commit_id(self.stream, self.version)

    @property
    def lane(self) -> int:
        """The lane this commit is relayed on, which is also its partition."""
        return lane_of(self.subject)

    @property
    def last(self) -> Position:
        """The stream's version after this commit."""
        return Position(self.stream, self.version + len(self.events) - 1)

    def envelopes(self) -> Iterator[tuple[Envelope, str]]:
        """Each event's envelope and JSON text, in order."""
        for place, event in enumerate(self.events):
            yield self._envelope(place, event), event.data

    def _envelope(self, place: int, event: StoredEvent) -> Envelope:
        return Envelope(
            id=event.id,
            type=event.type,
            source=self.source,
            subject=self.subject,
            recorded_at=self.recorded_at,
            happened_at=event.happened_at,
            stream=self.stream,
            version=self.version + place,
            commit=self.id,
            place=place + 1,
            size=len(self.events),
            command=self.command_id,
            causation=self.causation,
            correlation=self.correlation,
            causes=self.causes,
            role=self.role,
            org=self.org,
            actor=self.actor,
            controller=self.controller,
            traceparent=self.traceparent,
        )


class StoreUnavailable(Exception):
    """The store gave no answer in time: nothing is known to be lost, the caller may try again."""


class OutcomeUnknown(Exception):
    """A write whose fate is unknown; repeat the same document to find out."""


class CommitTooLarge(Exception):
    """A commit above the size that the log and the database take; refused before it is queued."""


class Conflict(Exception):
    """Another commit took this place in the stream; load again and decide again."""


@dataclass
class StoreDiffers(Exception):
    """The store holds something else where the log holds this commit."""

    commit: str

    def __str__(self) -> str:
        return f"the store holds something else than its log at {self.commit}"


@dataclass(frozen=True, slots=True)
class Inserted:
    """The commit is durable."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A commit with this place or this command exists already."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The database refused this one document; its neighbours are not touched."""

    reason: str


Insertion = Inserted | Duplicate | Rejected


class Commits(Protocol):
    """The collection of commits. Writes are majority and journalled, reads majority."""

    async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
        """Insert unordered, one result each; raises OutcomeUnknown for the batch as a whole."""
        ...

    async def load(self, stream: str) -> list[Commit]:
        """All commits of a stream in version order; raises StoreUnavailable."""
        ...

    async def holders(self, commit: Commit) -> list[Commit]:
        """The commits that hold this one's place or its command, it included, if it is there.

        Empty while a majority has none of them yet; raises StoreUnavailable.
        """
        ...
