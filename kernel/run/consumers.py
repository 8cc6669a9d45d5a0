"""The consumers of a service: one for all that answers, one for each view that is being made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from kernel.consume.consumer import Consumer
from kernel.consume.lag import Lag
from kernel.consume.runner import Runner
from kernel.log import LogUnavailable
from kernel.rebuild.feeding import Feeding
from kernel.rebuild.rebuild import Rebuild
from kernel.store.port import StoreUnavailable

LOOK_SECONDS, MAKING_SECONDS = 4.0, 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Running:
    """A consumer, and the task that it runs in."""

    consumer: Consumer
    task: asyncio.Task[None]


class Consumers:
    """Runs a consumer for each feed that is wanted by now.

    One that is wanted no longer goes on until those in its place are alive, so that nothing stands
    still meanwhile; what both fold is a duplicate.
    """

    def __init__(
        self,
        feeding: Feeding,
        make: Callable[[Runner], Consumer],
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self.feeding = feeding
        self._make, self._look_seconds = make, look_seconds
        self._running: dict[str, Running] = {}
        self._first: Consumer | None = None

    @property
    def first(self) -> Consumer | None:
        """The one that feeds what answers; None while nothing does."""
        return self._first

    def alive(self) -> bool:
        """Whether what answers is fed; while nothing does, whether what is made is."""
        feeding = [self._first] if self._first else [one.consumer for one in self._running.values()]
        return bool(feeding) and all(one.alive() for one in feeding)

    def unseated(self) -> int:
        """How many partitions wait for their place."""
        return sum(one.consumer.health().unseated for one in self._running.values())

    def missed(self) -> int:
        """How many records were gone from the log before they were read here."""
        return sum(one.consumer.runner.missed for one in self._running.values())

    async def lag(self) -> list[Lag]:
        """How far what answers is behind, for each partition that is read here."""
        return await self._first.lag() if self._first else []

    async def lag_of(self, rebuild: Rebuild) -> list[Lag]:
        """The same of a view that is being made."""
        there = self._running.get(rebuild.runner.feed.group)
        return await there.consumer.lag() if there else []

    async def run(self) -> None:
        """Consume until cancelled.

        Raises a group of what `Consumer.run` raises.
        """
        async with asyncio.TaskGroup() as group:
            while True:
                await self._follow(group)
                making = self.feeding.rebuilds and MAKING_SECONDS
                await asyncio.sleep(making or self._look_seconds)
                try:
                    await self.feeding.look()
                except (StoreUnavailable, LogUnavailable) as away:
                    log.warning("cannot_look", error=type(away).__name__)

    async def _follow(self, group: asyncio.TaskGroup) -> None:
        wanted = self._wanted()
        for name, runner in wanted.items():
            if name not in self._running:
                self._running[name] = self._started(runner, group)
        ending = {name: one for name, one in self._running.items() if name not in wanted}
        if ending and not all(self._running[name].consumer.alive() for name in wanted):
            return
        first = self.feeding.runner
        self._first = self._running[first.feed.group].consumer if first else None
        for name, one in ending.items():
            one.task.cancel()
            await asyncio.wait([one.task])
            del self._running[name]

    def _wanted(self) -> dict[str, Runner]:
        made = (one.runner for one in self.feeding.rebuilds.values())
        runners = (*made, self.feeding.runner)
        return {one.feed.group: one for one in runners if one}

    def _started(self, runner: Runner, group: asyncio.TaskGroup) -> Running:
        consumer = self._make(runner)
        return Running(consumer, group.create_task(consumer.run(), name=runner.feed.group))
