"""A consumer as a process of its own, to be killed, paused and started again."""

from __future__ import annotations

import asyncio
import sys
from functools import partial

from kernel import crash
from kernel.project.motor import ReadModels
from tests.support_kafka import Reading


async def consume(mongo_url: str, database: str, bootstrap: str, group: str) -> None:
    """Run one consumer until the end of the process."""
    reading = Reading(ReadModels(mongo_url, database), bootstrap, group=group)
    await reading.consumer().run()


def main() -> None:
    """Arguments: MongoDB, database, broker, group, and a crash point with its nth time."""
    *where, point, nth = sys.argv[1:]
    if point in crash.POINTS:
        crash.set_hook(crash.kill_at(point, int(nth)))
    asyncio.run(partial(consume, *where)())


if __name__ == "__main__":
    main()
