"""The database's clock, and the development clock that all services share in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pymongo
from bson import CodecOptions
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from kernel.changes import Changes
from kernel.clock import ClockNeverGoesBack
from kernel.store.port import StoreUnavailable

SECONDS = 5.0
AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)
THE_CLOCK = {"_id": "clock"}
HERE = {"$add": ["$$NOW", {"$ifNull": ["$ahead_ms", 0]}]}


class DatabaseClock:
    """The clock of the primary, which leases and timers obey besides the machine's own."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._database = database

    async def now(self) -> datetime:
        """The primary's time, in UTC; raises StoreUnavailable."""
        with _answering():
            hello = await self._database.command("hello", codec_options=AWARE)
        return _moment(hello["localTime"])


class DevClock:
    """A clock in the database `<prefix>_clock`, shared by all services and read at every use.

    One document keeps how far it stands ahead of the database's clock: never moved, it shows
    real time, and time flows on from wherever it was moved to. Only for `RJHUB_DEV=1`.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._clock = database.get_collection("clock", codec_options=AWARE)
        self._real = DatabaseClock(database)
        self._moves = Changes(self._clock)

    async def now(self) -> datetime:
        """What time it is for every service; raises StoreUnavailable."""
        with _answering():
            found = await self._clock.find_one(THE_CLOCK, {"now": HERE})
            if not found:
                await self._set_up()
        return _moment(found["now"]) if found else await self._real.now()

    async def move(self, to: datetime) -> None:
        """Move forwards for all services at once; raises ClockNeverGoesBack, StoreUnavailable."""
        with _answering():
            await self._set_up()
            moved = await self._clock.update_one(
                {**THE_CLOCK, "$expr": {"$lte": [HERE, to]}},
                [{"$set": {"ahead_ms": {"$subtract": [to, "$$NOW"]}}}],
            )
        if not moved.matched_count:
            raise ClockNeverGoesBack(await self.now(), to)

    async def moved(self, within: float) -> None:
        """Return once it may have been moved, by whomever, or after so long; it never raises."""
        await self._moves.next(within)

    async def _set_up(self) -> None:
        """From then on it is read in one question."""
        await self._clock.update_one(THE_CLOCK, {"$setOnInsert": {"ahead_ms": 0}}, upsert=True)


def _moment(value: datetime) -> datetime:
    return value.astimezone(UTC)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        with pymongo.timeout(SECONDS):
            yield
    except PyMongoError as wrong:
        raise StoreUnavailable(f"MongoDB does not answer: {type(wrong).__name__}") from wrong
