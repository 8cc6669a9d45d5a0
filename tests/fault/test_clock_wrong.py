"""One replica's clock is an hour ahead or behind: nothing is early, and nothing is twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from pymongo import MongoClient

from rjhub.addresses import SERVICES
from tests.support import eventually
from tests.support_activities import arranged, prepared, timeline, work
from tests.support_casework import SAID_YES, TOLD, Case, Desk
from tests.support_clock import replica_with, with_issuer
from tests.support_load import Steadfast
from tests.support_service import site
from tests.support_whole import Whole, whole

pytestmark = pytest.mark.timeout(300)  # under 30 s each on two cores that nobody else uses

OFFSETS = ("+1h", "-1h")
SOON, WITHIN_THE_HOUR = timedelta(seconds=6), timedelta(minutes=30)
DAYS = count(5)
EXPIRED = "rj.ConsentExpired.v1"

Json = dict[str, Any]


@dataclass
class Clocks:
    """A hub outside development, and replicas of it whose clock is wrong."""

    hub: Whole
    settings: dict[str, object]

    @asynccontextmanager
    async def wrong(self, name: str, offset: str) -> AsyncIterator[Steadfast]:
        """Who calls this service calls the replica with the wrong clock."""
        replica = await replica_with(self.hub.place, name, offset, self.settings)
        file = self.hub.desk.file.model_copy(
            update={"services": {**self.hub.desk.file.services, name: replica.url}}
        )
        desk = Steadfast(file, self.hub.desk.http, answers=self.hub.desk.answers)
        try:
            yield desk
        finally:
            replica.running.stop()


@pytest.fixture(scope="module")
async def clocks(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clocks]:
    with site(tmp_path_factory.mktemp("clock") / "hub", "mongod", "broker") as place:
        place.file, settings = with_issuer(place)
        async with whole(place, **settings) as hub:
            yield Clocks(hub, settings)


async def told(desk: Desk) -> Case:
    """A case in which both are told everything."""
    case = await desk.refer()
    await case.accept()
    for who in case.people.values():
        await case.tell("consent", "/information", TOLD | {"participant_id": who})
    return case


async def says_yes(case: Case, who: str, within: timedelta) -> datetime:
    """A participant says yes, for so long; when it ends."""
    until = datetime.now(UTC) + within
    someone = {"participant_id": case.people[who]}
    yes = SAID_YES | someone | {"methods": ["letter"], "valid_until": until.isoformat()}
    await case.tell("consent", "/consents", yes)
    return until


def expired(mongo: str, case: Case) -> list[Json]:
    """The ends of consents in this case."""
    with MongoClient[Json](mongo) as client:
        commits = client["rj_consent"].commits.find({"stream": f"consent-{case.id}"})
        return [event for one in commits for event in one["events"] if event["type"] == EXPIRED]


@pytest.mark.parametrize("offset", OFFSETS)
async def test_a_consent_ends_when_it_is_time_and_once_whatever_a_replicas_clock_says(
    clocks: Clocks, offset: str
) -> None:
    """What it records itself is of its own time: here it only looks after what others recorded."""
    hub = clocks.hub
    case = await told(hub.desk)
    await hub.is_sound()
    async with clocks.wrong("consent", offset):
        await says_yes(case, "victim", WITHIN_THE_HOUR)
        ends = await says_yes(case, "offender", SOON)

        def has_ended() -> bool:
            found = expired(hub.mongo, case)
            assert not found or datetime.now(UTC) >= ends, "it ended early"
            return bool(found)

        await eventually(has_ended, 30)
        await hub.is_sound()
        assert len(expired(hub.mongo, case)) == 1


@pytest.mark.parametrize(("offset", "hours"), [("+1h", 1), ("-1h", -1)])
async def test_a_clock_that_is_wrong_is_told(clocks: Clocks, offset: str, hours: int) -> None:
    async with clocks.wrong("consent", offset) as desk:
        shown = (await desk.http.get(f"{desk.file.services['consent']}/metrics")).text
    found = re.findall(r"^rjhub_clock_ahead_seconds (\S+)$", shown, re.MULTILINE)
    assert [round(float(one) / 3600, 2) for one in found] == [hours]


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("name", SERVICES)
async def test_work_goes_on_where_one_clock_is_wrong_and_no_stream_goes_back_in_time(
    clocks: Clocks, name: str, offset: str
) -> None:
    hub = clocks.hub
    async with clocks.wrong(name, offset) as desk:
        case = await prepared(desk, "face_to_face")
        right = replace(case, desk=hub.desk)
        meeting = {"meeting_id": await arranged(right, next(DAYS))}
        everybody = {"attendees": [*case.people.values()]}
        await work(replace(right, desk=desk), "/meetings/start", meeting | everybody)
        await right.withdraw("victim")
        seen = replace(right, desk=desk)

        async def stopped() -> bool:
            return "MeetingStopped" in await timeline(seen)

        await eventually(stopped, 30)
        await hub.is_sound()
        happened = Counter(await timeline(seen))
    assert (happened["MeetingStarted"], happened["MeetingStopped"]) == (1, 1)
    assert goes_back(hub.mongo) == []


def goes_back(mongo: str) -> list[str]:
    """Commits recorded before the one before them in their stream."""
    wrong = []
    with MongoClient[Json](mongo) as client:
        for store in ("rj_referral", "rj_consent", "rj_facilitation"):
            found = list(client[store].commits.find().sort([("stream", 1), ("version", 1)]))
            wrong += [
                later["_id"]
                for earlier, later in pairwise(found)
                if earlier["stream"] == later["stream"]
                and earlier["recorded_at"] > later["recorded_at"]
            ]
    return wrong
