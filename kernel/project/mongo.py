"""Documents in MongoDB, one collection for each version of a projection."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pymongo
from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel, InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError, PyMongoError

from kernel.project.documents import encode, from_raw
from kernel.project.motor import Database
from kernel.project.port import (
    AtMost,
    Document,
    Lost,
    Projection,
    Refused,
    WriteResult,
    Written,
)
from kernel.store.port import StoreUnavailable

OPERATION_SECONDS = 15.0
LARGEST_PAGE = 1000
DUPLICATE_KEY = 11000
# What a server says of one document for what it is; any other code may be the server's own state.
DOCUMENT_FAULTS = {
    2: "BadValue",
    22: "InvalidBSON",
    121: "DocumentValidationFailure",
    10334: "BSONObjectTooLarge",
    17280: "KeyTooLong",
    17419: "ResultingDocumentTooLarge",
}


@contextmanager
def answering(seconds: float = OPERATION_SECONDS) -> Iterator[None]:
    """Let an operation take so long; what the driver raises becomes StoreUnavailable."""
    try:
        with pymongo.timeout(seconds):
            yield
    except PyMongoError as wrong:
        raise StoreUnavailable(f"MongoDB does not answer: {type(wrong).__name__}") from wrong


class MongoDocuments:
    """The documents of a service's read models, a collection for each version of a projection."""

    def __init__(self, database: Database, *, seconds: float = OPERATION_SECONDS) -> None:
        self._database, self._seconds = database, seconds

    async def prepare(self, projection: Projection) -> None:
        """Make the indexes."""
        if projection.indexes:
            with answering(self._seconds):
                await self._database[projection.view].create_indexes(_indexes(projection))

    async def discard(self, view: str) -> None:
        """Have no documents of a view any more that nobody feeds and nobody reads."""
        with answering(self._seconds):
            await self._database[view].drop()

    async def load(self, view: str, keys: Collection[UUID]) -> dict[UUID, Document]:
        """The documents there are, by key."""
        with answering(self._seconds):
            found = await self._database[view].find({"_id": {"$in": list(keys)}}).to_list(None)
        return {raw["_id"]: from_raw(raw) for raw in found}

    async def write(self, view: str, documents: Sequence[Document]) -> list[WriteResult]:
        """Store each, if it is new or stands at its `revision`; one result each, in order."""
        encoded = [encode(one) for one in documents]
        writes = [
            _guarded(document, raw)
            for document, raw in zip(documents, encoded, strict=True)
            if not isinstance(raw, Refused)
        ]
        results = iter(await self._bulk(view, writes))
        return [one if isinstance(one, Refused) else next(results) for one in encoded]

    async def get(self, view: str, key: UUID) -> Document | None:
        """One document."""
        return (await self.load(view, [key])).get(key)

    async def page(
        self,
        view: str,
        where: Mapping[str, object | AtMost] | None = None,
        *,
        after: UUID | None = None,
        limit: int = 100,
    ) -> list[Document]:
        """Documents whose fields equal (a list: contain) these, in key order, at most 1,000."""
        clause = {name: _clause(wanted) for name, wanted in (where or {}).items()}
        clause |= {"_id": {"$gt": after}} if after else {}
        with answering(self._seconds):
            cursor = self._database[view].find(clause).sort("_id", 1)
            found = await cursor.limit(min(limit, LARGEST_PAGE)).to_list(None)
        return [from_raw(raw) for raw in found]

    async def ping(self) -> None:
        """Write a small document durably, as a fold would; raises StoreUnavailable."""
        with answering(self._seconds):
            await self._database.pings.update_one({"_id": "ping"}, {"$inc": {"n": 1}}, upsert=True)

    async def _bulk(self, view: str, writes: list[Any]) -> list[WriteResult]:
        if not writes:
            return []
        try:
            with answering(self._seconds):
                await self._database[view].bulk_write(writes, ordered=False)
        except StoreUnavailable as wrong:
            if isinstance(wrong.__cause__, BulkWriteError):
                return _results(len(writes), wrong.__cause__.details or {})
            raise
        return [Written()] * len(writes)


def _guarded(document: Document, encoded: bytes) -> Any:
    """A miss of the guard turns into an insert of an `_id` that is there: a duplicate key."""
    raw = RawBSONDocument(encoded)
    if document.revision == 0:
        return InsertOne(raw)
    return ReplaceOne({"_id": document.id, "_rev": document.revision}, raw, upsert=True)


def _results(count: int, details: Mapping[str, Any]) -> list[WriteResult]:
    if details.get("writeConcernErrors"):
        raise StoreUnavailable("no majority confirmed the write in time")
    results: list[WriteResult] = [Written()] * count
    for error in details.get("writeErrors", ()):
        results[error["index"]] = _judge(error["code"])
    return results


def _judge(code: int) -> WriteResult:
    if code == DUPLICATE_KEY:
        return Lost()
    if code in DOCUMENT_FAULTS:
        return Refused(f"the database refuses it: {DOCUMENT_FAULTS[code]}")
    raise StoreUnavailable(f"the database answered with error {code}")


def _clause(wanted: object | AtMost) -> object:
    return {"$lte": wanted.moment} if isinstance(wanted, AtMost) else {"$eq": wanted}


def _indexes(projection: Projection) -> list[IndexModel]:
    return [
        IndexModel([(name, 1) for name in (*names, "_id")], name="_".join(names).replace(".", "_"))
        for names in projection.indexes
    ]
