"""Replicas that stand still for long, or come and go, while casework goes on beside them."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.engines import chosen
from tests.support import eventually
from tests.support_load import casework
from tests.support_service import Process, site
from tests.support_whole import Whole, whole

pytestmark = pytest.mark.timeout(300)  # under a minute each on two cores that nobody else uses

# A relay and policies, or read models alone.
REPLICATED = ("consent", "reporting")
LEASE_SECONDS = 2
SESSION_MS = 2_000 if chosen.EMBEDDED else 6_000  # Kafka takes no less
GENERATIONS = 3


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Whole]:
    with site(tmp_path / "hub", "mongod", "broker") as place:
        async with whole(place, lease_seconds=LEASE_SECONDS, session_timeout_ms=SESSION_MS) as it:
            yield it


async def replica(hub: Whole, name: str) -> Process:
    """One more, which has its share of the work."""
    found = hub.place.replica(name, lease_seconds=LEASE_SECONDS, session_timeout_ms=SESSION_MS)
    await found.ready()
    await eventually(lambda: works_alone(hub, found, alone=False), 60)
    return found


async def works_alone(hub: Whole, process: Process, *, alone: bool = True) -> bool:
    """Whether it reads all partitions and has all lanes, or its share of them."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(
            f"{process.url}/status", headers=hub.place.file.headers("operations")
        )
    status: dict[str, Any] = answer.json()
    hands = [(status["reading"]["partitions"], status["reading"]["of"])]
    if status.get("sending"):
        hands.append((status["sending"]["lanes"], 16))
    return all(mine == of if alone else 0 < mine < of for mine, of in hands)


@pytest.mark.parametrize("name", REPLICATED)
async def test_a_replica_that_stood_still_until_others_had_its_work_changes_nothing(
    hub: Whole, name: str
) -> None:
    paused = await replica(hub, name)
    async with casework(hub.desk):
        await hub.desk.more(20)
        paused.running.signal(signal.SIGSTOP)
        await eventually(lambda: works_alone(hub, hub.services[name]), 60)
        await hub.desk.more(20)
        paused.running.signal(signal.SIGCONT)
        await hub.desk.more(20)
    await hub.is_sound()
    await paused.ready()


@pytest.mark.parametrize("name", REPLICATED)
async def test_while_replicas_come_and_go_nothing_is_lost_or_doubled(hub: Whole, name: str) -> None:
    """Each time all partitions change hands, in the middle of whatever was read."""
    async with casework(hub.desk):
        for _ in range(GENERATIONS):
            guest = await replica(hub, name)
            await hub.desk.more(10)
            guest.running.signal(signal.SIGTERM)
            assert await guest.ended() == 0
    await hub.is_sound()
