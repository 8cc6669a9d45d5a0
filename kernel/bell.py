"""A bell in the database: rung by one process, heard by all that wait, in whatever process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from pymongo import CursorType
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

Document = dict[str, Any]

LONGEST_MS = 5000
# A server that does not even say "nothing yet" is treated as one that closed the cursor.
GRACE = 5.0
POLL_SECONDS = 0.25
KEPT_BYTES = 4096
EXISTS = 48


class Bell:
    """One ring that is missed costs time, nothing else.

    A capped collection, of which the server keeps the last rings and wakes who reads at its end.
    A change stream would do the same, but each of them looks at every write of the whole database.
    """

    def __init__(self, rings: AsyncCollection[Document]) -> None:
        # Who waits for what a majority has is not woken, and is not told later either.
        self._rings = rings.with_options(read_concern=ReadConcern("local"))
        self._end: AsyncCursor[Document] | None = None

    async def ring(self) -> None:
        """Wake all who wait; raises PyMongoError."""
        await self._hang_up()
        await self._rings.insert_one({})

    async def heard(self, within: float) -> None:
        """Return once it may have been rung, or after so long; it never raises."""
        try:
            async with asyncio.timeout(min(within, LONGEST_MS / 1000) + GRACE):
                end = self._end = self._end or await self._at_the_end(within)
                with suppress(StopAsyncIteration):
                    await end.next()
            if end.alive:
                return
        except (PyMongoError, TimeoutError):
            pass
        await self._leave()
        await asyncio.sleep(min(within, POLL_SECONDS))

    async def _at_the_end(self, within: float) -> AsyncCursor[Document]:
        """The last rings are told at first: whoever begins to wait may have missed one."""
        await self._hang_up()
        end = self._rings.find(cursor_type=CursorType.TAILABLE_AWAIT)
        return end.max_await_time_ms(min(int(within * 1000), LONGEST_MS))

    async def _hang_up(self) -> None:
        """Whoever reads at the end of a collection that is empty, or of none, is sent away."""
        try:
            await self._rings.database.create_collection(
                self._rings.name, check_exists=False, capped=True, size=KEPT_BYTES
            )
        except OperationFailure as wrong:
            if wrong.code != EXISTS:
                raise
        else:
            await self._rings.insert_one({})

    async def _leave(self) -> None:
        end, self._end = self._end, None
        if end:
            with suppress(PyMongoError):
                await end.close()
