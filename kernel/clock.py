"""Time as a port: services ask a clock, never the machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from kernel.store.port import StoreUnavailable


class Clock(Protocol):
    """The present moment, in UTC."""

    async def now(self) -> datetime:
        """Read the clock; it never goes back. One in a database raises StoreUnavailable."""
        ...


class ClockNeverGoesBack(ValueError):
    """A clock was told to show a moment that has passed."""

    def __init__(self, now: datetime, to: datetime) -> None:
        super().__init__(
            f"the clock stands at {now.isoformat()} and never goes back, not to {to.isoformat()}"
        )


class SystemClock:
    """The machine's clock."""

    async def now(self) -> datetime:
        """The machine's time, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved, and can be `away` as one in a database can."""

    def __init__(self, moment: datetime, *, away: bool = False) -> None:
        self.moment, self.away = moment, away

    async def now(self) -> datetime:
        """The moment it was last moved to; raises StoreUnavailable while it is away."""
        if self.away:
            raise StoreUnavailable("fixed clock: no answer")
        return self.moment

    def move(self, moment: datetime) -> None:
        """Move forwards; a move backwards is refused."""
        if moment < self.moment:
            raise ClockNeverGoesBack(self.moment, moment)
        self.moment = moment


async def seconds_ahead(one: Clock, other: Clock) -> float:
    """How far a clock is ahead of another, as exactly as they answer; behind is below zero."""
    before = await one.now()
    there = await other.now()
    after = await one.now()
    return (before + (after - before) / 2 - there).total_seconds()


class EarlierOf:
    """Two clocks as one that is never ahead of either: what it calls due is due by both."""

    def __init__(self, one: Clock, other: Clock) -> None:
        self.one, self.other = one, other

    async def now(self) -> datetime:
        """The earlier of the two moments, or none: where one is away nothing is due."""
        return min(await self.one.now(), await self.other.now())
