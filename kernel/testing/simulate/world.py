"""A whole simulated hub: one log, each service's databases, and two replicas of each service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from random import Random
from typing import TypeVar

from contracts.envelope import Topic
from contracts.fields import OrganisationId
from kernel.log import Partition, Record
from kernel.relay.port import Restore
from kernel.run.assemble import Parts
from kernel.service import Service
from kernel.testing.simulate.bells import RingingLog
from kernel.testing.simulate.databases import Databases, SimClock
from kernel.testing.simulate.estate import inherit
from kernel.testing.simulate.fate import Fate
from kernel.testing.simulate.group import SimGroup
from kernel.testing.simulate.lanes import LANES
from kernel.testing.simulate.loop import WORLD, SimLoop
from kernel.testing.simulate.peers import SimPeers
from kernel.testing.simulate.replica import NoAnswer, Replica

T = TypeVar("T")

REPLICAS = 2
SKEW_SECONDS = 0.5

Records = dict[Partition, tuple[Record, ...]]


class World:
    """What happens to it is told by its methods; when, by whoever calls them.

    It is made, and lives, under `few_lanes`.
    """

    def __init__(
        self, services: Sequence[Service], seed: int, hub_org: OrganisationId, began: datetime
    ) -> None:
        self.random = Random(seed)
        self.loop = SimLoop(seed)  # type: ignore[abstract]  # it has no sockets, threads or signals
        self.fate = Fate(self.random, self.loop)
        self.fate.on_death = self._died
        self.log = RingingLog(self.fate)
        self.clock = SimClock(self.fate, began)
        self.services = {one.name: one for one in services}
        self.databases = {one.name: Databases(one.name, self.fate) for one in services}
        self.replicas: dict[str, list[Replica]] = {one: [] for one in self.services}
        self.groups: dict[str, SimGroup] = {}
        self.peers = SimPeers(self)
        self.past: list[Records] = []
        self.backups: dict[str, Databases] = {}
        self._hub_org, self._born = hub_org, 0

    def inherit(self, ancestor: World) -> None:
        """Begin, before any process starts, with what another world has left behind."""
        inherit(self.log, ancestor.log)
        for name, databases in self.databases.items():
            databases.inherit(ancestor.databases[name])

    def start(self) -> None:
        """Start two replicas of each service; to be called on the loop."""
        for name, service in self.services.items():
            topics = {one for it in service.projections for one in it.topics}
            topics |= {one for it in service.policies for one in it.topics}
            self.groups[name] = SimGroup(self.loop, self.log, tuple(sorted(topics)))
            for _ in range(REPLICAS):
                self.start_replica(name)

    def start_replica(self, name: str) -> Replica:
        """A new process of a service."""
        self._born += 1
        owner = f"{name}#{self._born}"
        skew = self.random.uniform(-SKEW_SECONDS, SKEW_SECONDS)
        ports = self.databases[name].ports(self.log, self.clock, owner, skew)
        replica = Replica(self.services[name], owner, ports, self.groups[name], self.fate)
        self.replicas[name].append(replica)
        replica.start(self._hub_org)
        return replica

    def kill(self, replica: Replica) -> None:
        """A process dies at once, and another one starts in a while."""
        name = replica.service.name
        self.replicas[name].remove(replica)
        replica.kill()
        self.loop.spawn(WORLD, self._follow(name))

    async def freeze(self, replica: Replica, seconds: float) -> None:
        """A process stands still, as a machine that swaps or a virtual one that is moved."""
        self.loop.freeze(replica.owner)
        await asyncio.sleep(seconds)
        self.loop.thaw(replica.owner)

    async def take_away(self, engine: str, seconds: float) -> None:
        """A service's database, or `log`, gives no answer for a while."""
        self.fate.away(engine, gone=True)
        await asyncio.sleep(seconds)
        self.fate.away(engine, gone=False)

    def lose_log(self, *, acknowledges: bool) -> None:
        """The log is another, empty one; old connections may be acknowledged into the void."""
        self.past.append(self.records())
        self.log.acknowledges_strangers = acknowledges
        self.log.lose()

    def back_up(self, name: str) -> None:
        """Keep what a service's databases hold now, if a majority has all of it."""
        if self.databases[name].commits.settled:
            self.backups[name] = kept = Databases(name, self.fate)
            kept.inherit(self.databases[name])

    def restorable(self) -> list[str]:
        """Services with a backup, and with nothing that is known to themselves alone."""
        ids = {dict(one.headers)["ce_id"] for held in self.records().values() for one in held}
        return [name for name in self.backups if self.databases[name].stands_on(ids)]

    def restore(self, name: str) -> None:
        """All processes of a service die, and others begin in a while with its last backup."""
        self.databases[name] = kept = self.backups.pop(name)
        kept.outbox.restore = Restore(whole=True)
        for replica in list(self.replicas[name]):
            self.kill(replica)

    def restoring(self) -> bool:
        """Whether a service has the rest of its store on the log alone."""
        return any(one.outbox.restore for one in self.databases.values())

    def records(self) -> Records:
        """All that stands on the log now."""
        every = (Partition(topic, lane) for topic in Topic.ALL for lane in range(LANES))
        return {one: held for one in every if (held := self.log.records(one))}

    async def call(self, name: str, job: Callable[[Parts], Awaitable[T]]) -> T:
        """Have one of a service's replicas do it; raises NoAnswer, or what the job raises."""
        replicas = self.replicas[name]
        if not replicas:
            raise NoAnswer
        return await self.random.choice(replicas).call(job)

    def _died(self, owner: str) -> None:
        for replicas in self.replicas.values():
            for replica in [one for one in replicas if one.owner == owner]:
                self.kill(replica)

    async def _follow(self, name: str) -> None:
        await asyncio.sleep(self.random.expovariate(0.7))
        self.start_replica(name)
        await self.groups[name].rebalance()
