"""A process with one policy, for tests that kill it: `process_child <mongo> <database> [nth]`."""

from __future__ import annotations

import asyncio
import sys

from kernel import crash
from kernel.mongo import connect
from kernel.project.mongo import MongoDocuments
from kernel.project.motor import ReadModels
from kernel.store.mongo import MongoCommits
from tests.process_world import World, rung


async def main(url: str, database: str, nth: int) -> None:
    """Fold three events, send what they ask for, and die at the nth send if one is named."""
    crash.set_hook(crash.kill_at("after_dispatch", nth) if nth else None)
    models = ReadModels(url, database)
    async with connect(url) as client:
        commits = MongoCommits(client[database])
        await commits.ensure_indexes()
        world = World(commits=commits, documents=MongoDocuments(models.database))
        await world.documents.prepare(world.attendants[0].projection)
        await world.tell(rung(0), rung(1), rung(2))
        print(*await world.knocks(), len(await world.envelopes()), flush=True)
    await models.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
