"""What a restored store in MongoDB is asked and given until it has caught up with its log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from kernel.mongo import answering
from kernel.relay.mongo_marks import RESTORED
from kernel.relay.port import Restore
from kernel.store.documents import COLLECTION, PENDING, to_document
from kernel.store.port import Commit, StoreDiffers, StoreUnavailable

SECONDS = 10.0
DUPLICATE_KEY = 11000
# Decided at another moment, the same command may have been answered otherwise.
TOLD_BY = ("command_id", "recorded_at", "n")

Document = dict[str, Any]


class MongoRecovering:
    """A part of the outbox; `database` writes to and reads from a majority."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._commits, self._restored = database[COLLECTION], database[RESTORED]

    async def restored(self) -> Restore | None:
        """The restore that the store has not caught up from yet, if any."""
        with answering(SECONDS):
            found = await self._restored.find_one({})
        return None if found is None else Restore(whole=found["whole"])

    async def caught_up(self) -> None:
        """No longer to be compared."""
        with answering(SECONDS):
            await self._restored.delete_many({"whole": True})

    async def take_back(self, commits: Sequence[Commit]) -> int:
        """Insert, as published, what the store lacks of these; how many it lacked.

        Another replica may do so at the same time: what it was quicker with is looked at again.
        """
        wanted = {one.id: _published(one) for one in commits}
        missing = await self._missing(wanted)
        if missing and not await self._inserted(missing):
            for one in await self._missing(wanted):
                raise StoreDiffers(one["_id"])
        return len(missing)

    async def _missing(self, wanted: Mapping[str, Document]) -> list[Document]:
        with answering(SECONDS):
            found = self._commits.find({"_id": {"$in": list(wanted)}}, dict.fromkeys(TOLD_BY, 1))
            held = {one["_id"]: one for one in await found.to_list()}
        for id_, one in held.items():
            if any(one[name] != wanted[id_][name] for name in TOLD_BY):
                raise StoreDiffers(id_)
        return [one for id_, one in wanted.items() if id_ not in held]

    async def _inserted(self, missing: Sequence[Document]) -> bool:
        """False where something stood in the way of some."""
        with answering(SECONDS):
            try:
                await self._commits.insert_many(missing, ordered=False)
            except BulkWriteError as some:
                _only_duplicates(some)
                return False
        return True


def _published(commit: Commit) -> Document:
    document = to_document(commit)
    del document[PENDING]
    return document


def _only_duplicates(wrong: BulkWriteError) -> None:
    details = wrong.details or {}
    errors = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
    if any(one.get("code") != DUPLICATE_KEY for one in errors):
        raise StoreUnavailable("the database does not take back what the log has") from wrong
