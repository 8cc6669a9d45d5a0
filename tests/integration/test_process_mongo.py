"""Policies and timers on a real database, with either driver of the read models."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel.clock import EarlierOf, FixedClock, SystemClock
from kernel.devclock import DatabaseClock, DevClock
from kernel.mongo import connect
from kernel.process.refusals import refusals, try_again
from kernel.project.mongo import MongoDocuments
from kernel.project.motor import Driver, ReadModels
from kernel.store.mongo import MongoCommits
from kernel.testing.spec import CASE, NOW, an_id
from tests.process_world import A_DAY, PORTER, World, rung
from tests.support import eventually

DRIVERS: tuple[Driver, ...] = ("motor", "pymongo")


@pytest.fixture(params=DRIVERS)
async def world(request: Any, mongo_url: str, database: str) -> AsyncIterator[World]:
    models = ReadModels(mongo_url, database, request.param)
    async with connect(mongo_url) as client:
        commits = MongoCommits(client[database])
        await commits.ensure_indexes()
        world = World(commits=commits, documents=MongoDocuments(models.database))
        await world.documents.prepare(world.attendants[0].projection)
        yield world
    await models.close()


async def test_an_event_becomes_a_command_and_the_document_is_left_empty(world: World) -> None:
    await world.tell(rung(0), rung(1))
    assert await world.knocks() == (0, 1)
    assert (await world.agenda()).todo == ()


async def test_a_restarted_process_finds_what_is_left_to_send(world: World) -> None:
    await world.fold(rung(0), rung(1))
    heir = world.restarted()
    await heir.loop.settle()
    assert await heir.knocks() == (0, 1)


async def test_refusals_are_listed_and_tried_again(world: World) -> None:
    await world.tell(rung(0), rung(13, 2))
    (listed,) = await refusals(world.documents, PORTER)
    assert [one.reason for one in listed.refusals] == ["refused"]
    assert await try_again(world.documents, PORTER, CASE) == 1
    assert await refusals(world.documents, PORTER) == []


async def test_a_timer_fires_after_a_restart(world: World) -> None:
    await world.tell(rung(0))
    heir = world.restarted(clock=FixedClock(NOW + A_DAY))
    await heir.loop.settle()
    await heir.loop.settle()
    assert await heir.knocks() == (0, 1001)


async def test_two_processes_fire_a_timer_once(world: World) -> None:
    await world.tell(rung(0))
    heirs = [world.restarted(clock=FixedClock(NOW + A_DAY)) for _ in range(3)]
    await asyncio.gather(*(one.loop.settle() for one in heirs))
    assert await world.knocks() == (0, 1001)


async def test_a_timer_obeys_the_machine_and_the_database(
    world: World, mongo_url: str, database: str
) -> None:
    async with connect(mongo_url) as client:
        ahead = FixedClock(datetime.now(UTC) + timedelta(days=365))
        for clock in (ahead, SystemClock()):
            both = EarlierOf(clock, DatabaseClock(client[database]))
            await world.restarted(clock=both).tell(rung(0, at=datetime.now(UTC)))
            assert await world.knocks() == (0,)
        await world.restarted(clock=EarlierOf(ahead, ahead)).loop.settle()
        assert await world.knocks() == (0, 1001)


async def test_moving_the_development_clock_fires_what_it_passes(
    world: World, mongo_url: str, database: str
) -> None:
    async with connect(mongo_url) as client:
        clock = DevClock(client[database])
        alive = world.restarted(clock=clock)
        await alive.tell(rung(0, at=datetime.now(UTC)))
        assert await alive.knocks() == (0,)
        await clock.move(datetime.now(UTC) + 2 * A_DAY)
        await alive.loop.settle()
        assert await alive.knocks() == (0, 1001)


async def test_a_sweep_reads_no_document_that_is_not_due(
    world: World, mongo_url: str, database: str
) -> None:
    await world.tell(*(rung(0, subject=an_id(f"case {n}")) for n in range(50)))
    where = {"wake_at": {"$lte": NOW}}
    async with connect(mongo_url) as client:
        found = client[database][world.attendants[0].projection.view].find(where).sort("_id", 1)
        said = await found.limit(500).explain()
    assert said["executionStats"]["totalDocsExamined"] == 0
    assert await world.attendants[0].due(NOW) == []


async def test_a_running_loop_sends_what_is_folded(world: World) -> None:
    task = asyncio.create_task(world.loop.run())

    async def knocked() -> bool:
        return await world.knocks() == (0, 1)

    await world.fold(rung(0), rung(1))
    await eventually(knocked)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
