"""Three brokers with three copies of everything, two of which must have what is acknowledged."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from contracts.envelope import Topic
from kernel.log import Partition
from rjhub.addresses import SERVICES
from tests.engines.cluster import Cluster, cluster
from tests.support import eventually
from tests.support_checker import Checker
from tests.support_load import Steadfast, casework
from tests.support_service import Process, Site, site

pytestmark = pytest.mark.timeout(600)  # three brokers and four services take a while to start

LANE = Partition(Topic.CASE, 3)


@dataclass
class Hub:
    """The four services on three brokers, and all that was ever acknowledged."""

    place: Site
    brokers: Cluster
    services: list[Process]
    desk: Steadfast

    async def is_sound(self) -> None:
        """Nothing that was answered is lost, doubled or out of order, and all of it is folded."""
        checker = Checker(self.place.file.mongo, self.brokers.bootstrap, self.desk.answers)
        await eventually(checker.is_sound, 60, every=0.2)

    async def has_all_copies(self) -> None:
        """Every broker has everything."""
        await eventually(lambda: asyncio.to_thread(self.brokers.in_sync), 60, every=0.5)

    def knows_the_log_again(self) -> bool:
        """Nobody has read or published everything anew: a change of leader is no other log."""
        return not [one for one in self.services if re.search("another.log", one.said)]


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("three") / "brokers") as found:
        yield found


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory, brokers: Cluster) -> AsyncIterator[Hub]:
    with site(tmp_path_factory.mktemp("three") / "hub", "mongod") as place:
        services = [place.start(one, kafka=brokers.bootstrap) for one in SERVICES]
        for one in services:
            await one.ready()
        found = Hub(place, brokers, services, Steadfast(place.file))
        yield found
        await found.desk.http.aclose()


async def test_the_leader_of_a_lane_dies_under_load_and_everything_goes_on_with_the_others(
    hub: Hub,
) -> None:
    await hub.has_all_copies()
    async with casework(hub.desk):
        await hub.desk.more(10)
        leader = hub.brokers.leader(LANE)
        hub.brokers.kill(leader)
        await hub.desk.more(30)
    await hub.is_sound()
    assert hub.brokers.leader(LANE) != leader
    await hub.brokers.begin(leader)
    await hub.has_all_copies()
    assert hub.knows_the_log_again()


async def test_each_broker_in_turn_dies_and_returns_under_load(hub: Hub) -> None:
    async with casework(hub.desk):
        for node in hub.brokers.specs:
            await hub.has_all_copies()
            hub.brokers.kill(node)
            await hub.desk.more(10)
            await hub.brokers.begin(node)
    await hub.is_sound()
    assert hub.knows_the_log_again()


async def test_while_one_broker_is_left_commands_wait_in_their_stores(hub: Hub) -> None:
    """One copy is too few: what it had would be lost with it."""
    await hub.has_all_copies()
    left = hub.brokers.leader(LANE)
    others = hub.brokers.specs.keys() - {left}
    unanswered = hub.desk.unanswered
    hub.brokers.kill(*others)
    for _ in range(5):
        case = await hub.desk.refer()
        await case.accept()
    assert hub.desk.unanswered == unanswered
    await hub.brokers.begin(*others)
    await hub.is_sound()
    assert hub.knows_the_log_again()
