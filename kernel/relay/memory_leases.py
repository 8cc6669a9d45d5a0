"""In-memory twin of the leases: deterministic, and it fails as a database can."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from enum import Enum

from contracts.envelope import PARTITIONS
from kernel.relay.port import Lease, Standing
from kernel.store.port import StoreUnavailable

Pause = Callable[[str], Awaitable[None]]


class OutboxFault(Enum):
    """What goes wrong in one operation on outbox or leases."""

    AWAY = "no answer, and nothing was done"
    REPLY_LOST = "done, but the reply was lost"
    DELAYED = "the snapshot lacks the latest commits"
    REFUSED = "the lease is said to be lost"


Faults = Callable[[str], OutboxFault | None]


def scripted(*faults: OutboxFault | None, of: str) -> Faults:
    """Faults for the next operations of one kind, in turn; none when they are used up."""
    left = deque(faults)
    return lambda operation: left.popleft() if operation == of and left else None


async def no_pause(_: str) -> None:
    """Go straight on; a scheduler puts its own pause here."""


@dataclass
class _Lane:
    holder: str = ""
    epoch: int = 0
    until: float = 0


class MemoryLanes:
    """The lanes of one database; each replica has its `MemoryLeases` of them."""

    def __init__(self, now: Callable[[], float], seconds: float = 6) -> None:
        self.now = now
        self.seconds = seconds
        self.replicas: dict[str, float] = {}
        self.lanes = {lane: _Lane() for lane in range(PARTITIONS)}

    def lose(self, *lanes: int) -> None:
        """Let leases run out, as a pause of their holder does."""
        for lane in lanes:
            self.lanes[lane].until = 0


class MemoryLeases:
    """Twin of the leases; see the port."""

    def __init__(
        self,
        shared: MemoryLanes,
        holder: str,
        *,
        faults: Faults = lambda _: None,
        pause: Pause = no_pause,
    ) -> None:
        self._shared = shared
        self._holder = holder
        self.faults = faults
        self.pause = pause

    async def beat(self) -> Standing:
        """Renew what we hold and show that we live; the lanes as they stand then."""
        await self._begin("beat")
        shared, now = self._shared, self._shared.now()
        shared.replicas[self._holder] = now + shared.seconds
        for lane in shared.lanes.values():
            if lane.holder == self._holder:
                lane.until = now + shared.seconds
        return self._standing(now)

    def _standing(self, now: float) -> Standing:
        lanes = self._shared.lanes.items()
        return Standing(
            mine={
                number: Lease(number, self._holder, lane.epoch)
                for number, lane in lanes
                if lane.holder == self._holder
            },
            free=frozenset(number for number, lane in lanes if lane.until <= now),
            replicas=sum(until > now for until in self._shared.replicas.values()),
        )

    async def take(self, lanes: Collection[int]) -> None:
        """Take those of the lanes whose lease has run out; the epoch goes up by one."""
        await self._begin("take")
        now = self._shared.now()
        for number in lanes:
            lane = self._shared.lanes[number]
            if lane.until <= now:
                lane.holder, lane.epoch = self._holder, lane.epoch + 1
                lane.until = now + self._shared.seconds

    async def give(self, lanes: Collection[int]) -> None:
        """Let leases of ours run out now."""
        await self._begin("give")
        for number in lanes:
            lane = self._shared.lanes[number]
            if lane.holder == self._holder:
                lane.holder, lane.until = "", 0

    async def leave(self) -> None:
        """Give everything back and be counted no more."""
        await self.give(range(PARTITIONS))
        self._shared.replicas.pop(self._holder, None)

    async def _begin(self, operation: str) -> None:
        await self.pause(f"leases.{operation}")
        if self.faults(operation):
            raise StoreUnavailable(f"memory leases: {operation} got no answer")
