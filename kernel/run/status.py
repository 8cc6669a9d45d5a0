"""What a running service measures of itself when operations ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from contracts.envelope import PARTITIONS
from kernel.consume.lag import Lag
from kernel.http.status import Figures, Reading, Rebuilding, Sending
from kernel.rebuild.rebuild import Rebuild
from kernel.run.consumers import Consumers
from kernel.run.engines import Engines

T = TypeVar("T")

PATIENCE_SECONDS = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Measured:
    """Each figure is asked for at once; one that is not to be had leaves the others alone."""

    engines: Engines

    async def __call__(self) -> Figures:
        lacking: list[str] = []
        sending, reading, parked, rebuilds, ahead = await asyncio.gather(
            _if_to_be_had("sending", self._sending, lacking),
            _if_to_be_had("reading", self._reading, lacking),
            _if_to_be_had("parked", self._parked, lacking),
            _if_to_be_had("rebuilds", self._rebuilds, lacking),
            _if_to_be_had("clock_ahead_seconds", self.engines.seconds_ahead, lacking),
        )
        return Figures(
            sending=sending,
            reading=reading,
            parked=parked,
            rebuilds=rebuilds,
            clock_ahead_seconds=ahead,
            lacking=tuple(sorted(lacking)),
        )

    async def _sending(self) -> Sending | None:
        relay = self.engines.parts.relay
        if relay is None:
            return None
        backlog, health = await self.engines.ports.outbox.backlog(), relay.health()
        now = await self.engines.ports.clock.now()
        return Sending(
            replicas=health.replicas,
            lanes=health.lanes,
            commits=backlog.count,
            again=backlog.again,
            oldest_seconds=backlog.waited(now),
            streams_parked=health.parked,
            waiting_for_causes=health.waiting_for_causes,
        )

    async def _reading(self) -> Reading | None:
        consumers = self.engines.consumers
        if consumers is None or consumers.first is None:
            return None
        lags = await consumers.lag()
        return Reading(
            partitions=len(lags),
            of=PARTITIONS * len(consumers.first.runner.topics),
            events=sum(one.events for one in lags),
            seconds=max((one.seconds for one in lags), default=0.0),
        )

    async def _parked(self) -> dict[str, int]:
        if (feeding := self.engines.parts.feeding) is None:
            return {}
        found = feeding.parked(await self.engines.ports.queue.count())
        return {name: count for name, count in found.items() if count}

    async def _rebuilds(self) -> tuple[Rebuilding, ...]:
        consumers = self.engines.consumers
        if consumers is None or not consumers.feeding.rebuilds:
            return ()
        waiting = await self.engines.ports.queue.count()
        return tuple(await rebuilding(consumers, waiting))


async def rebuilding(consumers: Consumers, waiting: Mapping[str, int]) -> list[Rebuilding]:
    """How each read model stands that is made anew; `waiting` counts what is parked, by view."""
    return [
        _rebuilding(one, await consumers.lag_of(one), waiting)
        for one in consumers.feeding.rebuilds.values()
    ]


def _rebuilding(one: Rebuild, lags: Sequence[Lag], waiting: Mapping[str, int]) -> Rebuilding:
    view, progress = one.projection.view, one.progress
    return Rebuilding(
        read_model=one.projection.name,
        view=view,
        stage=progress.stage.value,
        partitions=len(lags),
        events=sum(lag.events for lag in lags),
        seconds=max((lag.seconds for lag in lags), default=0.0),
        parked=waiting.get(view, 0),
        compared=progress.compared,
        different=progress.different,
        examples=progress.examples,
    )


async def _if_to_be_had(
    figure: str, measure: Callable[[], Awaitable[T]], lacking: list[str]
) -> T | None:
    """What is measured, which is None where the service has no such part; else it is lacking."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await measure()
    except Exception:  # whatever it is, the checks tell why
        log.warning("figure not to be had", of=figure, exc_info=True)
        lacking.append(figure)
        return None
