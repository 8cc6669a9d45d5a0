"""What the in-memory twins of a database share: they answer, or fail, as a test wants."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TypeVar

from kernel.store.port import StoreUnavailable

T = TypeVar("T")
Pause = Callable[[str], Awaitable[None]]


class DataFault(Enum):
    """What goes wrong in one operation on a database."""

    AWAY = "no answer, and nothing was done"
    REPLY_LOST = "done, but the reply was lost"
    TORN = "the first half was done, then no answer"
    OVERTAKEN = "somebody else wrote just before"


Faults = Callable[[str], DataFault | None]


def scripted(operation: str, *faults: DataFault | None) -> Faults:
    """Faults for the next uses of one operation, in turn; none when they are used up."""
    left = deque(faults)
    return lambda here: left.popleft() if here == operation and left else None


async def no_pause(_: str) -> None:
    """Go straight on; a scheduler puts its own pause here."""


class Twin:
    """A database in memory; `pause` is awaited before and after each operation."""

    def __init__(self, name: str, faults: Faults | None = None, pause: Pause = no_pause) -> None:
        self.name, self.pause = name, pause
        self.faults: Faults = faults or (lambda _: None)
        self.away = False

    async def operate(self, operation: str, act: Callable[[DataFault | None], T]) -> T:
        """Do one operation at once, unless a fault says otherwise."""
        place = f"{self.name}.{operation}"
        await self.pause(place)
        fault = self.faults(place)
        if self.away or fault is DataFault.AWAY:
            raise StoreUnavailable(f"{place}: no answer")
        result = act(fault)
        if fault in (DataFault.REPLY_LOST, DataFault.TORN):
            raise StoreUnavailable(f"{place}: the reply was lost")
        await self.pause(f"{place} done")
        return result
