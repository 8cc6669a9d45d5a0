"""The public log as the kernel sees it: topics of 16 partitions, each an append-only list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands on the log; `offset` counts from 0 in its partition."""

    partition: Partition
    offset: int
    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be appended."""

    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """Which log this is: another cluster id or topic id is another log."""

    cluster: str
    topics: tuple[tuple[str, str], ...]

    def of(self, topic: str) -> str:
        """Cluster and topic id of one topic; '' where the topic does not exist."""
        return next((f"{self.cluster}/{id_}" for name, id_ in self.topics if name == topic), "")


class LogUnavailable(Exception):
    """The log did not answer, or may not have taken the records; send again."""


class NotLetIn(LogUnavailable):
    """The log answers and does not let us: no such user, password, authority or right."""


@dataclass
class RecordRefused(Exception):
    """The log will never take this record; `index` is its place in the batch that was sent."""

    index: int
    reason: str


class LogWriter(Protocol):
    """Appends; every record that `send` returned for is durable on the log."""

    async def send(self, partition: Partition, batch: Sequence[Outgoing]) -> list[int]:
        """Append in order, `acks=all`, and return the offsets.

        Raises LogUnavailable, RecordRefused.
        """
        ...

    async def replace(self) -> None:
        """Start a new producer and forget the old one's sequence numbers."""
        ...


class LogReader(Protocol):
    """Reads without a group."""

    async def identity(self) -> LogIdentity:
        """Cluster id and topic ids as they are now. Raises LogUnavailable."""
        ...

    async def at(self, partition: Partition, offset: int) -> Record | None:
        """The record at an offset, or None where there is none. Raises LogUnavailable."""
        ...

    async def read(self, partition: Partition, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from an offset on; an empty list at the end.

        Raises LogUnavailable.
        """
        ...

    async def end(self, partition: Partition, start: int) -> int:
        """Where the next record will stand; `start` is an offset that is not beyond that.

        Raises LogUnavailable, also where no record could stand at `start`.
        """
        ...
