"""Where readers have got to, kept beside the documents: which log, which offset, which event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2s, sha256
from typing import Any, Protocol

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from kernel.log import Partition, Record
from kernel.project.mongo import DUPLICATE_KEY, answering
from kernel.project.motor import Database
from kernel.project.twin import DataFault, Faults, Pause, Twin, no_pause
from kernel.store.port import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Place:
    """The last record that was folded: the identity of its log, its offset, its event."""

    log: str
    offset: int
    event: str


def event_of(record: Record) -> str:
    """The record's event id, or a hash of it where it has none that can be read."""
    for name, value in record.headers:
        if name == "ce_id" and value.isascii():
            return value.decode()[:64]
    return sha256(record.key + b"\0" + record.value).hexdigest()


@dataclass(frozen=True)
class Feed:
    """What feeds these views of a service, on however many replicas.

    Whoever feeds the same views shares the partitions, in one consumer group; whoever feeds others,
    such as another release beside this one, reads all of them for itself.
    """

    service: str
    views: tuple[str, ...]

    @property
    def group(self) -> str:
        """The consumer group, and the owner of places."""
        views = blake2s("\n".join(sorted(self.views)).encode(), digest_size=4)
        return f"{self.service}-{views.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Stand:
    """Where some feed has got to on a partition, in all of its views."""

    views: tuple[str, ...]
    place: Place


def place_of(views: Iterable[str], stands: Collection[Stand], log: str) -> Place | None:
    """Where to read on from to feed these views; None where that is the start.

    Each view has got as far as whichever feed of it got furthest on this log, and what is folded
    twice is a duplicate: so they all go on from where the last of them is.
    """
    places = [furthest((one for one in stands if view in one.views), log) for view in views]
    known = [one for one in places if one]
    return min(known, key=_offset) if known and len(known) == len(places) else None


def read_before(views: Iterable[str], stands: Collection[Stand]) -> bool:
    """Whether each of these views was fed from some log."""
    return all(any(view in one.views for one in stands) for view in views)


def furthest(stands: Iterable[Stand], log: str) -> Place | None:
    """The furthest place of all on this log."""
    return max((one.place for one in stands if one.place.log == log), key=_offset, default=None)


def _offset(place: Place) -> int:
    return place.offset


class Positions(Protocol):
    """The positions of all feeds of a service. Every method raises StoreUnavailable."""

    async def load(self, partitions: Collection[Partition]) -> dict[Partition, list[Stand]]:
        """Where every feed stands; a partition that nobody has read is missing."""
        ...

    async def store(self, feed: Feed, places: Mapping[Partition, Place]) -> None:
        """Move forwards; a place at or behind the stored one of the same log changes nothing."""
        ...

    async def forget(self, partitions: Collection[Partition]) -> None:
        """Have no place there any more, so that whoever reads next begins at the start."""
        ...

    async def forget_view(self, view: str) -> None:
        """Have no place any more of any feed that this view belongs to."""
        ...

    async def begun(self) -> bool:
        """Whether anything was ever read."""
        ...


class MongoPositions:
    """Positions in the database of the read models, so that one restore brings back both."""

    def __init__(self, database: Database) -> None:
        self._positions = database.positions

    async def load(self, partitions: Collection[Partition]) -> dict[Partition, list[Stand]]:
        """Where every feed stands; a partition that nobody has read is missing."""
        named = {_name(one): one for one in partitions}
        with answering():
            found = await self._positions.find({"partition": {"$in": list(named)}}).to_list(None)
        stands: defaultdict[Partition, list[Stand]] = defaultdict(list)
        for raw in found:
            stands[named[raw["partition"]]].append(_stand(raw))
        return dict(stands)

    async def store(self, feed: Feed, places: Mapping[Partition, Place]) -> None:
        """Move forwards; a place at or behind the stored one of the same log changes nothing."""
        writes = [_forward(feed, *one) for one in places.items()]
        if not writes:
            return
        try:
            with answering():
                await self._positions.bulk_write(writes, ordered=False)
        except StoreUnavailable as wrong:
            if not _only_behind(wrong.__cause__):
                raise

    async def forget(self, partitions: Collection[Partition]) -> None:
        """Have no place there any more, so that whoever reads next begins at the start."""
        with answering():
            await self._positions.delete_many({"partition": {"$in": [*map(_name, partitions)]}})

    async def forget_view(self, view: str) -> None:
        """Have no place any more of any feed that this view belongs to."""
        with answering():
            await self._positions.delete_many({"views": view})

    async def begun(self) -> bool:
        """Whether anything was ever read."""
        with answering():
            return await self._positions.find_one({"partition": {"$exists": True}}) is not None


