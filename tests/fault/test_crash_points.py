"""Each named crash point kills a real service at work; after it, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from kernel.crash import POINTS, Point
from tests.support import eventually
from tests.support_checker import Checker
from tests.support_load import Steadfast
from tests.support_service import Process, Site, site

pytestmark = pytest.mark.timeout(180)  # four seconds each on two cores that nobody else uses

# The service that comes to a point by the fewest steps: a point without one is not shown yet.
REACHED_BY: dict[Point, str] = {
    "after_append": "referral",
    "after_send": "referral",
    "before_mark": "referral",
    "after_fold": "reporting",
    "before_position": "reporting",
    "after_dispatch": "consent",
}
# So that what a dead process held is soon free.
QUICK = {"lease_seconds": 1, "session_timeout_ms": 1000}


@dataclass
class Services:
    """One process of each service that is needed, and all that was ever acknowledged."""

    place: Site
    desk: Steadfast
    running: dict[str, Process] = field(default_factory=dict)

    def start(self, name: str, **settings: object) -> Process:
        """Start a service, which must not run."""
        self.running[name] = self.place.start(name, **QUICK, **settings)
        return self.running[name]

    async def stop(self, name: str) -> None:
        """End a service in order, if it runs."""
        if one := self.running.pop(name, None):
            one.running.signal(signal.SIGTERM)
            assert await one.ended() == 0, one.said

    async def work(self) -> None:
        """A case from its referral to its acceptance, after which consent opens its ledger."""
        case = await self.desk.refer()
        await case.accept()

    async def are_sound(self) -> None:
        """What was acknowledged stands once in the stores, on the log and in the report."""
        checker = Checker(self.place.file.mongo, self.place.file.kafka, self.desk.answers)
        await eventually(checker.is_sound, 30, every=0.1)


@pytest.fixture(scope="module")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    with site(tmp_path_factory.mktemp("points") / "hub", "mongod", "broker") as place:
        found = Services(place, Steadfast(place.file))
        yield found
        await found.desk.http.aclose()


@pytest.mark.parametrize("point", POINTS)
async def test_a_service_that_dies_at_a_named_point_loses_and_doubles_nothing(
    services: Services, point: Point
) -> None:
    name = REACHED_BY[point]
    await services.stop(name)
    for other in {"referral", "reporting"} - {name, *services.running}:
        services.start(other)
    dying = services.start(name, crash_at=f"{point}:1")
    working = asyncio.create_task(services.work())
    assert await dying.ended() == -signal.SIGKILL, dying.said
    await services.start(name).ready()
    await working
    await services.are_sound()
