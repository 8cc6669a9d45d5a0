"""The four services as processes on engines that a test breaks, and all that was acknowledged."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Literal

import httpx

from rjhub.addresses import SERVICES
from tests.support import eventually
from tests.support_checker import Checker
from tests.support_load import Steadfast
from tests.support_service import Process, Site

# A process that hangs keeps its connections and what it holds; one that dies loses both.
How = Literal["hangs", "dies"]
ENDS: tuple[How, How] = ("hangs", "dies")


@dataclass
class Whole:
    """A hub whose engines are broken and mended by name."""

    place: Site
    services: dict[str, Process]
    desk: Steadfast
    mongo: str
    kafka: str

    async def is_sound(self, within: float = 60) -> None:
        """Nothing that was answered is lost, doubled or out of order, and all of it is folded."""
        checker = Checker(self.mongo, self.kafka, self.desk.answers)
        await eventually(checker.is_sound, within, every=0.2)

    async def ready(self) -> None:
        """Every service says so."""
        for one in self.services.values():
            await one.ready()

    def breaks(self, engine: str, how: How) -> None:
        """From now on it gives no answer."""
        if how == "dies":
            self.place.running[engine].kill()
        else:
            self.place.running[engine].signal(signal.SIGSTOP)

    async def mends(self, engine: str, how: How) -> None:
        """It is there again."""
        if how == "dies":
            await asyncio.to_thread(self.place.begin, engine)
        else:
            self.place.running[engine].signal(signal.SIGCONT)


@asynccontextmanager
async def whole(place: Site, **settings: object) -> AsyncIterator[Whole]:
    """The four services at this place, with these settings besides their own."""
    services = {name: place.start(name, **settings) for name in SERVICES}
    desk = Steadfast(place.file)
    mongo = str(settings.get("mongo_url", place.file.mongo))
    kafka = str(settings.get("kafka", place.file.kafka))
    found = Whole(place, services, desk, mongo, kafka)
    await found.ready()
    yield found
    await desk.http.aclose()


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long it took: docs/operations.md tells what was seen."""
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s")


def is_not_now(answer: httpx.Response) -> bool:
    """Whether it is a 503 that says when to come back."""
    kind = answer.headers["content-type"]
    return (answer.status_code, kind) == (503, "application/problem+json") and (
        int(answer.headers["retry-after"]) > 0
    )
