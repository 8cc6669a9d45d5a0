"""A relay in a process of its own, for tests that kill or stop it."""

from __future__ import annotations

import asyncio
import os
import sys

from kernel import crash
from kernel.mongo import connect
from tests.support_relay_engines import EngineService


async def main(mongo_url: str, database: str, kafka: str) -> None:
    """Relay until killed."""
    client = connect(mongo_url)
    service = EngineService(client[database], kafka)
    await service.relay(f"child {os.getpid()}").run()


if __name__ == "__main__":
    if len(sys.argv) == 6:
        crash.set_hook(crash.kill_at(sys.argv[4], int(sys.argv[5])))  # type: ignore[arg-type]
    asyncio.run(main(*sys.argv[1:4]))
