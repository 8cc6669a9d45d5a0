"""A clock that lies in a database costs a question: a fold asks it only where something waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from kernel.clock import FixedClock
from tests.support_consume import World
from tests.support_folds import NOW, step


class Counted(FixedClock):
    """Knows how often it was read."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.reads = 0

    async def now(self) -> datetime:
        self.reads += 1
        return await super().now()


def world() -> tuple[World, Counted]:
    world, clock = World(), Counted(NOW + timedelta(hours=1))
    world.model = replace(world.model, clock=clock)
    return world, clock


async def test_what_is_folded_asks_for_no_time() -> None:
    there, clock = world()
    there.publish(step(1), step(2))
    await (await there.start()).drain()
    assert (there.versions(), clock.reads) == ([1, 2], 0)


async def test_what_has_to_wait_is_kept_with_the_time() -> None:
    there, clock = world()
    there.publish(step(1), step(3))
    await (await there.start()).drain()
    parked = there.document().parked
    assert parked
    assert parked.since == await clock.now()
    (entry,) = there.queue.all()
    assert entry.parked_at == parked.since
