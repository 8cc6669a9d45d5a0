"""How fast a relay drains a backlog, against one commit at a time, and what an idle one costs.

Run: .venv/bin/python -m tests.perf.bench_relay
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

import uvloop
from rich.console import Console
from rich.table import Table

from contracts.envelope import PARTITIONS
from kernel.mongo import connect
from kernel.relay import outlet
from kernel.relay.pace import Pace
from rjhub.child import free_port
from rjhub.engines import start_broker, start_mongod
from rjhub.topics import create_topics
from tests.support import eventually
from tests.support_relay import case_in, commit
from tests.support_relay_engines import EngineService, running

RUNS = 3
CASES = 20
VERSIONS = 20
ONE_BY_ONE_VERSIONS = 2
DATA = '{"note": "%s"}' % ("x" * 400)
IDLE_SECONDS = 20
SINGLES = 100


async def main() -> None:
    """Measure and print."""
    together, apart = [], []
    for _ in range(RUNS):
        together.append(await drained(VERSIONS, page=256))
        apart.append(await drained(ONE_BY_ONE_VERSIONS, page=1))
    async with engines() as service:
        latency = sorted(await one_at_a_time(service))
        idle = await idle_share(service)
    table = Table("what", "value", title="Relay, one process, 16 lanes, medians")
    table.add_row("backlog drained, commits/s", f"{median(together):,.0f}")
    table.add_row("one commit a batch, commits/s", f"{median(apart):,.0f}")
    table.add_row("ratio", f"{median(together) / median(apart):.1f}")
    table.add_row("append to settled, p50", f"{median(latency) * 1000:.1f} ms")
    table.add_row("append to settled, p99", f"{latency[-2] * 1000:.1f} ms")
    table.add_row("idle, share of a core", f"{idle:.2%}")
    Console().print(table)


@asynccontextmanager
async def engines() -> AsyncIterator[EngineService]:
    """A new database and a new broker."""
    with tempfile.TemporaryDirectory() as folder:
        mongod = start_mongod(Path(folder) / "data", free_port())
        broker = start_broker(free_port())
        create_topics(broker.url)
        client = connect(mongod.url)
        service = EngineService(client["bench"], broker.url)
        await service.commits.ensure_indexes()
        try:
            yield service
        finally:
            await service.close()
            await client.close()
            mongod.kill()
            broker.kill()


async def drained(versions: int, page: int) -> float:
    """Commits per second from a standing backlog to an empty one."""
    cases = [case_in(lane, nth) for lane in range(PARTITIONS) for nth in range(CASES)]
    async with engines() as service:
        for version in range(1, versions + 1):
            await service.add(*(commit(case, version, data=DATA) for case in cases))
        with patch.object(outlet, "PAGE", page):
            began = time.perf_counter()
            async with running(service.relay(pace=Pace())):
                await eventually(lambda: _none_left(service), 600)
                return versions * len(cases) / (time.perf_counter() - began)


async def one_at_a_time(service: EngineService) -> list[float]:
    """Seconds from the append of a single commit until it is settled."""
    taken = []
    async with running(service.relay(pace=Pace())):
        case = case_in(3, CASES)
        for version in range(1, SINGLES + 1):
            began = time.perf_counter()
            await service.add(commit(case, version, data=DATA))
            await eventually(lambda: _none_left(service), every=0.001)
            taken.append(time.perf_counter() - began)
    return taken[1:]


async def idle_share(service: EngineService) -> float:
    """Share of a core that this process uses while nothing happens."""
    async with running(service.relay(pace=Pace())):
        await asyncio.sleep(3)
        before, began = _used(), time.perf_counter()
        await asyncio.sleep(IDLE_SECONDS)
        return (_used() - before) / (time.perf_counter() - began)


async def _none_left(service: EngineService) -> bool:
    return not await service.pending()


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    uvloop.run(main())
