"""What the relay needs of the event store: leases on lanes, the outbox and its marks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from kernel.log import Partition
from kernel.store.port import Commit


class LeaseLost(Exception):
    """Somebody else has had this lane since; nothing was done."""


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore whose store has not caught up with its log; `whole` when it came to its end."""

    whole: bool


class Lease(NamedTuple):
    """The right to relay a lane; another epoch means that somebody else has had it since."""

    lane: int
    holder: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the lanes are shared now, by the database's clock."""

    mine: Mapping[int, Lease]
    free: frozenset[int]
    replicas: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of the log in one partition.

    `offset` and `event` are those of the last record acknowledged; up to `seen` the log was
    compared with the store. `replaced`: this log took the place of another one, so a cause may
    still be missing on it. `reopen`: everything is to be made pending again, and is not yet.
    """

    log: str
    offset: int = -1
    event: str = ""
    seen: int = 0
    replaced: bool = False
    reopen: bool = False

    @classmethod
    def first(cls, log: str, *, used: bool) -> Mark:
        """Where there was none: with commits, the store may have known another log before."""
        return cls(log, replaced=used, reopen=used)


@dataclass(frozen=True, slots=True)
class Parked:
    """A stream that waits because the log refuses one of its records."""

    stream: str
    partition: Partition
    commit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much is still to be published, and since when.

    `again` of them were published before, on what is the log no longer: they wait for so many
    seconds, not since they were recorded. `oldest` is when the first of the others was.
    """

    count: int
    oldest: datetime | None
    again: int = 0
    again_seconds: float = 0.0

    def waited(self, now: datetime) -> float:
        """For how many seconds the one that waits longest does."""
        since_recorded = (now - self.oldest).total_seconds() if self.oldest else 0.0
        return max(0.0, since_recorded, self.again_seconds)


class Page(NamedTuple):
    """Pending commits in `_id` order; `last` when there were no more behind them.

    `through` is the last id looked at; streams with a commit that cannot be read are left out.
    """

    commits: list[Commit]
    last: bool
    through: str
    unreadable: tuple[Parked, ...] = ()


class Leases(Protocol):
    """Leases on lanes, expiring on the database's clock; all raise StoreUnavailable."""

    async def beat(self) -> Standing:
        """Renew what we hold and show that we live; the lanes as they stand then."""
        ...

    async def take(self, lanes: Collection[int]) -> None:
        """Take those of the lanes whose lease has run out; the epoch goes up by one."""
        ...

    async def give(self, lanes: Collection[int]) -> None:
        """Let leases of ours run out now."""
        ...

    async def leave(self) -> None:
        """Give everything back and be counted no more."""
        ...


class Outbox(Protocol):
    """The commits as an outbox; all but the bell raise StoreUnavailable.

    Whatever takes a lease raises LeaseLost, having done nothing, once a later lease of the lane
    has claimed the partition.
    """

    async def pending(self, partition: Partition, limit: int, after: str = "") -> Page:
        """Commits still to be published, in `_id` order after an id, from one majority snapshot.

        A commit is never here without those before it in its stream that are pending too.
        """
        ...

    async def waiting(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have something pending."""
        ...

    async def rung(self, timeout: float) -> set[Partition] | None:
        """Where a commit was just inserted, if any was within so many seconds.

        None when one may have been missed, as at first or while the database is away: look
        everywhere.
        """
        ...

    async def claim(self, lease: Lease, topic: str) -> Mark | None:
        """Take a partition over from earlier leases; its mark, or None before the first."""
        ...

    async def save(self, lease: Lease, topic: str, mark: Mark) -> None:
        """Keep a mark."""
        ...

    async def settle(self, lease: Lease, topic: str, mark: Mark, ids: Collection[str]) -> None:
        """Keep the mark, then count these commits as published.

        What a later lease has reopened stays pending, even if it does so in between.
        """
        ...

    async def reopen(self, leases: Mapping[Partition, Lease]) -> None:
        """Make every commit of these partitions pending again, for these leases and later ones.

        Needs no claim: a late reopening by an earlier lease only publishes twice.
        """
        ...

    async def mark_first(self, marks: Mapping[Partition, Mark]) -> None:
        """Keep these marks where there is none yet; needs no lease."""
        ...

    async def unmarked(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have no mark yet."""
        ...

    async def used(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have any commit."""
        ...

    async def heads(self, streams: Collection[str]) -> dict[str, int]:
        """The last version of each of these streams; a stream without commits is left out."""
        ...

    async def restored(self) -> Restore | None:
        """The restore from a backup that this store has not caught up from yet, if any."""
        ...

    async def take_back(self, commits: Sequence[Commit]) -> int:
        """Insert, as published, what the store lacks of these; how many it lacked.

        Raises StoreDiffers where it holds something else in the place of one, or its command in
        another place.
        """
        ...

    async def caught_up(self) -> None:
        """The store holds all that it published: it is no longer to be compared."""
        ...

    async def backlog(self) -> Backlog:
        """How much is pending, and since when."""
        ...

    async def park(self, parked: Parked) -> None:
        """Keep a stream back until it is unparked; the first reason stays."""
        ...

    async def unpark(self, stream: str) -> bool:
        """Let a stream be tried again; whether it was parked."""
        ...

    async def parked(self) -> list[Parked]:
        """All parked streams."""
        ...
