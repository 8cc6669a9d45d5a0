"""Events per second from the log into documents, against one update per event.

    python -m tests.perf.bench_fold --events 60000 --per-case 30

Real broker, real database, one consumer process. `near` has the events of a case close to each
other, `scattered` has them far apart, so that nearly every event is a document of its own batch.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from contracts.envelope import Recorded
from kernel.consume.consumer import Consumer
from kernel.project.motor import ReadModels
from kernel.project.port import Body
from rjhub.child import free_port
from rjhub.engines import start_broker, start_mongod
from rjhub.topics import create_topics
from tests.support_folds import step, walk
from tests.support_kafka import Reading, publisher

NEAR = 40


def history(events: int, per_case: int, *, near: bool) -> list[Recorded]:
    """The events of many cases, one stream each, interleaved near or far."""
    cases = events // per_case
    places = [(n // per_case, n % per_case + 1) for n in range(cases * per_case)]
    width = NEAR * per_case if near else len(places)
    chance = random.Random(1)
    ordered: list[tuple[int, int]] = []
    for start in range(0, len(places), width):
        window = places[start : start + width]
        cases_of = [case for case, _ in window]
        chance.shuffle(cases_of)
        heads: dict[int, int] = {}
        for case in cases_of:
            heads[case] = heads.get(case, 0) + 1
            ordered.append((case, heads[case]))
    return [step(version, who=UUID(int=case)) for case, version in ordered]


def count(body: Body, one: Recorded) -> Body:
    """A small fold: a counter and the last ten steps."""
    return {
        "steps": body.get("steps", 0) + 1,
        "last": [*body.get("last", [])[-9:], one.envelope.version],
        "at": one.envelope.recorded_at.isoformat(),
    }


async def measure(mongo_url: str, events: Sequence[Recorded], name: str, driver: str) -> float:
    """Events per second from a full log to documents and positions."""
    broker = start_broker(free_port())
    try:
        create_topics(broker.url)
        async with publisher(broker.url) as publish:
            for start in range(0, len(events), 2000):
                await publish.publish(*events[start : start + 2000])
        models = ReadModels(mongo_url, name, "pymongo" if driver == "pymongo" else "motor")
        reading = Reading(models, broker.url, walk(count))
        consumer = reading.consumer()
        running = asyncio.create_task(consumer.run())
        seconds = await _until_level(consumer, len(events))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await reading.reader.close()
        await models.close()
        return len(events) / seconds
    finally:
        broker.kill()


async def _until_level(consumer: Consumer, events: int) -> float:
    """From the first fold to the last."""
    began = 0.0
    while True:
        await asyncio.sleep(0.01)
        done = sum(seat.done for seat in consumer.runner.seats.values())
        began = began or (time.monotonic() if done else 0.0)
        if done >= events:
            return time.monotonic() - began


async def one_by_one(mongo_url: str, events: Sequence[Recorded]) -> float:
    """The usual way: one guarded update for each event, nothing else to do."""
    models = ReadModels(mongo_url, "one_by_one")
    view = models.database["walk"]
    began = time.monotonic()
    for one in events:
        stream = f"_w.{one.envelope.stream}"
        guard = {"_id": one.envelope.subject, stream: {"$not": {"$gte": one.envelope.version}}}
        change = {"$set": {stream: one.envelope.version}, "$inc": {"steps": 1}}
        await view.update_one(guard, change, upsert=True)
    seconds = time.monotonic() - began
    await models.close()
    return len(events) / seconds


Row = tuple[str, float]


async def compare(events: int, per_case: int) -> list[Row]:
    """Events per second each way, the way to compare with first."""
    with tempfile.TemporaryDirectory() as folder:
        mongod = start_mongod(Path(folder) / "data", free_port())
        try:
            few = history(min(events, 4000), per_case, near=True)
            rows = [("one update per event", await one_by_one(mongod.url, few))]
            for kind, driver in (("near", "motor"), ("near", "pymongo"), ("scattered", "motor")):
                found = history(events, per_case, near=kind == "near")
                rate = await measure(mongod.url, found, f"{kind}_{driver}", driver)
                rows.append((f"log, fold, documents: {kind}, {driver}", rate))
            return rows
        finally:
            mongod.kill()


def main(
    events: Annotated[int, typer.Option(help="events on the log")] = 60_000,
    per_case: Annotated[int, typer.Option(help="events of each case")] = 30,
) -> None:
    """Print the table."""
    rows = asyncio.run(compare(events, per_case))
    table = Table("way", "events/s", "ratio", title=f"{events} events, {per_case} per case")
    for name, rate in rows:
        table.add_row(name, f"{rate:,.0f}", f"{rate / rows[0][1]:.1f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
