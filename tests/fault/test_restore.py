"""A hub whose disk is lost goes on from an older backup, and misses nothing it acknowledged."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from rjhub.addresses import SERVICES
from rjhub.backup.make import make_backup
from rjhub.backup.restore import restore_backup
from rjhub.backup.stores import databases, heads
from rjhub.client import Client
from rjhub.organisations import POLICE
from tests.support import eventually
from tests.support_casework import REFERRAL, SCREENING
from tests.support_checker import Checker
from tests.support_load import Steadfast, casework
from tests.support_service import Process, Site, site

pytestmark = pytest.mark.timeout(300)  # a quarter of that on two cores that nobody else uses


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Site]:
    with site(tmp_path / "hub", "mongod", "broker") as found:
        yield found


@pytest.fixture
async def desk(place: Site) -> AsyncIterator[Steadfast]:
    desk = Steadfast(place.file)
    yield desk
    await desk.http.aclose()


async def start(place: Site, *names: str) -> list[Process]:
    started = [place.start(name) for name in names]
    for one in started:
        await one.ready()
    return started


async def is_sound(place: Site, desk: Steadfast) -> None:
    checker = Checker(place.file.mongo, place.file.kafka, desk.answers)
    await eventually(checker.is_sound, 60, every=0.5)


def commits(place: Site) -> int:
    """How many all stores hold."""
    with MongoClient[dict[str, Any]](place.file.mongo) as client:
        return sum(heads(client[name]).commits for name in databases(client, "rj"))


def lose_the_disk(place: Site, services: list[Process]) -> None:
    """Services and database die at once, and all that the database kept is gone; the log is not."""
    for one in [*(service.running for service in services), place.running["mongod"]]:
        one.kill()
    place.begin("mongod")
    with MongoClient[dict[str, Any]](place.file.mongo) as client:
        for name in databases(client, "rj"):
            client.drop_database(name)


async def back_up(place: Site, backup: Path) -> None:
    """While the hub works."""
    await asyncio.to_thread(make_backup, place.file.mongo, "rj", backup, "elsewhere")


async def test_a_hub_restored_from_an_older_backup_misses_nothing_it_acknowledged(
    place: Site, desk: Steadfast, tmp_path: Path
) -> None:
    services = await start(place, *SERVICES)
    async with casework(desk):
        await desk.more(10)
        await back_up(place, tmp_path / "backup")
        await desk.more(30)
    refer: dict[str, Any] = {"role": "officer", "org": POLICE, "key": uuid4()}
    first = await desk.tell("referral", "/cases", REFERRAL, **refer)
    await is_sound(place, desk)
    before = commits(place)

    lose_the_disk(place, services)
    restore_backup(place.file.mongo, tmp_path / "backup", "rj", replace=False)
    assert 10 <= commits(place) < before - 30

    async with casework(desk):
        await start(place, *SERVICES)
        await desk.more(30)
    again = await desk.tell("referral", "/cases", REFERRAL, **refer)
    assert again.json()["events"] == first.json()["events"]
    await is_sound(place, desk)


async def test_until_its_log_is_read_a_restored_service_answers_nothing(
    place: Site, desk: Steadfast, tmp_path: Path
) -> None:
    services = await start(place, "referral")
    await back_up(place, tmp_path / "backup")
    case = await desk.refer()
    (told,) = desk.answers
    await eventually(lambda: Checker(place.file.mongo, place.file.kafka, [told]).is_sound(), 30)

    lose_the_disk(place, services)
    restore_backup(place.file.mongo, tmp_path / "backup", "rj", replace=False)
    place.running["broker"].signal(signal.SIGSTOP)
    restored = place.start("referral")
    await restored.live()
    await eventually(lambda: _says_restored(restored), 30)
    path = f"/cases/{case.id}/screening"
    refused = await Client(place.file, desk.http).tell("referral", path, SCREENING)
    assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
    place.running["broker"].signal(signal.SIGCONT)
    await restored.ready()
    await case.tell("referral", "/screening", SCREENING)
    await is_sound(place, desk)


async def _says_restored(service: Process) -> bool:
    return "the store was restored" in (await service.health()).text
