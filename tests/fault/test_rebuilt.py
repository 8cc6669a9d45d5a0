"""A read model is made anew while cases go on: by a later release, taken back, killed meanwhile."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.reporting.projections.timeline.project import TIMELINE
from tests.fault import next_release
from tests.support import eventually
from tests.support_casework import Case, agreed
from tests.support_load import casework
from tests.support_service import Process, site
from tests.support_whole import Whole, timed, whole

pytestmark = pytest.mark.timeout(300)  # under a minute each on two cores that nobody else uses


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Whole]:
    with site(tmp_path / "hub", "mongod", "broker") as place:
        async with whole(place) as found:
            yield found


@dataclass
class Reader:
    """Reads a timeline again and again from one process; it must never tell less than before."""

    hub: Whole
    process: Process
    case: Case
    told: list[int] = field(default_factory=list)

    async def once(self) -> None:
        answer = await self.ask(f"/cases/{self.case.id}/timeline", role="coordinator")
        told = len(answer["items"])
        assert told >= max(self.told, default=1)
        self.told.append(told)

    async def answers(self, view: str) -> bool:
        """Whether this view of the timeline went live last."""
        return bool((await self._timeline())["answers"] == view)

    async def makes(self, view: str) -> bool:
        """Whether this process takes part in making it."""
        return bool((await self._timeline())["made"] == view)

    async def _timeline(self) -> Any:
        found = (await self.ask("/rebuilds", role="operations"))["items"]
        return {one["read_model"]: one for one in found}["timeline"]

    async def ask(self, path: str, role: str) -> Any:
        headers = self.hub.place.file.headers(role)
        async with httpx.AsyncClient(timeout=30) as http:
            answer = await http.get(f"{self.process.url}{path}", headers=headers)
        assert answer.is_success, answer.text
        return answer.json()


@asynccontextmanager
async def reading(*readers: Reader) -> AsyncIterator[None]:
    """Read all the time, and go on until each has read more than once."""
    over = asyncio.Event()

    async def read(one: Reader) -> None:
        while not over.is_set():
            await one.once()

    async with asyncio.TaskGroup() as group:
        for one in readers:
            group.create_task(read(one))
        try:
            yield
            await eventually(lambda: all(len(one.told) > 1 for one in readers), 30)
        finally:
            over.set()


async def answers(reader: Reader, view: str) -> None:
    with timed(f"{view} answers"):
        await eventually(lambda: reader.answers(view), 90, every=0.2)


async def test_a_later_release_answers_from_its_own_view_and_the_one_before_can_come_back(
    hub: Whole,
) -> None:
    old = Reader(hub, hub.services["reporting"], await agreed(hub.desk))
    async with casework(hub.desk):
        await hub.desk.more(40)
        new = Reader(hub, hub.place.release("reporting", next_release.__name__), old.case)
        await new.process.ready()
        async with reading(old, new):
            await answers(new, next_release.LATER.view)
            await hub.desk.more(20)
        old.process.running.signal(signal.SIGTERM)
        assert await old.process.ended() == 0
        await hub.desk.more(20)
    await hub.is_sound()
    async with casework(hub.desk):
        back = Reader(hub, hub.place.replica("reporting"), old.case)
        await back.process.ready()
        async with reading(back, new):
            await answers(back, TIMELINE.view)
        new.process.running.signal(signal.SIGTERM)
        assert await new.process.ended() == 0
        await hub.desk.more(20)
    await hub.is_sound()


async def test_replicas_that_are_killed_while_they_make_it_lose_and_double_nothing(
    hub: Whole,
) -> None:
    case = await agreed(hub.desk)
    stays = Reader(hub, hub.place.replica("reporting"), case)
    await stays.process.ready()
    dies = hub.services["reporting"]
    async with casework(hub.desk), reading(stays):
        await hub.desk.more(40)
        for generation in (2, 3):
            view = replace(TIMELINE, generation=generation).view
            await begin(stays, view)
            await eventually(lambda: stays.makes(view), 30, every=0.05)  # noqa: B023  awaited here
            dies.running.kill()
            await answers(stays, view)
            dies = hub.place.replica("reporting")
            await dies.ready()
        await hub.desk.more(20)
    await hub.is_sound()


async def begin(reader: Reader, view: str) -> None:
    headers = reader.hub.place.file.headers("operations")
    async with httpx.AsyncClient() as http:
        url = f"{reader.process.url}/rebuilds/begin"
        begun = await http.post(url, headers=headers, json={"read_model": "timeline"})
    assert begun.json() == {"read_model": "timeline", "view": view}
