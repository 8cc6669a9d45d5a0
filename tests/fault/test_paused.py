"""A replica is stopped until others have its work, and wakes; others come and go: all stays sound.

A zombie goes on where it was stopped, in the middle of a batch, a relay's step or a command, and
knows of nothing that happened meanwhile.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from contracts.envelope import PARTITIONS
from tests.support import eventually
from tests.support_load import Steadfast, casework
from tests.support_service import Process, site
from tests.support_whole import Whole, timed, whole

pytestmark = pytest.mark.timeout(300)  # under 40 s each on two cores that nobody else uses

LEASE_SECONDS = 2  # about as long as the session that the services have with the broker


@dataclass(frozen=True)
class Share:
    """What one replica has of what all replicas of a service do; 1 is all of it."""

    sent: float
    read: float

    @property
    def is_all(self) -> bool:
        """Whether no other replica has any lane or partition."""
        return (self.sent, self.read) == (1, 1)

    @property
    def is_some(self) -> bool:
        """Whether another replica has lanes and partitions too."""
        return 0 < self.sent < 1 and 0 < self.read < 1


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Whole]:
    with site(tmp_path_factory.mktemp("paused") / "hub", "mongod", "broker") as place:
        async with whole(place, lease_seconds=LEASE_SECONDS) as found:
            yield found


async def share(hub: Whole, one: Process) -> Share:
    """What it has by now; a service without a store of its own sends nothing, and lacks none."""
    headers = hub.place.file.headers("operations")
    async with httpx.AsyncClient(timeout=10) as http:
        status = (await http.get(f"{one.url}/status", headers=headers)).json()
    sending, reading = status["sending"], status["reading"]
    read = reading["partitions"] / reading["of"] if reading else 0
    return Share(sending["lanes"] / PARTITIONS if sending else read, read)


async def shares(hub: Whole, *replicas: Process) -> None:
    """Wait until each has some, and none has all."""

    async def each_has_some() -> bool:
        found = [await share(hub, one) for one in replicas]
        assert all(one.is_some for one in found), found
        return True

    await eventually(each_has_some, 60)


async def has_all(hub: Whole, one: Process) -> None:
    """Wait until it alone does everything."""

    async def takes_over() -> bool:
        found = await share(hub, one)
        assert found.is_all, found
        return True

    await eventually(takes_over, 60)


def calling(hub: Whole, name: str, one: Process) -> Steadfast:
    """Who calls this replica; what they are answered counts with all the rest."""
    file = hub.place.file_with(**{name: one})
    return Steadfast(file, hub.desk.http, answers=hub.desk.answers)


@asynccontextmanager
async def stopped(one: Process) -> AsyncIterator[None]:
    """It does nothing until the body is over, and does not know that it did not."""
    one.running.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        one.running.signal(signal.SIGCONT)


@pytest.mark.parametrize("name", ["consent", "reporting"])
async def test_a_replica_that_was_stopped_and_replaced_under_load_changes_nothing_when_it_wakes(
    hub: Whole, name: str
) -> None:
    """It is stopped with commands under way too: whoever gave them waits, or gives them again."""
    zombie, other = hub.services[name], hub.place.replica(name, lease_seconds=LEASE_SECONDS)
    await other.ready()
    desk = calling(hub, name, other)
    async with casework(hub.desk, callers=2), casework(desk, callers=2):
        for _ in range(2):
            await shares(hub, zombie, other)
            await desk.more(10)
            async with stopped(zombie):
                with timed(f"another replica of {name} has all that a stopped one had"):
                    await has_all(hub, other)
                await desk.more(20)
        await shares(hub, zombie, other)
        await desk.more(20)
    await hub.is_sound()
    await zombie.ready()
    other.running.signal(signal.SIGTERM)
    assert await other.ended() == 0, other.said


async def test_replicas_that_come_and_go_under_load_lose_and_double_nothing(hub: Whole) -> None:
    """Each time partitions and lanes change hands twice, in the middle of what was read."""
    names = ("consent", "reporting")
    async with casework(hub.desk):
        for end in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
            come = {name: hub.place.replica(name, lease_seconds=LEASE_SECONDS) for name in names}
            for name, one in come.items():
                await one.ready()
                await shares(hub, hub.services[name], one)
            await hub.desk.more(10)
            for one in come.values():
                one.running.signal(end)
            codes = [await one.ended() for one in come.values()]
            assert set(codes) == {0 if end == signal.SIGTERM else -end}, codes
            for name in names:
                await has_all(hub, hub.services[name])
        await hub.desk.more(10)
    await hub.is_sound()
