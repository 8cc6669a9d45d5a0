"""What a running service measures of itself when operations ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from contracts.envelope import PARTITIONS
from kernel.http.status import Figures, Reading, Sending
from kernel.run.engines import Engines

T = TypeVar("T")

PATIENCE_SECONDS = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Measured:
    """Each figure is asked for at once; one that is not to be had leaves the others alone."""

    engines: Engines

    async def __call__(self) -> Figures:
        sending, reading, parked, ahead = await asyncio.gather(
            _if_to_be_had(self._sending),
            _if_to_be_had(self._reading),
            _if_to_be_had(self._parked),
            _if_to_be_had(self.engines.seconds_ahead),
        )
        return Figures(sending=sending, reading=reading, parked=parked, clock_ahead_seconds=ahead)

    async def _sending(self) -> Sending | None:
        relay = self.engines.parts.relay
        if relay is None:
            return None
        backlog, health = await self.engines.ports.outbox.backlog(), relay.health()
        now = await self.engines.ports.clock.now()
        age = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        return Sending(
            replicas=health.replicas,
            lanes=health.lanes,
            commits=backlog.count,
            oldest_seconds=max(0.0, age),
            streams_parked=health.parked,
            waiting_for_causes=health.waiting_for_causes,
        )

    async def _reading(self) -> Reading | None:
        consumer = self.engines.consumer
        if consumer is None:
            return None
        lags = await consumer.lag()
        return Reading(
            partitions=len(lags),
            of=PARTITIONS * len(consumer.runner.topics),
            events=sum(one.events for one in lags),
            seconds=max((one.seconds for one in lags), default=0.0),
        )

    async def _parked(self) -> dict[str, int]:
        waiting = await self.engines.ports.queue.count()
        found = {one.name: waiting.get(one.view, 0) for one in self.engines.parts.projections}
        return {name: count for name, count in found.items() if count}


async def _if_to_be_had(measure: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await measure()
    except Exception:  # whatever it is, the checks tell why
        log.warning("figure not to be had", of=measure.__name__, exc_info=True)
        return None
