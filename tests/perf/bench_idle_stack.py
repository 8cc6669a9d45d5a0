"""What a hub of containers uses while nobody calls: `python -m tests.perf.bench_idle_stack`.

It brings one up, lets it rest, and measures the CPU time of each container over a quiet while, and
that of the engine, which starts a process for each health check, as shares of one core.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from testcontainers.core.docker_client import DockerClient

from tests.compose.stack import BASE, DEMO, Stack, a_stack

TICKS = os.sysconf("SC_CLK_TCK")
ENGINE = ("dockerd", "containerd", "docker-proxy")

Used = dict[str, float]


def of_containers(stack: Stack) -> Used:
    """Seconds of CPU that each container has used."""
    api: Any = DockerClient().client.api
    ours = api.containers(filters={"label": f"com.docker.compose.project={stack.name}"})
    return {one["Labels"]["com.docker.compose.service"]: _used(api, one["Id"]) for one in ours}


def _used(api: Any, container: str) -> float:
    stats = api.stats(container, stream=False, one_shot=True)
    return float(stats["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9


def of_engine() -> float:
    """Seconds of CPU that the engine of this machine has used, with all that it started."""
    return sum(_of_process(one) for one in Path("/proc").glob("[0-9]*"))


def _of_process(folder: Path) -> float:
    try:
        if not (folder / "comm").read_text().startswith(ENGINE):
            return 0.0
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def used(stack: Stack) -> Used:
    """Seconds of CPU by container, and the engine's."""
    return of_containers(stack) | {"engine": of_engine()}


def measure(stack: Stack, rest: float, seconds: float) -> Used:
    """Percent of a core over so many seconds, after a rest."""
    time.sleep(rest)
    before, began = used(stack), time.monotonic()
    time.sleep(seconds)
    after, passed = used(stack), time.monotonic() - began
    return {name: 100 * (after[name] - before[name]) / passed for name in before}


def main(
    rest: Annotated[float, typer.Option(help="seconds before it is looked at")] = 60,
    seconds: Annotated[float, typer.Option(help="length of the quiet while")] = 60,
) -> None:
    """Print the table; it is about a machine on which the engine has nothing else to do."""
    stack = replace(a_stack("idle"), files=(BASE, DEMO))
    try:
        stack.up()
        found = measure(stack, rest, seconds)
    finally:
        stack.down()
    table = Table("what", "% of a core", title=f"{seconds:.0f} s, nobody calling")
    for name, share in sorted(found.items(), key=lambda one: -one[1]):
        table.add_row(name, f"{share:.2f}")
    table.add_row("all", f"{sum(found.values()):.2f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
