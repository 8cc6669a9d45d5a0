"""What changes in a collection, as a change stream tells it: a bell, never a ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

Document = dict[str, Any]

LONGEST_MS = 5000
# A server that does not even say "nothing yet" is treated as one that closed the stream.
GRACE = 5.0


class Changes:
    """Only a bell: one that is missed costs time, nothing else. Without change streams, a clock."""

    def __init__(
        self,
        collection: AsyncCollection[Document],
        pipeline: Sequence[Document] = (),
        poll: float = 0.25,
    ) -> None:
        self._collection, self._pipeline = collection, list(pipeline)
        self._poll = poll
        self._stream: AsyncChangeStream[Document] | None = None

    async def next(self, timeout: float) -> list[Document] | None:
        """What just changed, if anything did in time; None when something may have been missed."""
        try:
            if self._stream is None:
                await self._open(timeout)
                return None
            async with asyncio.timeout(timeout + GRACE):
                change = await self._stream.try_next()
        except (PyMongoError, TimeoutError):
            await self.close()
            await asyncio.sleep(min(timeout, self._poll))
            return None
        return [change] if change else []

    async def _open(self, timeout: float) -> None:
        longest = min(int(timeout * 1000), LONGEST_MS)
        async with asyncio.timeout(GRACE):
            self._stream = await self._collection.watch(self._pipeline, max_await_time_ms=longest)

    async def close(self) -> None:
        """Stop listening."""
        stream, self._stream = self._stream, None
        if stream:
            with suppress(PyMongoError):
                await stream.close()
