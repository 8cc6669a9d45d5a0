"""Time as a port: services ask a clock, never the machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The present moment, in UTC."""

    async def now(self) -> datetime:
        """Read the clock; it never goes back."""
        ...


class SystemClock:
    """The machine's clock."""

    async def now(self) -> datetime:
        """The machine's time, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved: for tests and simulation."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    async def now(self) -> datetime:
        """The moment it was last moved to."""
        return self.moment

    def move(self, moment: datetime) -> None:
        """Move forwards; a move backwards is refused."""
        if moment < self.moment:
            raise ValueError(f"the clock stands at {self.moment.isoformat()}, it never goes back")
        self.moment = moment
