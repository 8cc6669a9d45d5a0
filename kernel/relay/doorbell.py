"""The outbox's doorbell: a change stream that says where a commit was inserted."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from kernel.log import Partition

Document = dict[str, Any]

LONGEST_MS = 5000
# A server that does not even say "nothing yet" is treated as one that closed the stream.
GRACE = 5.0
WHERE: list[Document] = [
    {"$match": {"operationType": "insert"}},
    {"$project": {"fullDocument.topic": 1, "fullDocument.lane": 1}},
]


class Doorbell:
    """Only a bell: a missed ring costs time, never a commit. Without change streams, a clock."""

    def __init__(self, commits: AsyncCollection[Document], poll: float = 0.25) -> None:
        self._commits = commits
        self._poll = poll
        self._stream: AsyncChangeStream[Document] | None = None

    async def rung(self, timeout: float) -> set[Partition] | None:
        """Where a commit was just inserted; None when one may have been missed."""
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
        return {_where(change)} if change else set()

    async def _open(self, timeout: float) -> None:
        longest = min(int(timeout * 1000), LONGEST_MS)
        async with asyncio.timeout(GRACE):
            self._stream = await self._commits.watch(WHERE, max_await_time_ms=longest)

    async def close(self) -> None:
        """Stop listening."""
        stream, self._stream = self._stream, None
        if stream:
            with suppress(PyMongoError):
                await stream.close()


def _where(change: Document) -> Partition:
    inserted = change["fullDocument"]
    return Partition(inserted["topic"], inserted["lane"])
