"""The commit store in MongoDB: one insert per gathered write, no transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import bson
import pymongo
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel, ReadPreference
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, PyMongoError

from kernel.mongo import READS, WRITES
from kernel.store.documents import COLLECTION, PENDING, Document, from_document, to_document
from kernel.store.port import (
    Commit,
    Duplicate,
    Inserted,
    Insertion,
    OutcomeUnknown,
    Rejected,
    StoreUnavailable,
)

OPERATION_SECONDS = 5.0
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

INDEXES = (
    IndexModel([("stream", 1), ("command_id", 1)], name="one_answer_per_command", unique=True),
    IndexModel(
        [("lane", 1), ("_id", 1)],
        name="pending_by_lane",
        partialFilterExpression={PENDING: True},
    ),
)


class MongoCommits:
    """The commits of one service's database; an operation answers within its seconds or raises."""

    def __init__(
        self, database: AsyncDatabase[Document], *, seconds: float = OPERATION_SECONDS
    ) -> None:
        self._seconds = seconds
        self._commits = database.get_collection(
            COLLECTION,
            read_preference=ReadPreference.PRIMARY,
            write_concern=WRITES,
            read_concern=READS,
        )

    async def ensure_indexes(self) -> None:
        """Make the indexes that are not there yet; raises StoreUnavailable."""
        with _answering(self._seconds):
            await self._commits.create_indexes(list(INDEXES))

    async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
        """Insert unordered, one result each; raises OutcomeUnknown for the batch as a whole."""
        encoded = [_encode(commit) for commit in batch]
        sendable = [one for one in encoded if isinstance(one, RawBSONDocument)]
        results = iter(await self._write(sendable))
        return [one if isinstance(one, Rejected) else next(results) for one in encoded]

    async def _write(self, documents: list[RawBSONDocument]) -> list[Insertion]:
        if not documents:
            return []
        try:
            with pymongo.timeout(self._seconds):
                await self._commits.insert_many(documents, ordered=False)
        except BulkWriteError as wrong:
            return _results(len(documents), wrong.details)
        except PyMongoError as wrong:
            raise OutcomeUnknown(_words(wrong)) from wrong
        return [Inserted()] * len(documents)

    async def load(self, stream: str) -> list[Commit]:
        """All commits of a stream in version order; raises StoreUnavailable."""
        return await self._find({"_id": {"$gt": f"{stream}@", "$lt": f"{stream}@:"}})

    async def holders(self, commit: Commit) -> list[Commit]:
        """The commits that hold this one's place or its command; raises StoreUnavailable."""
        command = {"stream": commit.stream, "command_id": str(commit.command_id)}
        return await self._find({"$or": [{"_id": commit.id}, command]})

    async def _find(self, which: Document) -> list[Commit]:
        with _answering(self._seconds):
            found = await self._commits.find(which).sort("_id", 1).to_list()
        return [from_document(document) for document in found]


def _encode(commit: Commit) -> RawBSONDocument | Rejected:
    """Encoded one by one, so that what cannot be encoded refuses nobody else."""
    try:
        return RawBSONDocument(bson.encode(to_document(commit)))
    except (BSONError, UnicodeError, OverflowError) as wrong:
        return Rejected(f"it cannot be encoded: {type(wrong).__name__}")


def _results(count: int, details: Mapping[str, Any]) -> list[Insertion]:
    if details.get("writeConcernErrors"):
        raise OutcomeUnknown("no majority confirmed the write in time")
    results: list[Insertion] = [Inserted()] * count
    for error in details["writeErrors"]:
        results[error["index"]] = _judge(error["code"])
    return results


def _judge(code: int) -> Insertion:
    if code == DUPLICATE_KEY:
        return Duplicate()
    if code in DOCUMENT_FAULTS:
        return Rejected(f"the database refuses it: {DOCUMENT_FAULTS[code]}")
    raise OutcomeUnknown(f"the database answered with error {code}")


@contextmanager
def _answering(seconds: float) -> Iterator[None]:
    try:
        with pymongo.timeout(seconds):
            yield
    except PyMongoError as wrong:
        raise StoreUnavailable(_words(wrong)) from wrong


def _words(wrong: PyMongoError) -> str:
    return f"MongoDB does not answer: {type(wrong).__name__}"
