"""A service put together on its ports, the same on real engines and on their in-memory twins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from contracts.fields import OrganisationId
from kernel.clock import Clock
from kernel.commands import Commands
from kernel.consume.positions import Positions
from kernel.log import LogReader, LogWriter
from kernel.process.attend import Attendant
from kernel.process.dispatch import Dispatcher, system_actor
from kernel.process.loop import Moves, ProcessLoop
from kernel.project.parking import Parking
from kernel.project.port import Document, Documents, Projection, Queue
from kernel.project.work import ReadModel
from kernel.rebuild.feeding import Feeding
from kernel.rebuild.views import Live
from kernel.relay.pace import Pace
from kernel.relay.port import Leases, Outbox
from kernel.relay.relay import Relay
from kernel.run.gate import Gate
from kernel.run.waiting import Waiting
from kernel.service import Service
from kernel.store.gather import EventStore
from kernel.store.port import Commits


@dataclass(frozen=True)
class Ports:
    """All that a service needs of the world outside it.

    `due` is the clock of timers: the earlier of the process's and the database's. `watch` tells
    when a clock was moved by people.
    """

    clock: Clock
    due: Clock
    commits: Commits
    outbox: Outbox
    leases: Leases
    writer: LogWriter
    reader: LogReader
    documents: Documents
    queue: Queue
    positions: Positions
    watch: Moves | None = None


@dataclass(frozen=True)
class Parts:
    """A service that could run: no relay where it has no events, no feeding where it folds none."""

    store: EventStore
    commands: Commands
    relay: Relay | None
    policies: ProcessLoop
    feeding: Feeding | None
    parking: Parking | None
    live: Live
    waiting: Waiting

    @property
    def projections(self) -> tuple[Projection, ...]:
        """Everything that is fed."""
        return self.feeding.fed if self.feeding else ()


def assemble(
    service: Service, ports: Ports, hub_org: OrganisationId, pace: Pace | None = None
) -> Parts:
    """Put a service together; raises LookupError if a policy commands what is not its own."""
    source = f"/rj/{service.name}"
    relay = _relay(ports, source, pace) if service.deciders else None
    store = EventStore(Gate(ports.commits, partial(_closed, relay)) if relay else ports.commits)
    commands = Commands(store, ports.clock, source, service.decode, hub_org)
    dispatcher = Dispatcher(commands, service.deciders, system_actor(service.name, hub_org))
    attendants = [
        Attendant(one, ports.documents, dispatcher, ports.due) for one in service.policies
    ]
    policies = ProcessLoop(attendants, watch=ports.watch)
    live = Live(service.projections)
    projections = {one.name: one for one in service.projections}
    own = [one.category for one in service.deciders]
    waiting = Waiting(ports.documents, projections, live, attendants, own)
    feeding = _feeding(service, ports, attendants, live, Written(policies, waiting))
    return Parts(
        store=store,
        commands=commands,
        relay=relay,
        policies=policies,
        feeding=feeding,
        parking=feeding.parking if feeding else None,
        live=live,
        waiting=waiting,
    )


@dataclass(frozen=True)
class Written:
    """Tells policies and whoever waits that documents were written."""

    policies: ProcessLoop
    waiting: Waiting

    def __call__(self, projection: Projection, documents: Collection[Document]) -> None:
        """These documents of this projection."""
        self.policies.folded(projection, documents)
        self.waiting.folds.folded(projection, documents)


def _feeding(
    service: Service, ports: Ports, attendants: Sequence[Attendant], live: Live, written: Written
) -> Feeding | None:
    policies = [one.projection for one in attendants]
    if not (service.projections or policies):
        return None
    model = ReadModel(ports.documents, ports.queue, service.decode, ports.clock)
    return Feeding(
        service.name,
        service.projections,
        policies,
        model,
        ports.positions,
        ports.reader,
        live,
        written,
    )


def _relay(ports: Ports, source: str, pace: Pace | None) -> Relay:
    writer, reader = ports.writer, ports.reader
    return Relay(ports.outbox, ports.leases, writer, reader, source=source, pace=pace)


def _closed(relay: Relay) -> str | None:
    return relay.health().closed
