"""The outbox in MongoDB: the commits themselves, with an index of those still to be published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from contracts.envelope import PARTITIONS, Topic
from kernel.changes import Changes
from kernel.log import Partition
from kernel.mongo import READS, WRITES, answering
from kernel.relay.mongo_marks import (
    MARKS,
    PARKED,
    mark_id,
    read_mark,
    read_parked,
    write_mark,
    write_parked,
)
from kernel.relay.mongo_recovering import MongoRecovering
from kernel.relay.port import Backlog, Lease, LeaseLost, Mark, Page, Parked, Restore
from kernel.store.documents import COLLECTION, PENDING, from_document, read_moment
from kernel.store.port import Commit

SECONDS = 5.0
REOPEN_SECONDS = 600.0
PAGE_BYTES = 4 << 20
BY_LANE = "pending_by_lane"
REOPENED = "reopened"
AGAIN_SINCE = "again_since"

Document = dict[str, Any]

INSERTED: list[Document] = [
    {"$match": {"operationType": "insert"}},
    {"$project": {"fullDocument.topic": 1, "fullDocument.lane": 1}},
]


class MongoOutbox:
    """The outbox of one service's database; the commit store makes its index."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        ours = database.with_options(write_concern=WRITES, read_concern=READS)
        self._commits = ours[COLLECTION]
        self._snapshots = self._commits.with_options(read_concern=ReadConcern("snapshot"))
        self._marks, self._parked = ours[MARKS], ours[PARKED]
        self._recovering = MongoRecovering(ours)
        self._doorbell = Changes(self._commits, INSERTED)

    async def pending(self, partition: Partition, limit: int, after: str = "") -> Page:
        """Commits still to be published, in `_id` order after an id, from one snapshot."""
        wanted = {**_of(partition), PENDING: True, "_id": {"$gt": after}}
        found = self._snapshots.find(wanted, hint=BY_LANE, limit=limit + 1, batch_size=limit + 1)
        with answering(SECONDS):
            documents = await found.sort("_id", 1).to_list()
        return _page(documents, partition, limit, after)

    async def waiting(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have something pending."""
        return await self._any_of(partitions, {PENDING: True})

    async def used(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have any commit."""
        return await self._any_of(partitions, {})

    async def _any_of(self, partitions: Collection[Partition], more: Document) -> set[Partition]:
        """One question for all partitions, answered by one document of each at most."""
        first, *rest = ([{"$match": {**_of(one), **more}}, *_ONE] for one in partitions or _NONE)
        unions = [{"$unionWith": {"coll": COLLECTION, "pipeline": one}} for one in rest]
        with answering(SECONDS):
            found = await self._commits.aggregate([*first, *unions])
            return {_where(one) for one in await found.to_list()}

    async def rung(self, timeout: float) -> set[Partition] | None:
        """Where a commit was just inserted; None when one may have been missed."""
        changes = await self._doorbell.next(timeout)
        return None if changes is None else {_where(one["fullDocument"]) for one in changes}

    async def claim(self, lease: Lease, topic: str) -> Mark | None:
        """Take a partition over from earlier leases; its mark, or None before the first."""
        with _fenced():
            found = await self._marks.find_one_and_update(
                *_of_lease(lease, topic, {}), upsert=True, return_document=ReturnDocument.AFTER
            )
        return read_mark(found or {})

    async def save(self, lease: Lease, topic: str, mark: Mark) -> None:
        """Keep a mark."""
        with _fenced():
            await self._marks.update_one(*_of_lease(lease, topic, write_mark(mark)), upsert=True)

    async def settle(self, lease: Lease, topic: str, mark: Mark, ids: Collection[str]) -> None:
        """Keep the mark, then count these commits as published.

        The mark fences: had a later lease claimed the partition before, nothing would be done.
        If it claims and reopens in between, its stamp keeps what it reopened pending. So no
        transaction is needed, and none is left open by a relay that is killed.
        """
        await self.save(lease, topic, mark)
        sent = {"_id": {"$in": list(ids)}, REOPENED: {"$not": {"$gt": lease.epoch}}}
        with answering(SECONDS):
            await self._commits.update_many(sent, {"$unset": {PENDING: "", AGAIN_SINCE: ""}})

    async def reopen(self, leases: Mapping[Partition, Lease]) -> None:
        """Make every commit of these partitions pending again, in one pass over the store."""
        lanes: defaultdict[str, list[int]] = defaultdict(list)
        epochs = [0] * PARTITIONS
        for one, lease in leases.items():
            lanes[one.topic].append(one.number)
            epochs[one.number] = max(epochs[one.number], lease.epoch)
        those = [{"topic": topic, "lane": {"$in": found}} for topic, found in lanes.items()]
        stamp = {"$max": [f"${REOPENED}", {"$arrayElemAt": [epochs, "$lane"]}]}
        with answering(REOPEN_SECONDS):
            await self._commits.update_many(
                {"$or": those},
                [{"$set": {AGAIN_SINCE: _AGAIN_SINCE, PENDING: True, REOPENED: stamp}}],
            )

    async def mark_first(self, marks: Mapping[Partition, Mark]) -> None:
        """Keep these marks where there is none yet; needs no lease."""
        missing = [
            UpdateOne({"_id": mark_id(one)}, {"$setOnInsert": write_mark(mark)}, upsert=True)
            for one, mark in marks.items()
        ]
        with answering(SECONDS):
            if missing:
                await self._marks.bulk_write(missing, ordered=False)

    async def unmarked(self, partitions: Collection[Partition]) -> set[Partition]:
        """Those of the partitions that have no mark yet."""
        with answering(SECONDS):
            found = {one["_id"] for one in await self._marks.find({}, {"_id": 1}).to_list()}
        return {one for one in partitions if mark_id(one) not in found}

    async def heads(self, streams: Collection[str]) -> dict[str, int]:
        """The last version of each of these streams."""
        last = {"$max": {"$subtract": [{"$add": ["$version", "$n"]}, 1]}}
        with answering(SECONDS):
            found = await self._commits.aggregate(
                [
                    {"$match": {"stream": {"$in": list(streams)}}},
                    {"$group": {"_id": "$stream", "head": last}},
                ]
            )
            return {one["_id"]: one["head"] for one in await found.to_list()}

    async def restored(self) -> Restore | None:
        """The restore from a backup that this store has not caught up from yet, if any."""
        return await self._recovering.restored()

    async def take_back(self, commits: Sequence[Commit]) -> int:
        """Insert, as published, what the store lacks of these; how many it lacked."""
        return await self._recovering.take_back(commits)

    async def caught_up(self) -> None:
        """The store holds all that it published: it is no longer to be compared."""
        await self._recovering.caught_up()

    async def backlog(self) -> Backlog:
        """How much is pending, and since when."""
        with answering(SECONDS):
            found = await self._commits.aggregate(
                [{"$match": {PENDING: True}}, {"$group": _COUNTED}, {"$set": _WAITED}], hint=BY_LANE
            )
            for one in await found.to_list():
                oldest = read_moment(one["oldest"]) if one["oldest"] else None
                return Backlog(one["count"], oldest, one["again"], one["milliseconds"] / 1000)
        return Backlog(0, None)

    async def park(self, parked: Parked) -> None:
        """Keep a stream back until it is unparked; the first reason stays."""
        with answering(SECONDS):
            await self._parked.update_one(
                {"_id": parked.stream}, {"$setOnInsert": write_parked(parked)}, upsert=True
            )

    async def unpark(self, stream: str) -> bool:
        """Let a stream be tried again; whether it was parked."""
        with answering(SECONDS):
            return (await self._parked.delete_one({"_id": stream})).deleted_count == 1

    async def parked(self) -> list[Parked]:
        """All parked streams."""
        with answering(SECONDS):
            return [read_parked(one) for one in await self._parked.find().sort("_id").to_list()]

    async def close(self) -> None:
        """Stop listening."""
        await self._doorbell.close()


# Both by the database's clock. What is pending and was never sent goes on waiting since it was
# recorded.
_SENT_BEFORE = {"$gt": [f"${AGAIN_SINCE}", None]}
_AGAIN_SINCE = {"$cond": [{"$or": [{"$not": f"${PENDING}"}, _SENT_BEFORE]}, "$$NOW", "$$REMOVE"]}
_COUNTED: Document = {
    "_id": None,
    "count": {"$sum": 1},
    "again": {"$sum": {"$cond": [_SENT_BEFORE, 1, 0]}},
    "since": {"$min": f"${AGAIN_SINCE}"},
    "oldest": {"$min": {"$cond": [_SENT_BEFORE, None, "$recorded_at"]}},
}
_WAITED = {"milliseconds": {"$subtract": ["$$NOW", {"$ifNull": ["$since", "$$NOW"]}]}}

_ONE: list[Document] = [{"$limit": 1}, {"$project": {"topic": 1, "lane": 1}}]
_NONE = (Partition(Topic.PRIVATE, -1),)


@contextmanager
def _fenced() -> Iterator[None]:
    """A mark that a later lease has claimed is not found, so that another one would be made."""
    with answering(SECONDS):
        try:
            yield
        except DuplicateKeyError:
            raise LeaseLost from None


def _of_lease(lease: Lease, topic: str, values: Document) -> tuple[Document, Document]:
    """A mark, unless a later lease has claimed it; and what is set of it."""
    ours = {
        "_id": mark_id(Partition(topic, lease.lane)),
        "epoch": {"$not": {"$gt": lease.epoch}},
    }
    return ours, {"$set": {**values, "epoch": lease.epoch}}


def _where(document: Document) -> Partition:
    return Partition(document["topic"], document["lane"])


def _of(partition: Partition) -> Document:
    return {"topic": partition.topic, "lane": partition.number}


def _page(found: Sequence[Document], partition: Partition, limit: int, after: str) -> Page:
    """Decode up to the limit, or to so many bytes; what cannot be read is told apart."""
    commits: list[Commit] = []
    unreadable: list[Parked] = []
    size, through = 0, after
    for document in found[:limit]:
        if size > PAGE_BYTES:
            break
        through = document["_id"]
        try:
            commits.append(from_document(document))
        except (KeyError, ValueError, TypeError) as wrong:
            unreadable.append(_unreadable(document["_id"], partition, wrong))
        else:
            size += sum(len(event.data) for event in commits[-1].events)
    last = not found or through == found[-1]["_id"]
    return Page(commits, last, through, tuple(unreadable))


def _unreadable(id_: str, partition: Partition, wrong: Exception) -> Parked:
    stream = id_.rpartition("@")[0]
    return Parked(stream, partition, id_, f"it cannot be read back: {type(wrong).__name__}")
