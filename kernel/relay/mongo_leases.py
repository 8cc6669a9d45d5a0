"""Leases in MongoDB: they expire on the database's clock, and their epoch only grows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from contracts.envelope import PARTITIONS
from kernel.mongo import READS, WRITES, answering
from kernel.relay.port import Lease, Standing

LEASES = "relay_leases"
SECONDS = 5.0
DUPLICATE_KEY = 11000
# A replica that gave no sign of life for so many leases is forgotten; its lanes' epochs stay.
FORGET_AFTER = 10

Document = dict[str, Any]


class MongoLeases:
    """The leases of one replica; `holder` is another one at every start of a process.

    A document per lane, never deleted, and one per replica. A beat is one update of all that is
    ours and one read of all.
    """

    def __init__(self, database: AsyncDatabase[Document], holder: str, seconds: float = 6) -> None:
        self._leases = database.get_collection(LEASES, write_concern=WRITES, read_concern=READS)
        self._holder = holder
        self._milliseconds = int(seconds * 1000)
        self._joined = False

    async def beat(self) -> Standing:
        """Renew what we hold and show that we live; the lanes as they stand then."""
        with answering(SECONDS):
            if not self._joined:
                await self._join()
            await self._leases.update_many({"holder": self._holder}, [{"$set": self._until()}])
            found = await self._leases.aggregate([{"$set": {"live": _LIVE}}])
            everything = await found.to_list()
        self._joined = any(one["_id"] == self._sign_of_life() for one in everything)
        return _standing(everything, self._holder)

    async def take(self, lanes: Collection[int]) -> None:
        """Take those of the lanes whose lease has run out; the epoch goes up by one."""
        run_out = {"_id": {"$in": list(lanes)}, "$expr": {"$not": _LIVE}}
        mine = {"holder": self._holder, "epoch": {"$add": ["$epoch", 1]}, **self._until()}
        with answering(SECONDS):
            await self._leases.update_many(run_out, [{"$set": mine}])

    async def give(self, lanes: Collection[int]) -> None:
        """Let leases of ours run out now."""
        ours = {"_id": {"$in": list(lanes)}, "holder": self._holder}
        with answering(SECONDS):
            await self._leases.update_many(ours, [{"$set": {"holder": "", "until": "$$NOW"}}])

    async def leave(self) -> None:
        """Give everything back and be counted no more."""
        await self.give(range(PARTITIONS))
        with answering(SECONDS):
            await self._leases.delete_one({"_id": self._sign_of_life()})
        self._joined = False

    async def _join(self) -> None:
        """Make what is missing: the lanes, and our own sign of life; forget replicas long gone."""
        lanes = [
            {"_id": lane, "holder": "", "epoch": 0, "until": None} for lane in range(PARTITIONS)
        ]
        try:
            await self._leases.insert_many(lanes, ordered=False)
        except BulkWriteError as some:
            if any(one["code"] != DUPLICATE_KEY for one in some.details["writeErrors"]):
                raise
        await self._leases.update_one(
            {"_id": self._sign_of_life()},
            [{"$set": {"holder": self._holder, "replica": True, **self._until()}}],
            upsert=True,
        )
        await self._leases.delete_many(
            {"replica": True, "$expr": {"$lt": ["$until", self._long_ago()]}}
        )

    def _sign_of_life(self) -> str:
        return f"replica {self._holder}"

    def _until(self) -> Document:
        return {"until": {"$add": ["$$NOW", self._milliseconds]}}

    def _long_ago(self) -> Document:
        return {"$subtract": ["$$NOW", FORGET_AFTER * self._milliseconds]}


_LIVE = {"$gt": ["$until", "$$NOW"]}


def _standing(found: list[Document], holder: str) -> Standing:
    lanes = [one for one in found if not one.get("replica")]
    replicas = [one for one in found if one.get("replica")]
    return Standing(
        mine={
            one["_id"]: Lease(one["_id"], holder, one["epoch"])
            for one in lanes
            if one["holder"] == holder
        },
        free=frozenset(one["_id"] for one in lanes if not one["live"]),
        replicas=sum(one["live"] for one in replicas),
    )