def _name(partition: Partition) -> str:
    return f"{partition.topic}/{partition.number}"


def _stand(raw: Mapping[str, Any]) -> Stand:
    return Stand(tuple(raw["views"]), Place(raw["log"], raw["offset"], raw["event"]))


def _forward(feed: Feed, partition: Partition, place: Place) -> UpdateOne:
    """Where the guard misses, the upsert meets an `_id` that is there."""
    key = {"_id": f"{feed.group}/{_name(partition)}"}
    guard = {"$or": [{"log": {"$ne": place.log}}, {"offset": {"$lt": place.offset}}]}
    fields = {
        "partition": _name(partition),
        "views": list(feed.views),
        "log": place.log,
        "offset": place.offset,
        "event": place.event,
    }
    return UpdateOne({**key, **guard}, {"$set": fields}, upsert=True)


def _only_behind(cause: BaseException | None) -> bool:
    if not isinstance(cause, BulkWriteError) or cause.details is None:
        return False
    errors = cause.details.get("writeErrors", ())
    majority = not cause.details.get("writeConcernErrors")
    return majority and all(one["code"] == DUPLICATE_KEY for one in errors)


class MemoryPositions:
    """Positions in memory."""

    def __init__(self, faults: Faults | None = None, pause: Pause = no_pause) -> None:
        self.twin = Twin("positions", faults, pause)
        self._places: dict[Partition, dict[str, Stand]] = {}

    async def load(self, partitions: Collection[Partition]) -> dict[Partition, list[Stand]]:
        """Where every feed stands; a partition that nobody has read is missing."""
        return await self.twin.operate("load", lambda _: self._load(partitions))

    async def store(self, feed: Feed, places: Mapping[Partition, Place]) -> None:
        """Move forwards; a place at or behind the stored one of the same log changes nothing."""
        await self.twin.operate("store", lambda fault: self._store(feed, places, fault))

    async def forget(self, partitions: Collection[Partition]) -> None:
        """Have no place there any more, so that whoever reads next begins at the start."""
        await self.twin.operate(
            "forget", lambda _: [self._places.pop(one, None) for one in partitions]
        )

    async def forget_view(self, view: str) -> None:
        """Have no place any more of any feed that this view belongs to."""
        await self.twin.operate("forget_view", lambda _: self._forget_view(view))

    async def begun(self) -> bool:
        """Whether anything was ever read."""
        return await self.twin.operate("begun", lambda _: bool(self._places))

    def _forget_view(self, view: str) -> None:
        kept = {
            partition: {group: one for group, one in stands.items() if view not in one.views}
            for partition, stands in self._places.items()
        }
        self._places = {partition: stands for partition, stands in kept.items() if stands}

    def _load(self, partitions: Collection[Partition]) -> dict[Partition, list[Stand]]:
        return {one: [*self._places[one].values()] for one in partitions if one in self._places}

    def _store(
        self, feed: Feed, places: Mapping[Partition, Place], fault: DataFault | None
    ) -> None:
        moves = list(places.items())
        for partition, place in moves[: len(moves) // 2] if fault is DataFault.TORN else moves:
            stands = self._places.setdefault(partition, {})
            there = stands.get(feed.group)
            before = there.place if there else None
            if before is None or before.log != place.log or before.offset < place.offset:
                stands[feed.group] = Stand(feed.views, place)
