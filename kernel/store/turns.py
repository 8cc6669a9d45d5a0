"""Whose turn it is: work on one stream queues within the process, in the order it came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from kernel.store.port import StoreUnavailable

LONGEST_WAIT = 10.0


class Turns:
    """One holder per stream at a time, first come, first served; other streams do not wait."""

    def __init__(self, seconds: float = LONGEST_WAIT) -> None:
        self._seconds = seconds
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, stream: str) -> AsyncIterator[None]:
        """Hold the stream's turn; raises StoreUnavailable, with nothing tried, after the wait."""
        lock = self._locks.setdefault(stream, asyncio.Lock())
        try:
            async with asyncio.timeout(self._seconds):
                await lock.acquire()
        except TimeoutError:
            raise StoreUnavailable("too many commands wait for the same record") from None
        try:
            yield
        finally:
            lock.release()
