"""Durable appends per second, gathered against one by one: `python -m tests.perf.bench_append`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Annotated
from uuid import UUID, uuid4

import typer
from rich.console import Console
from rich.table import Table

from kernel.mongo import connect
from kernel.store.gather import EventStore
from kernel.store.mongo import MongoCommits
from kernel.store.port import Commit
from rjhub.child import free_port
from rjhub.engines import start_mongod
from tests.adapters.commits import a_commit, an_event

DATA = '{"participants":["' + '","'.join(str(UUID(int=n)) for n in range(8)) + '"]}'

Append = Callable[[Commit], Awaitable[object]]


@dataclass
class Run:
    """What one run gave: appends per second, and milliseconds per append."""

    rate: float
    p50: float
    p99: float


async def measure(append: Append, writers: int, appends: int) -> Run:
    """All writers at once, each on a stream of its own, until all appends are durable."""
    taken: list[float] = []

    async def writer() -> None:
        subject = uuid4()
        for version in range(1, appends // writers + 1):
            began = time.perf_counter()
            await append(a_commit(subject, version, events=(an_event(DATA),)))
            taken.append(1000 * (time.perf_counter() - began))

    began = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(writers)))
    rate = len(taken) / (time.perf_counter() - began)
    cuts = quantiles(taken, n=100)
    return Run(rate, cuts[49], cuts[98])


async def compare(url: str, writers: int, appends: int, runs: int) -> dict[str, list[Run]]:
    """Alternate both ways in one process, after a short run of each to warm up."""
    async with connect(url) as client:
        commits = MongoCommits(client["bench"])
        await commits.ensure_indexes()
        gathered = EventStore(commits).append

        async def single(commit: Commit) -> None:
            await commits.insert([commit])

        ways: dict[str, Append] = {"one by one": single, "gathered": gathered}
        for append in ways.values():
            await measure(append, writers, appends // 4)
        found: dict[str, list[Run]] = {name: [] for name in ways}
        for _ in range(runs):
            for name, append in ways.items():
                found[name].append(await measure(append, writers, appends))
        return found


def show(found: dict[str, list[Run]], title: str) -> None:
    """The medians of all runs, and the ratio of the rates."""
    table = Table("appends", "per second", "p50 ms", "p99 ms", title=title)
    rates = {name: median(run.rate for run in runs) for name, runs in found.items()}
    for name, runs in found.items():
        p50, p99 = median(run.p50 for run in runs), median(run.p99 for run in runs)
        table.add_row(name, f"{rates[name]:,.0f}", f"{p50:.1f}", f"{p99:.1f}")
    table.caption = f"gathered is {rates['gathered'] / rates['one by one']:.1f} times one by one"
    Console().print(table)


def main(
    writers: Annotated[int, typer.Option(min=1)] = 64,
    appends: Annotated[int, typer.Option(min=1000)] = 4000,
    runs: Annotated[int, typer.Option(min=1)] = 5,
) -> None:
    """Compare on a database of its own, which is thrown away."""
    with TemporaryDirectory() as folder:
        engine = start_mongod(Path(folder) / "data", free_port())
        try:
            found = asyncio.run(compare(engine.url, writers, appends, runs))
        finally:
            engine.kill()
    show(found, f"{writers} writers, {appends} appends a run, median of {runs} alternated runs")


if __name__ == "__main__":
    typer.run(main)
