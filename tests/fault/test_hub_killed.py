"""Each of the six processes of a hub is killed while people work: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator

import pytest

from tests.support import eventually
from tests.support_checker import Checker
from tests.support_hub import Hub
from tests.support_load import Steadfast, casework
from tests.support_quarter import SIX


@pytest.fixture(scope="module")
async def desk(hub: Hub) -> AsyncIterator[Steadfast]:
    """Keeps the answers of all tests here, so that each checks all that was ever promised."""
    desk = Steadfast(hub.file)
    yield desk
    await desk.http.aclose()


@pytest.mark.parametrize("name", SIX)
async def test_killed_under_load_nothing_acknowledged_is_lost_or_doubled(
    hub: Hub, desk: Steadfast, name: str
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    async with casework(desk):
        await desk.more(5)
        await asyncio.sleep(random.Random(seed).uniform(0, 0.5))
        pid = hub.pid(name)
        hub.send(name, signal.SIGKILL)
        await eventually(lambda: hub.has_another(name, pid), 20)
        await desk.more(20)
    checker = Checker(hub.file.mongo, hub.file.kafka, desk.answers)
    await eventually(checker.is_sound, 30, every=0.5)
