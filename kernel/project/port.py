"""What a read model is, and what keeps its documents and the events that wait for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from contracts.envelope import Position, Recorded, Topic, subject_of
from kernel.log import Record

Body = dict[str, Any]


def by_subject(stream: str) -> UUID | None:
    """The usual key: the case, or whatever else the stream is about."""
    return subject_of(stream)


@dataclass(frozen=True)
class Projection:
    """A question, answered by one document per key.

    `fold` is pure: it returns a new body of values that BSON keeps (dict with text keys, list,
    str, int, float, bool, None, UUID, datetime in UTC) and never changes the one it was given.
    `key` sees the stream's name alone, so that an event that nobody can read still finds its
    document, and all events of a stream belong to the same document, or all to none.
    `indexes` names the fields that queries filter by. A new `version` is another collection, and so
    is a new `generation` of the same version; either is filled beside the one that answers.
    """

    name: str
    fold: Callable[[Body, Recorded], Body]
    topics: tuple[str, ...] = (Topic.CASE,)
    key: Callable[[str], UUID | None] = by_subject
    indexes: tuple[tuple[str, ...], ...] = ()
    version: str = "1"
    generation: int = 1

    @property
    def view(self) -> str:
        """The collection of this version and generation."""
        generation = f"_{self.generation}" if self.generation > 1 else ""
        return f"{self.name}__{self.version}{generation}"


class Why(Enum):
    """Why an event could not be folded when it came."""

    UNREADABLE = "unreadable envelope"
    UNDECODABLE = "undecodable event"
    FAILING = "the fold fails"
    REFUSED = "the database refuses the document"
    GAP = "an earlier event is missing"
    BEHIND = "an earlier event is parked"


@dataclass(frozen=True, slots=True)
class Parked:
    """Why a document stands still: the event that holds it, and how many wait in its queue."""

    count: int
    why: Why
    error: str
    held_by: Position
    since: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A body, and what was folded into it; `revision` is 0 until it is stored."""

    id: UUID
    body: Body = field(default_factory=dict)
    folded: Mapping[str, int] = field(default_factory=dict)
    parked: Parked | None = None
    revision: int = 0

    def has(self, position: Position) -> bool:
        """Whether this event, and all before it in its stream, were folded."""
        return self.folded.get(position.stream, 0) >= position.version


@dataclass(frozen=True, slots=True)
class Written:
    """Durable, as given."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody else wrote this document since it was loaded; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The database takes this document never (too large, not storable); nothing was changed."""

    error: str


WriteResult = Written | Lost | Refused


@dataclass(frozen=True, slots=True)
class AtMost:
    """In a query: a moment not after this one."""

    moment: datetime


class Documents(Protocol):
    """The documents of a service's read models; a view is the collection of one projection.

    Writes are majority and journalled, reads majority. Every method raises StoreUnavailable.
    """

    async def prepare(self, projection: Projection) -> None:
        """Make the indexes."""
        ...

    async def discard(self, view: str) -> None:
        """Have no documents of a view any more that nobody feeds and nobody reads."""
        ...

    async def load(self, view: str, keys: Collection[UUID]) -> dict[UUID, Document]:
        """The documents there are, by key."""
        ...

    async def write(self, view: str, documents: Sequence[Document]) -> list[WriteResult]:
        """Store each, if it is new or stands at its `revision`; one result each, in order."""
        ...

    async def get(self, view: str, key: UUID) -> Document | None:
        """One document."""
        ...

    async def page(
        self,
        view: str,
        where: Mapping[str, object | AtMost] | None = None,
        *,
        after: UUID | None = None,
        limit: int = 100,
    ) -> list[Document]:
        """Documents whose fields equal (a list: contain) these, in key order, at most 1,000."""
        ...

    async def ping(self) -> None:
        """Write a small document durably, as a fold would; raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that waits to be folded into a document; or one dropped, with the reason.

    Where the envelope cannot be read there is no document: `view` is then the consumer's name and
    `document` and `position` are None. A dropped event that never came has no `record`.
    """

    view: str
    document: UUID | None
    position: Position | None
    why: Why
    error: str
    log: str
    record: Record | None
    parked_at: datetime
    dropped: str | None = None

    @property
    def id(self) -> str:
        """Unique by document, stream and version, or by place on the log."""
        if self.position is not None:
            return f"{self.view}/{self.document}/{self.position.stream}@{self.position.version:010}"
        where, offset = (self.record.partition, self.record.offset) if self.record else ("", 0)
        return f"{self.view}/{self.log}/{'/'.join(map(str, where))}@{offset:012}"


class Queue(Protocol):
    """The events that wait, of all views of a service. Every method raises StoreUnavailable."""

    async def add(self, entries: Sequence[Entry]) -> None:
        """Keep each durably; one that is there already stays as it is."""
        ...

    async def of(self, view: str, keys: Collection[UUID]) -> dict[UUID, list[Entry]]:
        """What waits for these documents, dropped ones included, in stream and version order."""
        ...

    async def remove(self, ids: Collection[str]) -> None:
        """Forget what has been folded; what is not there is no error."""
        ...

    async def drop(self, entry: Entry) -> None:
        """Mark as dropped for the reason it carries; an entry that is missing is made."""
        ...

    async def discard(self, view: str) -> None:
        """Forget all entries of a view that nobody feeds any more, dropped ones included."""
        ...

    async def page(
        self, view: str | None = None, *, dropped: bool = False, after: str = "", limit: int = 100
    ) -> list[Entry]:
        """What waits, or what was dropped, in id order."""
        ...

    async def count(self) -> dict[str, int]:
        """How many wait per view."""
        ...
