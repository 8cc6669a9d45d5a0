"""What tests share: waiting for a condition instead of sleeping."""

from __future__ import annotations

import asyncio
import inspect
import os
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")
# Every deadline is this many times as long: Apache Kafka takes longer to start and to give up.
PATIENCE = float(os.environ.get("RJHUB_TEST_PATIENCE", "1"))


@overload
async def eventually(
    check: Callable[[], Awaitable[T]], timeout: float = 10, *, every: float = 0.05
) -> T: ...


@overload
async def eventually(check: Callable[[], T], timeout: float = 10, *, every: float = 0.05) -> T: ...


async def eventually(
    check: Callable[[], T | Awaitable[T]], timeout: float = 10, *, every: float = 0.05
) -> T:
    """Call `check` until it returns something true; what it raised or returned last is shown.

    It is called often at first, and every so many seconds in the end.
    """
    deadline, pause = time.monotonic() + timeout * PATIENCE, min(0.001, every)
    while True:
        try:
            last: object = await _result(check)
            if last:
                return last  # type: ignore[return-value]  # narrowed to T by the call above
        except (AssertionError, LookupError, OSError) as failed:
            last = failed
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout * PATIENCE:g} s; last: {last!r}")
        await asyncio.sleep(pause)
        pause = min(1.5 * pause, every)


async def _result(check: Callable[[], T | Awaitable[T]]) -> T:
    result = check()
    return await result if inspect.isawaitable(result) else result
