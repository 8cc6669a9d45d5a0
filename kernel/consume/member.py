"""A member of a consumer group: seats for what it is assigned, on the log as it is now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog

from kernel.consume.runner import Batch, Handled, Runner
from kernel.log import LogIdentity, LogUnavailable, Partition, Record
from kernel.store.port import StoreUnavailable

# How long a rebalance waits for the batch at hand; longer, and the batch goes on as a zombie's.
DRAIN_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Member:
    """What every subscriber does alike, whatever client it uses.

    A partition is read from its stored position or not at all: until that is known, what arrives
    for it is left aside and read again. Another log is noticed by its identity, at assignment and
    whenever `look` is called.
    """

    def __init__(
        self,
        runner: Runner,
        identity: Callable[[], Awaitable[LogIdentity]],
        seek: Callable[[Partition, int], None],
        drain: float = DRAIN_SECONDS,
    ) -> None:
        self.runner, self.drain = runner, drain
        self._mine: frozenset[Partition] = frozenset()
        self._identity, self._seek = identity, seek
        self._looking = asyncio.Lock()

    @property
    def unseated(self) -> frozenset[Partition]:
        """What is assigned but not read, since no position is known yet."""
        return self._mine - self.runner.seats.keys()

    @property
    def left_standing(self) -> frozenset[Partition]:
        """What is not read though nobody is just looking for its position."""
        return frozenset() if self._looking.locked() else self.unseated

    async def assigned(self, partitions: Collection[Partition]) -> None:
        """Take seats; where the database or the log is away, `look` tries again."""
        self._mine = frozenset(partitions)
        try:
            await self.look()
        except (StoreUnavailable, LogUnavailable) as away:
            log.warning(
                "seats_not_taken", consumer=self.runner.feed.group, error=type(away).__name__
            )

    async def revoked(self) -> None:
        """Give up all seats, after the batch at hand if it is soon done."""
        self._mine = frozenset()
        if not await self.runner.idle(self.drain):
            log.warning("revoked_in_mid_batch", consumer=self.runner.feed.group)
        self.runner.leave(list(self.runner.seats))

    async def look(self) -> None:
        """Take the seats that are missing, and anew those whose log is another one by now.

        Raises StoreUnavailable, LogUnavailable.
        """
        async with self._looking:
            identity = await self._identity()
            strangers = self.runner.strangers(identity)
            if strangers:
                log.warning(
                    "another_log", consumer=self.runner.feed.group, partitions=len(strangers)
                )
                self.runner.leave(strangers)
            for partition, offset in (await self._take(identity)).items():
                self._seek(partition, offset)

    async def handle(self, records: Sequence[Record]) -> Handled:
        """Fold what was just read; nothing may have been awaited since."""
        return await self.finish(self.runner.receive(records))

    async def finish(self, batch: Batch) -> Handled:
        """Fold a batch; what has to be read again is sought."""
        handled = await self.runner.handle(batch)
        for partition, offset in handled.seek.items():
            self._seek(partition, offset)
        return handled

    async def _take(self, identity: LogIdentity) -> dict[Partition, int]:
        wanted = self.unseated
        if not wanted:
            return {}
        found = await self.runner.take(wanted, identity)
        self.runner.leave(wanted - self._mine)
        return {one: offset for one, offset in found.items() if one in self._mine}
