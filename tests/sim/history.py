"""One history: casework on a simulated hub that fails and dies, until all is calm and drained."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from kernel.service import Service
from kernel.testing.simulate.fate import Trouble
from kernel.testing.simulate.lanes import LANES, few_lanes
from kernel.testing.simulate.loop import WORLD, Stuck
from kernel.testing.simulate.remember import remembering
from kernel.testing.simulate.replica import Replica
from kernel.testing.simulate.world import World
from services.consent.app import SERVICE as CONSENT
from services.facilitation.app import SERVICE as FACILITATION
from services.referral.app import SERVICE as REFERRAL
from services.reporting.app import SERVICE as REPORTING
from tests.sim.casework import Casework
from tests.sim.deck import Deck, deck_of
from tests.sim.evidence import Evidence, gather
from tests.sim.front import HUB, Front
from tests.sim.poison import Poison
from tests.sim.reading import read_once
from tests.sim.settled import unsettled

SERVICES = (REFERRAL, CONSENT, FACILITATION, REPORTING)
LONGEST_DRAIN = 300.0
MOST_LOGS_LOST = 2


def live(seed: int, services: Sequence[Service] = SERVICES) -> Evidence:
    """The history of this seed."""
    deck = deck_of(seed, services)
    with few_lanes(), remembering():
        return History(seed, deck, services).live()


@dataclass
class History:
    """Everything that a seed decides."""

    seed: int
    deck: Deck
    services: Sequence[Service] = SERVICES
    poison: Poison = field(default_factory=Poison)

    def __post_init__(self) -> None:
        bitter = [read_once(self.poison.into(one)) for one in self.services]
        self.world = World(bitter, self.seed, HUB, self.deck.world.clock.at())
        self.front = Front(self.world)
        self.random = self.world.random
        self.casework = Casework(self.front, self.random)
        self.deck.deal(self.world, self.casework)
        self.findings: list[str] = []
        self.seen: list[str] = []

    def live(self) -> Evidence:
        """Live it from beginning to end; what can be seen afterwards."""
        with self.world.fate.rules():
            try:
                self.world.loop.run(self._live())
            except Stuck as stuck:
                self.findings.append(f"G1 {stuck}")
            answers, dealt = self.front.answers, self.deck.dealt
            evidence = gather(self.world, answers, self.services, dealt)
            evidence.findings = [*self.findings, *self.world.loop.failures]
            evidence.seen = Counter([*self.seen, *self.world.fate.points])
            self.world.fate.end()
            self.world.loop.close()
        return evidence

    async def _live(self) -> None:
        self.world.start()
        self.world.fate.trouble = self._trouble()
        callers = [asyncio.ensure_future(self._call()) for _ in range(self.random.choice((2, 3)))]
        fate = asyncio.ensure_future(self._befall())
        await asyncio.wait(callers)
        await self.casework.rest()
        fate.cancel()
        await self._calm_down()
        await self._drain(cured=False)
        self.poison.cure()
        await self.poison.drive_again(self.world)
        await self._drain(cured=True)

    def _trouble(self) -> Trouble:
        """Some histories are calm, some are not."""
        heat = self.random.choice((0.0, 0.3, 1.0, 2.0))
        return Trouble(fault=0.03 * heat, dawdle=0.03 * heat, death=0.01 * heat, drop=0.05 * heat)

    async def _call(self) -> None:
        if self.random.random() < 0.5:
            await self.casework.new_case()
        for _ in range(self.random.randrange(4, 8)):
            await asyncio.sleep(self.random.expovariate(2))
            await self.casework.anything()

    async def _befall(self) -> None:
        while True:
            await asyncio.sleep(self.random.expovariate(0.5))
            self._one_thing()

    def _one_thing(self) -> None:
        what = self.random.choice([*self._happenings()])
        self.seen.append(what.__name__.strip("_"))
        what(self.random.choice([*self.world.services]))

    def _happenings(self) -> Iterator[Callable[[str], None]]:
        yield from (self._death, self._stand_still, self._leases_lost, self._read_again)
        yield from (self._rebalance, self._engine_away, self._leap, self._poisoned)
        yield self._restored if self.world.restorable() else self._backed_up
        if len(self.world.past) < MOST_LOGS_LOST and not self.world.restoring():
            yield self._log_lost

    def _death(self, name: str) -> None:
        for replica in self._some(name):
            self.world.kill(replica)

    def _stand_still(self, name: str) -> None:
        for replica in self._some(name):
            self._later(self.world.freeze(replica, self.random.uniform(1, 15)))

    def _some(self, name: str) -> list[Replica]:
        """One of a service's replicas, if there is one just now."""
        return self.random.sample(self.world.replicas[name], min(1, len(self.world.replicas[name])))

    def _leases_lost(self, name: str) -> None:
        self.world.databases[name].lanes.lose(*range(LANES))

    def _read_again(self, name: str) -> None:
        for replica in self._some(name):
            if replica.member:
                replica.member.redeliver(self.random.randrange(1, 5))

    def _rebalance(self, name: str) -> None:
        self._later(self.world.groups[name].rebalance())

    def _engine_away(self, name: str) -> None:
        engine = self.random.choice(["log", name])
        self._later(self.world.take_away(engine, self.random.uniform(0.5, 4)))

    def _leap(self, _: str) -> None:
        self.world.clock.leapt += timedelta(days=self.random.uniform(0, 3))

    def _log_lost(self, _: str) -> None:
        self.world.lose_log(acknowledges=self.random.random() < 0.5)

    def _backed_up(self, name: str) -> None:
        self.world.back_up(name)

    def _restored(self, _: str) -> None:
        self.world.restore(self.random.choice(self.world.restorable()))

    def _poisoned(self, _: str) -> None:
        self.poison.choose(self.random, [one.id for one in self.casework.cases])

    def _later(self, coro: Coroutine[object, object, None]) -> None:
        self.world.loop.spawn(WORLD, coro)

    async def _calm_down(self) -> None:
        self.world.fate.calm()
        for replicas in self.world.replicas.values():
            for replica in replicas:
                self.world.loop.thaw(replica.owner)

    async def _drain(self, *, cured: bool) -> None:
        """Wait until nothing is left to do; that it comes to this is part of what was promised."""
        deadline = self.world.loop.time() + LONGEST_DRAIN
        spared = frozenset() if cured else self.poison.cases
        while left := unsettled(self.world, spared):
            if self.world.loop.time() > deadline:
                word = "G1" if cured else "G8"
                self.findings += [f"{word} never done: {one}" for one in left[:5]]
                return
            await asyncio.sleep(1.0)


def silence() -> None:
    """Nothing is logged: thousands of histories say the same thousands of times."""
    filtering = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(processors=[_drop], wrapper_class=filtering)


def _drop(*_: object) -> str:
    raise structlog.DropEvent
