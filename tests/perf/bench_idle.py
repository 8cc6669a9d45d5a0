"""What a hub uses while nobody calls: `python -m tests.perf.bench_idle --cases 300`.

CPU time of each process over a quiet while, as a share of a core, with cases in the store; and the
time from a command to its report, one command after the other and as the first after each quiet
while. The embedded broker answers a waiting fetch late, so the first one shows that too.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from rjhub.addresses import SERVICES
from tests.support import eventually
from tests.support_casework import Desk
from tests.support_hub import Hub, start
from tests.support_load import one_case

CALLERS = 4
IN_A_ROW = 30
# Consumers slow down after ten quiet seconds.
REST_SECONDS = 15.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Found:
    """Shares of a core by process, one per quiet while, and milliseconds to the report."""

    shares: dict[str, list[float]] = field(default_factory=dict)
    in_a_row: list[float] = field(default_factory=list)
    after_rest: list[float] = field(default_factory=list)


def used(pid: int) -> float:
    """Seconds of CPU that a process has used, its own and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def quiet(hub: Hub, seconds: float) -> dict[str, float]:
    """Share of a core that each process uses, in percent."""
    pids = {"rjhub": hub.process.pid} | {name: hub.pid(name) for name in hub.children}
    before, began = {name: used(pid) for name, pid in pids.items()}, time.monotonic()
    await asyncio.sleep(seconds)
    passed = time.monotonic() - began
    return {name: 100 * (used(pid) - before[name]) / passed for name, pid in pids.items()}


async def to_report(desk: Desk) -> float:
    """Milliseconds from a command until its report is read."""
    began = time.perf_counter()
    case = await desk.refer()
    await case.ask()
    return 1000 * (time.perf_counter() - began)


async def load(desk: Desk, cases: int) -> None:
    """So many cases, a few at a time."""
    left = iter(range(cases))

    async def caller() -> None:
        for _ in left:
            await one_case(desk)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


async def settled(desk: Desk) -> bool:
    """Whether every service has published and folded everything."""
    async with httpx.AsyncClient() as http:
        shown = [await http.get(f"{desk.file.services[one]}/metrics") for one in SERVICES]
    return not any(_waiting(one.text) for one in shown)


def _waiting(metrics: str) -> float:
    named = ("rjhub_outbox_commits ", "rjhub_consumer_lag_events{")
    lines = [one for one in metrics.splitlines() if one.startswith(named)]
    return sum(float(one.rpartition(" ")[2]) for one in lines)


async def measure(hub: Hub, cases: int, seconds: float, runs: int) -> Found:
    """Load, let everything settle, and look on."""
    await hub.ready()
    desk, found = Desk(hub.file), Found()
    await load(desk, cases)
    await eventually(lambda: settled(desk), 60, every=0.2)
    found.in_a_row = [await to_report(desk) for _ in range(IN_A_ROW)]
    for _ in range(runs):
        await asyncio.sleep(REST_SECONDS)
        for name, share in (await quiet(hub, seconds)).items():
            found.shares.setdefault(name, []).append(share)
        found.after_rest.append(await to_report(desk))
    await desk.http.aclose()
    return found


def show(found: Found, title: str) -> None:
    """Print the medians, and from where to where they went."""
    table = Table("what", "median", "from", "to", title=title)
    rows = {f"{name}, % of a core": some for name, some in found.shares.items()}
    rows["command to report, in a row, ms"] = found.in_a_row
    rows["command to report, after a rest, ms"] = found.after_rest
    for name, some in rows.items():
        table.add_row(name, *(f"{one:.2f}" for one in (median(some), min(some), max(some))))
    Console().print(table)


def main(
    cases: Annotated[int, typer.Option(help="cases in the store, seven commands each")] = 300,
    seconds: Annotated[float, typer.Option(help="length of a quiet while")] = 30,
    runs: Annotated[int, typer.Option(help="quiet whiles")] = 3,
) -> None:
    """Print the table."""
    with TemporaryDirectory() as folder:
        hub = start(Path(folder) / "hub", output=Path(folder) / "output")
        try:
            found = asyncio.run(measure(hub, cases, seconds, runs))
        finally:
            hub.end()
    show(found, f"{cases} cases, {runs} times {seconds:.0f} s")


if __name__ == "__main__":
    typer.run(main)
