"""Three members of a replica set: the one that takes writes dies, or forgets what it wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from bson import decode_file_iter
from pymongo import MongoClient, WriteConcern
from pymongo.read_concern import ReadConcern

from tests.support import eventually
from tests.support_load import CALLERS, casework
from tests.support_replicas import Json, Replicas, replicas
from tests.support_service import site
from tests.support_whole import Whole, timed, whole

pytestmark = pytest.mark.timeout(300)  # under 30 s each on two cores that nobody else uses

STORES = ("rj_referral", "rj_consent", "rj_facilitation")
ONE_MEMBER = WriteConcern(w=1, j=True)
ELSEWHERE = "elsewhere"


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    with replicas(tmp_path_factory.mktemp("members")) as found:
        yield found


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory, members: Replicas) -> AsyncIterator[Whole]:
    await members.primary()
    with site(tmp_path_factory.mktemp("replicas") / "hub", "broker") as place:
        async with whole(place, mongo_url=members.url) as found:
            yield found


async def returns(members: Replicas, port: int) -> None:
    """A member is begun again, and copies the primary."""
    await asyncio.to_thread(members.begin, port)
    await eventually(lambda: asyncio.to_thread(members.follows, port), 60, every=0.2)


async def test_the_primary_dies_under_load_and_nothing_acknowledged_is_lost(
    hub: Whole, members: Replicas
) -> None:
    async with casework(hub.desk):
        await hub.desk.more(10)
        killed = await members.primary()
        members.kill(killed)
        with timed("commands are answered again after the primary died"):
            await hub.desk.more(1)
        await hub.desk.more(20)
        await returns(members, killed)
        await hub.desk.more(10)
    await hub.is_sound()


async def test_what_a_primary_alone_has_written_is_taken_back_and_nothing_acknowledged_is(
    hub: Whole, members: Replicas
) -> None:
    """Another client, content with one member, loses what it was told is written: ours do not.

    Members that were only stopped would still find in their sockets what was sent to them. What the
    callers ask for next may hang on what services have yet to hear: a referral hangs on nothing.
    """
    async with casework(hub.desk), asyncio.TaskGroup() as referrers:
        await hub.desk.more(10)
        primary = await members.primary()
        others = [port for port in members.specs if port != primary]
        members.kill(*others)
        for _ in range(CALLERS):
            referrers.create_task(hub.desk.refer())
        await asyncio.to_thread(write_carelessly, members, primary)
        await eventually(lambda: asyncio.to_thread(has_more_than_most, members, primary))
        members.kill(primary)
        await asyncio.to_thread(members.begin, *others)
        with timed("commands are answered again once two of three members are back"):
            await hub.desk.more(1)
        await hub.desk.more(20)
        await returns(members, primary)
        await eventually(lambda: has_taken_back(members.folder / str(primary)), 30, every=0.2)
    with members.alone(await members.primary()) as client:
        assert client[ELSEWHERE].notes.count_documents({}) == 0
    await hub.is_sound()


def write_carelessly(members: Replicas, primary: int) -> None:
    """What no other member has is acknowledged, to somebody who asks for no more."""
    with members.alone(primary) as client:
        notes = client[ELSEWHERE].get_collection("notes", write_concern=ONE_MEMBER)
        assert notes.insert_one({"careless": True}).acknowledged


def has_more_than_most(members: Replicas, primary: int) -> bool:
    """Whether a commit of ours is under way that only this member has."""
    with members.alone(primary) as client:
        return any(
            _count(client, name, "local") > _count(client, name, "majority") for name in STORES
        )


def _count(client: MongoClient[Json], name: str, concern: str) -> int:
    commits = client[name].get_collection("commits", read_concern=ReadConcern(concern))
    return sum(one["all"] for one in commits.aggregate([{"$count": "all"}]))


def has_taken_back(data: Path) -> bool:
    """Whether a member keeps in files what it took back: the careless note, and some of ours."""
    files = (data / "rollback").rglob("*.bson")
    found = [one for file in files for one in decode_file_iter(file.open("rb"))]
    return any("careless" in one for one in found) and any("command_id" in one for one in found)
