"""What a running service shows over HTTP: its routes, its health, its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from contracts.envelope import Topic
from contracts.fields import OrganisationId
from kernel.http.surface import Surface
from kernel.http.tokens import Tokens
from kernel.log import NotLetIn
from kernel.observe.health import Check
from kernel.observe.metrics import Metrics
from kernel.rebuild.feeding import Feeding
from kernel.relay.relay import Relay
from kernel.run.consumers import Consumers
from kernel.run.engines import Engines
from kernel.run.status import Measured, rebuilding
from kernel.service import Service
from kernel.settings import Settings


def surface(
    service: Service,
    settings: Settings,
    engines: Engines,
    tokens: Tokens,
    secrets: Mapping[str, bytes],
) -> Surface:
    """The parts of the service's HTTP application."""
    return Surface(
        name=service.name,
        version=version("rjhub"),
        routes=service.routes,
        tokens=tokens,
        hub_org=OrganisationId(settings.hub_org),
        commands=engines.parts.commands,
        documents=engines.ports.documents,
        waiter=engines.parts.waiting,
        live=engines.parts.live,
        secrets=secrets,
        checks=_Checks(engines).all(),
        metrics=_Sources(engines).metrics(),
        clock=engines.ports.clock,
        parking=engines.parts.parking,
        feeding=engines.parts.feeding if service.projections else None,
        dev_clock=engines.dev_clock,
        measure=Measured(engines),
    )


@dataclass(frozen=True)
class _Checks:
    """What must work for the service to be ready."""

    engines: Engines

    def all(self) -> dict[str, Check]:
        found: dict[str, Check] = {"store": self.store, "topics": self.topics}
        if consumers := self.engines.consumers:
            found["consumer"] = lambda: self.consumer(consumers)
        if relay := self.engines.parts.relay:
            found["log"] = lambda: self.log(relay)
        return found

    async def store(self) -> str | None:
        await self.engines.ports.documents.ping()
        return None if self.engines.prepared.is_set() else "is being prepared"

    async def topics(self) -> str | None:
        try:
            identity = await self.engines.ports.reader.identity()
        except NotLetIn as refused:
            return str(refused)
        missing = [topic for topic in Topic.ALL if not identity.of(topic)]
        return f"{', '.join(missing)} do not exist; create them" if missing else None

    async def consumer(self, consumers: Consumers) -> str | None:
        if not consumers.alive():
            return "does not poll the log"
        unseated = consumers.unseated()
        return f"{unseated} partitions wait for their place" if unseated else None

    async def log(self, relay: Relay) -> str | None:
        return relay.health().closed


@dataclass(frozen=True)
class _Sources:
    """What is measured when it is asked for."""

    engines: Engines

    def metrics(self) -> Metrics:
        metrics = Metrics()
        metrics.source("clock", lambda: self.clock(metrics))
        if feeding := self.engines.parts.feeding:
            metrics.source("parked", lambda: self.parked(metrics, feeding))
        if consumers := self.engines.consumers:
            metrics.source("lag", lambda: self.lag(metrics, consumers))
            metrics.source("rebuilds", lambda: self.rebuilds(metrics, consumers))
        if relay := self.engines.parts.relay:
            metrics.source("outbox", lambda: self.outbox(metrics, relay))
        return metrics

    async def parked(self, metrics: Metrics, feeding: Feeding) -> None:
        waiting = await self.engines.ports.queue.count()
        for name, count in feeding.parked(waiting).items():
            metrics.parked.labels(name).set(count)

    async def clock(self, metrics: Metrics) -> None:
        metrics.clock_ahead_seconds.set(await self.engines.seconds_ahead())

    async def lag(self, metrics: Metrics, consumers: Consumers) -> None:
        metrics.log_records_missing.set(consumers.missed())
        metrics.show_lag(consumers.feeding.service, await consumers.lag())

    async def rebuilds(self, metrics: Metrics, consumers: Consumers) -> None:
        waiting = await self.engines.ports.queue.count() if consumers.feeding.rebuilds else {}
        metrics.show_rebuilds(
            (one.view, one.events, one.different) for one in await rebuilding(consumers, waiting)
        )

    async def outbox(self, metrics: Metrics, relay: Relay) -> None:
        backlog = await self.engines.ports.outbox.backlog()
        now = await self.engines.ports.clock.now()
        metrics.outbox_commits.set(backlog.count)
        metrics.outbox_oldest_seconds.set(backlog.waited(now))
        metrics.parked.labels("relay").set(relay.health().parked)
