"""A store that was restored from a backup takes back from the log what it published and lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from contracts.envelope import PARTITIONS
from kernel.log import LogReader, LogUnavailable, Partition
from kernel.relay.gather import Gathering
from kernel.relay.health import Troubles
from kernel.relay.pace import delays
from kernel.relay.port import Outbox, Restore
from kernel.store.port import StoreDiffers, StoreUnavailable

CHUNK = 1000
UNTIL_SOMEBODY_HELPED = 3600.0

BEGUN = "a restore was begun and has not come to its end: run it again"
BEHIND = "the store was restored, and the log is not read to its end yet"

log = structlog.get_logger(__name__)


@dataclass
class TornCommit(Exception):
    """A commit that the store lacks stands on the log in part: the rest is nowhere."""

    commit: str
    place: int
    size: int

    def __str__(self) -> str:
        return (
            f"of {self.commit} the log has {self.place} of {self.size} events and the store none: "
            "restore a later backup"
        )


class NotWhole(Exception):
    """The restore itself has not come to its end."""


class Recovery:
    """Reads the log to its end and gives the store what it lacks; until then `why` says so.

    Once it is whole the store holds every commit of its own that stands on the log, the same in
    every field but the hash of its request. Every replica may do so at the same time.
    """

    def __init__(
        self,
        outbox: Outbox,
        reader: LogReader,
        source: str,
        topics: Sequence[str],
        troubles: Troubles,
    ) -> None:
        self.why: str | None = None
        self._outbox, self._reader = outbox, reader
        self._source, self._topics = source, topics
        self._troubles = troubles
        self._whole = False
        self._working = asyncio.Lock()

    async def ask(self) -> Restore | None:
        """Whether the store was restored; raises StoreUnavailable."""
        restore = await self._outbox.restored()
        if restore:
            self.why = BEHIND if restore.whole else BEGUN
        return restore

    async def until_whole(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Return once the store may answer, however long that takes."""
        pauses = delays()
        async with self._working:
            while not await self.step():
                await sleep(
                    next(pauses) if self.why in (None, BEGUN, BEHIND) else UNTIL_SOMEBODY_HELPED
                )

    async def step(self) -> bool:
        """Try once; whether the store may answer."""
        try:
            await self._make_whole()
        except (LogUnavailable, StoreUnavailable) as away:
            self._troubles.note(None, away)
        except NotWhole:
            log.warning("the restored store waits", why=self.why)
        except (StoreDiffers, TornCommit) as wrong:
            log.critical("the restored store cannot go on", why=str(wrong))
            self.why = str(wrong)
        return self._whole

    async def _make_whole(self) -> None:
        if self._whole:
            return
        restore = await self.ask()
        if restore:
            await self._catch_up(restore)
        self._troubles.clear(None)
        self._whole, self.why = True, None

    async def _catch_up(self, restore: Restore) -> None:
        if not restore.whole:
            raise NotWhole(BEGUN)
        log.warning("the store was restored: reading the log")
        taken = await self._read_to_the_end()
        await self._outbox.caught_up()
        log.warning("the store has caught up with its log", commits=taken)

    async def _read_to_the_end(self) -> int:
        """How many commits were taken back. The end is where another look takes nothing back.

        Others may write to the same log without a pause: an end without news may never come.
        """
        here = await self._identity()
        every = [Partition(topic, lane) for topic in self._topics for lane in range(PARTITIONS)]
        readings = [_Reading(self._outbox, self._reader, one, self._source) for one in every]
        await _look(readings)
        while await _look(readings):
            pass
        for one in readings:
            await one.assert_nothing_torn()
        if await self._identity() != here:
            raise LogUnavailable("the log became another one")
        return sum(one.taken for one in readings)

    async def _identity(self) -> list[str]:
        identity = await self._reader.identity()
        found = [identity.of(topic) for topic in self._topics]
        if not all(found):
            raise LogUnavailable("the log lacks a topic")
        return found


async def _look(readings: Sequence[_Reading]) -> int:
    return sum([await one.read_on() for one in readings])


class _Reading:
    """One partition, read from its beginning."""

    def __init__(
        self, outbox: Outbox, reader: LogReader, partition: Partition, source: str
    ) -> None:
        self.taken = 0
        self._outbox, self._reader, self._partition = outbox, reader, partition
        self._gathering = Gathering(source)
        self._offset = 0

    async def read_on(self) -> int:
        """Read to the end and take back what is missing; how many commits were."""
        before = self.taken
        while records := await self._reader.read(self._partition, self._offset, CHUNK):
            if commits := self._gathering.whole(records):
                self.taken += await self._outbox.take_back(commits)
            self._offset = records[-1].offset + 1
        return self.taken - before

    async def assert_nothing_torn(self) -> None:
        """What was begun again after the whole is in the store; raises TornCommit otherwise."""
        begun = self._gathering.begun
        heads = await self._outbox.heads([one.stream for one in begun]) if begun else {}
        for one in begun:
            if heads.get(one.stream, 0) < one.version:
                raise TornCommit(one.commit, one.place, one.size)
