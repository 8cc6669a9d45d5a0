"""The loop of a service's policies: woken by folds, and by a gentle sweep of what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from kernel.process.attend import Attendant, has_to_send
from kernel.project.port import Document, Projection
from kernel.project.reading import explain
from kernel.project.steady import Steady
from kernel.store.port import StoreUnavailable

SWEEP_SECONDS = 5.0
AT_ONCE = 16
REST_SECONDS = 60.0

Place = tuple[str, UUID]

log = structlog.get_logger(__name__)


class Moves(Protocol):
    """A clock that people move."""

    async def moved(self, within: float) -> None:
        """Return once it may have been moved, or after so long; it never raises."""
        ...


class ProcessLoop:
    """Attends the documents of all policies of a service.

    What a fold left to send is sent at once, other documents' beside it, one document's in its
    order. Whatever is left, by a crash, a fault or a clock that moved, the next sweep finds; a
    clock that people move is watched, so that a sweep follows at once.
    """

    def __init__(
        self,
        attendants: Iterable[Attendant],
        *,
        every: float = SWEEP_SECONDS,
        watch: Moves | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._attendants = {one.projection.name: one for one in attendants}
        self._every, self._watch, self._pause = every, watch, pause
        self._steady = Steady(_answered, pause)
        self._bell = asyncio.Event()
        self._ready: dict[Place, None] = {}
        self._busy: set[Place] = set()
        self._again: set[Place] = set()
        self._resting: set[Place] = set()

    def folded(self, projection: Projection, documents: Collection[Document]) -> None:
        """Documents were written: the `on_written` of a folder; other projections are ignored."""
        if projection.name in self._attendants:
            places = {(projection.name, one.id): has_to_send(one) for one in documents}
            self._resting.difference_update(places)
            self._make_ready(place for place, sends in places.items() if sends)

    async def run(self) -> None:
        """Work until cancelled."""
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            if self._attendants:
                group.create_task(self._sweep_for_ever())
            while True:
                await self._wait_for_ready()
                await slots.acquire()
                task = group.create_task(self._attend(self._next()))
                task.add_done_callback(lambda _: slots.release())

    async def settle(self) -> None:
        """Sweep once and do, one after the other, all that can be done now."""
        await self.sweep()
        while self._ready:
            await self._attend(self._next())

    async def sweep(self) -> None:
        """Find the documents where something is due; raises StoreUnavailable.

        The clock is read once for all: the policies of a service go by the same one.
        """
        now = None
        for name, attendant in self._attendants.items():
            now = now or await attendant.clock.now()
            places = {(name, key): None for key in await attendant.due(now)}
            self._make_ready(one for one in places if one not in self._resting)

    async def _sweep_for_ever(self) -> None:
        while True:
            await self._steady.until_done(self.sweep)
            await self._until_next_sweep()

    async def _until_next_sweep(self) -> None:
        if self._watch:
            await self._watch.moved(self._every)
        else:
            await self._pause(self._every)

    async def _wait_for_ready(self) -> None:
        while not self._ready:
            self._bell.clear()
            await self._bell.wait()

    def _next(self) -> Place:
        place = next(iter(self._ready))
        del self._ready[place]
        return place

    def _make_ready(self, places: Iterable[Place]) -> None:
        self._ready.update(dict.fromkeys(places))
        if self._ready:
            self._bell.set()

    async def _attend(self, place: Place) -> None:
        """One document has one attendant at a time here, so that its commands keep their order."""
        if place in self._busy:
            self._again.add(place)
            return
        self._busy.add(place)
        try:
            await self._try(*place)
        finally:
            self._busy.remove(place)
        if place in self._again:
            self._again.remove(place)
            self._make_ready([place])

    async def _try(self, name: str, key: UUID) -> None:
        try:
            left = await self._attendants[name].attend(key)
        except StoreUnavailable as wrong:
            log.warning("policy_waits", policy=name, document=str(key), error=explain(wrong))
        except Exception:  # one document's fault must not stop the others
            log.exception("policy_fails", policy=name, document=str(key))
            self._rest((name, key))
        else:
            self._come_back((name, key), left)

    def _come_back(self, place: Place, left: timedelta | None) -> None:
        """What is due before the next sweep is not left to it."""
        if left is not None and left.total_seconds() < self._every:
            loop = asyncio.get_running_loop()
            loop.call_later(left.total_seconds(), self._make_ready, [place])

    def _rest(self, place: Place) -> None:
        self._resting.add(place)
        asyncio.get_running_loop().call_later(REST_SECONDS, self._resting.discard, place)


async def _answered() -> None:
    """A sweep is repeated for ever, so nobody has to ask the database whether it is there."""
