"""What befalls a simulated world: delays, faults, lost replies and deaths, all from one seed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from random import Random
from typing import TypeVar
from unittest.mock import patch

from kernel import crash
from kernel.crash import Crashed, Point
from kernel.project.twin import DataFault
from kernel.relay.memory import LogFault
from kernel.relay.memory_leases import OutboxFault
from kernel.store.memory import StoreFault
from kernel.testing.simulate.loop import WORLD, SimLoop

F = TypeVar("F", bound=Enum)

SLOW = 0.12  # of operations that take a moment; of others it is only known that they are not alone
OTHERS_FIRST = 0.1
LOG_FAULTS = (LogFault.AWAY, LogFault.REPLY_LOST, LogFault.TORN)
STORE_FAULTS, OUTBOX_FAULTS, DATA_FAULTS = tuple(StoreFault), tuple(OutboxFault), tuple(DataFault)


@dataclass(frozen=True)
class Trouble:
    """How much goes wrong: shares of operations that fail or dawdle, of crash points that kill.

    The log acknowledges falsely only as a lost one does (`MemoryLog.acknowledges_strangers`): no
    store can make up for a broker that forgets single records it has acknowledged.
    """

    fault: float = 0.0
    dawdle: float = 0.0
    death: float = 0.0
    drop: float = 0.0


CALM = Trouble()


class Fate:
    """Every choice that is not the loop's own."""

    def __init__(self, random: Random, loop: SimLoop) -> None:
        self.random, self.loop = random, loop
        self.trouble = CALM
        self.points: list[Point] = []
        self.on_death: Callable[[str], None] = lambda _: None
        self._away: set[str] = set()
        self._over = False

    def strikes(self, share: float) -> bool:
        """Whether it happens now, of so many times."""
        return self.random.random() < share

    def away(self, name: str, *, gone: bool) -> None:
        """From now on the named engine gives no answer, or does again."""
        (self._away.add if gone else self._away.discard)(name)

    def calm(self) -> None:
        """Nothing fails any more."""
        self.trouble = CALM
        self._away.clear()

    async def pause(self, _: str) -> None:
        """Around each operation of a twin: others get their turn, or time goes by.

        The dead never come back from here.
        """
        if self._over:
            return
        if self.loop.dead(self.loop.owner):
            await self.loop.create_future()
        drawn = self.random.random()
        if drawn < self.trouble.dawdle:
            await asyncio.sleep(self.random.expovariate(4))
        elif drawn < SLOW:
            await asyncio.sleep(self.random.random() / 250)
        elif drawn < SLOW + OTHERS_FIRST:
            await asyncio.sleep(0)

    def store(self, name: str) -> Callable[[object], StoreFault | None]:
        """The faults of the event store of this name."""
        return lambda _: self._fault(name, STORE_FAULTS, StoreFault.AWAY)

    def outbox(self, name: str) -> Callable[[object], OutboxFault | None]:
        """The faults of outbox and leases."""
        return lambda _: self._fault(name, OUTBOX_FAULTS, OutboxFault.AWAY)

    def data(self, name: str) -> Callable[[object], DataFault | None]:
        """The faults of documents, queue and positions."""
        return lambda _: self._fault(name, DATA_FAULTS, DataFault.AWAY)

    def log(self, name: str) -> Callable[[object], LogFault | None]:
        """The faults of the log."""
        return lambda _: self._fault(name, LOG_FAULTS, LogFault.AWAY)

    def _fault(self, name: str, among: Sequence[F], away: F) -> F | None:
        if name in self._away:
            return away
        return self.random.choice(among) if self.strikes(self.trouble.fault) else None

    def _at_point(self, point: Point) -> None:
        if self.loop.owner == WORLD or not self.strikes(self.trouble.death):
            return
        self.points.append(point)
        self.on_death(self.loop.owner)
        raise Crashed(point)

    def end(self) -> None:
        """The world is over: whoever still runs comes to its end without delay."""
        self._over = True
        self.trouble = replace(CALM)

    @contextmanager
    def rules(self) -> Iterator[None]:
        """While the body runs, the machine's ids, jitter, clock and deaths follow from the seed."""
        with (
            patch("os.urandom", self.random.randbytes),
            patch("time.monotonic", self.loop.time),
            patch("random.random", self.random.random),
            patch("random.uniform", self.random.uniform),
        ):
            crash.set_hook(self._at_point)
            try:
                yield
            finally:
                crash.set_hook(None)
