"""The disk of an engine is full: its hub says so, and goes on by itself once there is room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from rjhub.client import Client
from rjhub.leftovers import end_leftovers
from rjhub.organisations import POLICE
from tests.engines import chosen
from tests.support import PATIENCE, eventually
from tests.support_casework import REFERRAL
from tests.support_checker import Checker
from tests.support_disk import Disk, small_disk
from tests.support_hub import Hub, start
from tests.support_load import Steadfast, casework
from tests.support_whole import is_not_now, timed

pytestmark = pytest.mark.timeout(300)  # under 50 s each on two cores that nobody else uses

# The journal's files are made beforehand, a hundred megabytes each.
DATABASE_MB, BROKER_MB = 500, 60
A_WHILE = 60


@dataclass
class OnSmallDisk:
    """A hub, one of whose engines keeps its data on a disk that can be filled."""

    hub: Hub
    disk: Disk
    desk: Steadfast

    async def goes_on_until_it_ended(self, name: str, pid: int) -> None:
        """People work on; the hub begins an engine that ended again and again."""
        async with asyncio.timeout(A_WHILE * PATIENCE):
            while not self.hub.has_another(name, pid):
                case = await self.desk.refer()
                await case.accept()

    async def has_ended_for_want_of_room(self, pid: int) -> bool:
        """Whether the database that this was has tried to write, and ended."""
        await asyncio.to_thread(write_to_disk, self.hub.file.mongo)
        return self.hub.has_another("mongod", pid)

    async def is_sound(self) -> None:
        """Nothing that was answered is lost, doubled or out of order."""
        checker = Checker(self.hub.file.mongo, self.hub.file.kafka, self.desk.answers)
        await eventually(checker.is_sound, A_WHILE, every=0.5)


@asynccontextmanager
async def hub_on(folder: Path, engine: str, megabytes: int) -> AsyncIterator[OnSmallDisk]:
    """A hub with the folder of this engine on a small disk."""
    hub_folder = folder / ".rjhub"
    with small_disk(hub_folder / "data" / engine, megabytes) as disk:
        hub = start(hub_folder, "--min-free-mb", "0")
        await hub.ready()
        desk = Steadfast(hub.file)
        try:
            yield OnSmallDisk(hub, disk, desk)
        finally:
            disk.make_room()
            await desk.http.aclose()
            hub.end()
            end_leftovers(hub.folder / "children.json")


def write_to_disk(mongo: str) -> None:
    """What the database has in its journal it writes to its files now, not within a minute."""
    with (
        suppress(PyMongoError),
        MongoClient[dict[str, Any]](mongo, serverSelectionTimeoutMS=500) as client,
    ):
        client.admin.command("fsync")


async def test_with_a_full_disk_the_database_stops_and_then_goes_on_by_itself(
    tmp_path: Path,
) -> None:
    async with hub_on(tmp_path, "mongod", DATABASE_MB) as it:
        async with casework(it.desk):
            await it.desk.more(10)
            pid = it.hub.pid("mongod")
            it.disk.fill()
            await eventually(partial(it.has_ended_for_want_of_room, pid), A_WHILE)
            refused = await tried_once(it)
            assert is_not_now(refused), refused.text
            it.disk.make_room()
            with timed("commands are answered again once the database has room"):
                await it.desk.more(1, A_WHILE)
            await it.desk.more(20, A_WHILE)
        await it.is_sound()


@pytest.mark.skipif(chosen.EMBEDDED, reason="the embedded broker keeps its log in memory")
async def test_with_a_full_disk_the_broker_stops_and_then_gets_what_was_accepted_meanwhile(
    tmp_path: Path,
) -> None:
    async with hub_on(tmp_path, "broker", BROKER_MB) as it:
        await it.desk.refer()
        await it.is_sound()
        pid = it.hub.pid("broker")
        it.disk.fill()
        before = len(it.desk.answers)
        await it.goes_on_until_it_ended("broker", pid)
        assert len(it.desk.answers) > before
        it.disk.make_room()
        with timed("all is published and folded once the broker has room"):
            await it.is_sound()


async def tried_once(it: OnSmallDisk) -> httpx.Response:
    """The answer to a command that nobody repeats."""
    async with httpx.AsyncClient(timeout=20) as http:
        once = Client(it.hub.file, http)
        return await once.tell("referral", "/cases", REFERRAL, role="officer", org=POLICE)
