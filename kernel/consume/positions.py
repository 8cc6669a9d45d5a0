"""Where a consumer has got to, kept beside the documents: which log, which offset, which event."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
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


class Positions(Protocol):
    """The positions of all consumers of a service. Every method raises StoreUnavailable."""

    async def load(
        self, consumer: str, partitions: Collection[Partition]
    ) -> dict[Partition, Place]:
        """The places there are."""
        ...

    async def store(self, consumer: str, places: Mapping[Partition, Place]) -> None:
        """Move forwards; a place at or behind the stored one of the same log changes nothing."""
        ...

    async def forget(self, consumer: str, partitions: Collection[Partition]) -> None:
        """Have no place there any more, so that the next one to read begins at the start."""
        ...


def key_of(consumer: str, partition: Partition) -> str:
    """The id of a position."""
    return f"{consumer}/{partition.topic}/{partition.number}"


class MongoPositions:
    """Positions in the database of the read models, so that one restore brings back both."""

    def __init__(self, database: Database) -> None:
        self._positions = database.positions

    async def load(
        self, consumer: str, partitions: Collection[Partition]
    ) -> dict[Partition, Place]:
        """The places there are."""
        keys = {key_of(consumer, one): one for one in partitions}
        with answering():
            found = await self._positions.find({"_id": {"$in": list(keys)}}).to_list(None)
        return {keys[raw["_id"]]: _place(raw) for raw in found}

    async def store(self, consumer: str, places: Mapping[Partition, Place]) -> None:
        """Move forwards; a place at or behind the stored one of the same log changes nothing."""
        writes = [_forward(key_of(consumer, one), place) for one, place in places.items()]
        if not writes:
            return
        try:
            with answering():
                await self._positions.bulk_write(writes, ordered=False)
        except StoreUnavailable as wrong:
            if not _only_behind(wrong.__cause__):
                raise

    async def forget(self, consumer: str, partitions: Collection[Partition]) -> None:
        """Have no place there any more, so that the next one to read begins at the start."""
        keys = [key_of(consumer, one) for one in partitions]
        with answering():
            await self._positions.delete_many({"_id": {"$in": keys}})


def _place(raw: Mapping[str, Any]) -> Place:
    return Place(raw["log"], raw["offset"], raw["event"])


def _forward(key: str, place: Place) -> UpdateOne:
    """Where the guard misses, the upsert meets an `_id` that is there."""
    guard = {"$or": [{"log": {"$ne": place.log}}, {"offset": {"$lt": place.offset}}]}
    fields = {"log": place.log, "offset": place.offset, "event": place.event}
    return UpdateOne({"_id": key, **guard}, {"$set": fields}, upsert=True)


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
        self._places: dict[str, Place] = {}

    async def load(
        self, consumer: str, partitions: Collection[Partition]
    ) -> dict[Partition, Place]:
        """The places there are."""
        return await self.twin.operate("load", lambda _: self._load(consumer, partitions))

    async def store(self, consumer: str, places: Mapping[Partition, Place]) -> None:
        """Move forwards; a place at or behind the stored one of the same log changes nothing."""
        await self.twin.operate("store", lambda fault: self._store(consumer, places, fault))

    async def forget(self, consumer: str, partitions: Collection[Partition]) -> None:
        """Have no place there any more, so that the next one to read begins at the start."""
        await self.twin.operate(
            "forget",
            lambda _: [self._places.pop(key_of(consumer, one), None) for one in partitions],
        )

    def _load(self, consumer: str, partitions: Collection[Partition]) -> dict[Partition, Place]:
        found = {one: self._places.get(key_of(consumer, one)) for one in partitions}
        return {one: place for one, place in found.items() if place}

    def _store(
        self, consumer: str, places: Mapping[Partition, Place], fault: DataFault | None
    ) -> None:
        moves = list(places.items())
        for partition, place in moves[: len(moves) // 2] if fault is DataFault.TORN else moves:
            key = key_of(consumer, partition)
            there = self._places.get(key)
            if there is None or there.log != place.log or there.offset < place.offset:
                self._places[key] = place
