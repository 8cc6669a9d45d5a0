"""Tasks are ended for sure, also where a driver loses a cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

AGAIN_SECONDS = 0.1


async def ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel them until all have ended.

    `asyncio.wait_for` of Python 3.11, which drivers use, drops a cancellation that comes as what
    it waits for is done: a task that is cancelled once may go on for ever.
    """
    while left := [one for one in tasks if not one.done()]:
        for one in left:
            one.cancel()
        await asyncio.wait(left, timeout=AGAIN_SECONDS)
