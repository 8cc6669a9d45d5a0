"""The clocks that live in the database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from kernel import devclock
from kernel.clock import ClockNeverGoesBack
from kernel.devclock import DatabaseClock, DevClock
from kernel.mongo import connect
from rjhub.child import free_port
from tests.adapters.clock_suite import DistantClockSuite

Database = AsyncDatabase[dict[str, Any]]
SOON = timedelta(seconds=20)
A_WEEK = timedelta(weeks=1)


@pytest.fixture
async def clocks(mongo_url: str, database: str) -> AsyncIterator[Database]:
    async with connect(mongo_url) as client:
        yield client[database]


@pytest.fixture
async def nowhere(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(devclock, "SECONDS", 0.2)
    url = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0"
    async with connect(url, serverSelectionTimeoutMS=200) as client:
        yield client["away"]


class TestDatabaseClock(DistantClockSuite):
    @pytest.fixture
    def clock(self, clocks: Database) -> DatabaseClock:
        return DatabaseClock(clocks)

    @pytest.fixture
    def away(self, nowhere: Database) -> DatabaseClock:
        return DatabaseClock(nowhere)


class TestDevClock(DistantClockSuite):
    @pytest.fixture
    def clock(self, clocks: Database) -> DevClock:
        return DevClock(clocks)

    @pytest.fixture
    def away(self, nowhere: Database) -> DevClock:
        return DevClock(nowhere)


async def test_the_database_shows_real_time(clocks: Database) -> None:
    assert abs(await DatabaseClock(clocks).now() - datetime.now(UTC)) < SOON


async def test_a_clock_never_moved_shows_real_time(clocks: Database) -> None:
    assert abs(await DevClock(clocks).now() - datetime.now(UTC)) < SOON


async def test_a_moved_clock_stands_there_for_every_service(clocks: Database) -> None:
    there = datetime.now(UTC) + A_WEEK
    await DevClock(clocks).move(there)
    assert timedelta(milliseconds=-1) <= await DevClock(clocks).now() - there < SOON


async def test_a_move_is_noticed_by_whoever_watches(clocks: Database) -> None:
    watched = DevClock(clocks)
    await watched.moved(5)
    noticing = asyncio.create_task(watched.moved(3600))
    await DevClock(clocks).move(datetime.now(UTC) + A_WEEK)
    await asyncio.wait_for(noticing, 4)
    await asyncio.wait_for(watched.moved(0.1), 10)


async def test_watching_a_clock_without_its_database_ends_in_time(nowhere: Database) -> None:
    await asyncio.wait_for(DevClock(nowhere).moved(0.1), 5)


async def test_time_flows_on_after_a_move(clocks: Database) -> None:
    clock = DevClock(clocks)
    await clock.move(datetime.now(UTC) + A_WEEK)
    before = await clock.now()
    await asyncio.sleep(0.005)
    assert await clock.now() > before


async def test_a_move_back_is_refused_and_says_where_the_clock_stands(clocks: Database) -> None:
    clock = DevClock(clocks)
    there = datetime.now(UTC) + A_WEEK
    await clock.move(there)
    with pytest.raises(ClockNeverGoesBack, match=f"stands at {there:%Y-%m-%dT%H}.*never goes back"):
        await clock.move(there - timedelta(days=1))
    assert await clock.now() >= there - timedelta(milliseconds=1)


async def test_a_clock_never_moved_does_not_go_behind_real_time(clocks: Database) -> None:
    with pytest.raises(ClockNeverGoesBack):
        await DevClock(clocks).move(datetime.now(UTC) - timedelta(days=1))


async def test_of_many_moves_at_once_the_furthest_stands(clocks: Database) -> None:
    clock, start = DevClock(clocks), datetime.now(UTC)
    moves = [clock.move(start + timedelta(days=n)) for n in (3, 9, 1, 7, 5)]
    await asyncio.gather(*moves, return_exceptions=True)
    assert abs(await clock.now() - start - timedelta(days=9)) < SOON
