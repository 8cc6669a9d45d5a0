"""The queue of parked events in MongoDB, of all views of a service in one collection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from pymongo import IndexModel, UpdateOne

from kernel.project.documents import Raw, entry_from_raw, entry_to_raw
from kernel.project.mongo import LARGEST_PAGE, answering
from kernel.project.motor import Database
from kernel.project.port import Entry

Clause = dict[str, Any]


class MongoQueue:
    """The queue of all views of a service, in one collection."""

    def __init__(self, database: Database) -> None:
        self._parked = database.parked

    async def prepare(self) -> None:
        """Make the indexes."""
        by_document = IndexModel([("view", 1), ("document", 1), ("_id", 1)], name="by_document")
        with answering():
            await self._parked.create_indexes([by_document])

    async def add(self, entries: Sequence[Entry]) -> None:
        """Keep each durably; one that is there already stays as it is."""
        if entries:
            with answering():
                await self._parked.bulk_write([_kept(one) for one in entries], ordered=False)

    async def of(self, view: str, keys: Collection[UUID]) -> dict[UUID, list[Entry]]:
        """What waits for these documents, dropped ones included, in stream and version order."""
        clause = {"view": view, "document": {"$in": list(keys)}}
        found: defaultdict[UUID, list[Entry]] = defaultdict(list)
        with answering():
            for raw in await self._parked.find(clause).sort("_id", 1).to_list(None):
                found[raw["document"]].append(entry_from_raw(raw))
        return dict(found)

    async def remove(self, ids: Collection[str]) -> None:
        """Forget what has been folded; what is not there is no error."""
        if ids:
            with answering():
                await self._parked.delete_many({"_id": {"$in": list(ids)}})

    async def drop(self, entry: Entry) -> None:
        """Mark as dropped for the reason it carries; an entry that is missing is made."""
        with answering():
            await self._parked.bulk_write(
                [_kept(entry), UpdateOne({"_id": entry.id}, {"$set": {"dropped": entry.dropped}})]
            )

    async def discard(self, view: str) -> None:
        """Forget all entries of a view that nobody feeds any more, dropped ones included."""
        with answering():
            await self._parked.delete_many({"view": view})

    async def page(
        self, view: str | None = None, *, dropped: bool = False, after: str = "", limit: int = 100
    ) -> list[Entry]:
        """What waits, or what was dropped, in id order."""
        clause: Clause = {"_id": {"$gt": after}, "dropped": {"$ne": None} if dropped else None}
        clause |= {"view": view} if view else {}
        with answering():
            cursor = self._parked.find(clause).sort("_id", 1).limit(min(limit, LARGEST_PAGE))
            return [entry_from_raw(raw) for raw in await cursor.to_list(None)]

    async def count(self) -> dict[str, int]:
        """How many wait per view."""
        with answering():
            views = await self._parked.distinct("view", {"dropped": None})
            return {
                view: await self._parked.count_documents({"view": view, "dropped": None})
                for view in views
            }


def _kept(entry: Entry) -> UpdateOne:
    raw: Raw = entry_to_raw(entry)
    return UpdateOne({"_id": raw.pop("_id")}, {"$setOnInsert": raw}, upsert=True)
