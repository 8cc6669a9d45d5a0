"""Random histories of releases that run beside each other, die, come back, and make views anew."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from functools import reduce
from itertools import product
from uuid import UUID

import pytest

from contracts.envelope import Recorded
from kernel.project.port import Body, Projection
from kernel.project.twin import DataFault
from kernel.rebuild.feeding import NotNow
from kernel.rebuild.views import Alias, NotBuilt
from kernel.store.port import StoreUnavailable
from tests.support_folds import ALICE, BOB, CAROL, step, walk
from tests.support_rebuild import MANY, Hub, Process, seen
from tests.unit.test_rebuild import with_steps

PEOPLE = (ALICE, BOB, CAROL)
SAME = walk(name="same")
# Later releases ask something of a topic that the first does not read.
WIDER = walk(name="wider", topics=("rj.case", "rj.offer"))
RELEASES = (
    (walk(), SAME),
    (walk(with_steps, version="2"), SAME, WIDER),
    (walk(version="3"), SAME, WIDER),
)
TOPICS = {"referral": "rj.case", "offer": "rj.offer"}

LENGTH = 60
HISTORIES = int(os.environ.get("RJHUB_TEST_HISTORIES", "60"))


class History:
    """A hub to which anything may happen; what each view told is kept."""

    def __init__(self, seed: int) -> None:
        self.random, self.hub = random.Random(seed), Hub()
        self.processes: list[Process] = []
        self.versions = dict.fromkeys(product(TOPICS, PEOPLE), 0)
        self.told: dict[tuple[str, str, UUID], int] = {}
        self.begun: dict[str, dict[tuple[str, UUID], int]] = {}
        self.faults = 0.0
        for twin in (self.hub.world.documents.twin, self.hub.world.positions.twin):
            twin.faults = self._fault

    async def live(self) -> None:
        """Begin with one release, then let things happen, then let it come to rest."""
        await self._start(RELEASES[0])
        self.faults = self.random.choice((0.0, 0.02, 0.1))
        for _ in range(LENGTH):
            await self.random.choice(self._happenings())()
            self._look_on()
        self.faults = 0.0
        while self.processes:
            await self.processes.pop().end()
        last = await self._start(self.random.choice(RELEASES))
        for _ in range(MANY):
            await last.step()
        await last.drain()
        self._check(last)

    def _happenings(self) -> list[Callable[[], Awaitable[None]]]:
        return [
            *[self._publish] * 3,
            *[self._step] * 6,
            self._start_one,
            self._end,
            self._die,
            self._ask,
            self._discard,
            self._redeliver,
        ]

    async def _start(self, release: tuple[Projection, ...]) -> Process:
        process = Process(self.hub, release)
        while True:
            try:
                await process.feeding.prepare()
                await process.follow()
            except StoreUnavailable:
                continue
            self.processes.append(process)
            return process

    async def _start_one(self) -> None:
        if len(self.processes) < 3:
            await self._start(self.random.choice(RELEASES))

    async def _publish(self) -> None:
        of, who = self.random.choice([*self.versions])
        self.versions[of, who] += 1
        self.hub.world.publish(step(self.versions[of, who], of=of, who=who), topic=TOPICS[of])

    async def _step(self) -> None:
        for process in self._some():
            try:
                for member in process.members.values():
                    await member.look()
                await process.step(limit=self.random.choice((1, 2, 100)))
            except StoreUnavailable:
                await process.follow()

    async def _end(self) -> None:
        for process in self._some() if len(self.processes) > 1 else ():
            self.processes.remove(process)
            await process.end()

    async def _die(self) -> None:
        for process in self._some() if len(self.processes) > 1 else ():
            self.processes.remove(process)
            await process.die()

    async def _ask(self) -> None:
        for process in self._some():
            feeding = process.feeding
            ask = self.random.choice((feeding.begin, feeding.begin, feeding.accept, feeding.stop))
            with suppress(NotNow, StoreUnavailable):
                await ask("walk")

    async def _discard(self) -> None:
        """An operator does so only where a single release runs, and nothing is being made."""
        (process, *others) = self.processes
        if not others and not process.feeding.rebuilds:
            try:
                gone = await process.feeding.discard("walk")
            except NotNow:
                gone = []
            except StoreUnavailable:
                gone = list((await self._aliases()).retired)
            self.told = {one: n for one, n in self.told.items() if one[0] not in gone}
            self.begun = {view: there for view, there in self.begun.items() if view not in gone}

    async def _aliases(self) -> Alias:
        self.faults, faults = 0.0, self.faults
        found = (await self.processes[0].feeding.aliases())["walk"]
        self.faults = faults
        return found

    async def _redeliver(self) -> None:
        for process in self._some():
            for member in process.members.values():
                member.redeliver(self.random.randint(1, 5))

    def _some(self) -> list[Process]:
        return self.random.sample(self.processes, k=1)

    def _fault(self, _: str) -> DataFault | None:
        faults = (DataFault.AWAY, DataFault.REPLY_LOST, DataFault.OVERTAKEN, DataFault.TORN)
        return self.random.choice(faults) if self.random.random() < self.faults else None

    def _look_on(self) -> None:
        """What a view tells never becomes less; at first it is all there was when it was begun."""
        answered = {view for view, *_ in self.told}
        for process in self.processes:
            for rebuild in process.feeding.rebuilds.values():
                if rebuild.projection.view not in answered:
                    self.begun.setdefault(rebuild.projection.view, dict(self.versions))
            for one in process.projections:
                with suppress(NotBuilt):
                    self._look_at(process.live.view(one.name), one.topics)

    def _look_at(self, view: str, topics: Sequence[str]) -> None:
        begun, bodies = self.begun.get(view, {}), self.hub.bodies(view)
        for (of, who), topic in product(self.versions, topics):
            if TOPICS[of] == topic:
                found = len(seen(bodies.get(who, {}), of))
                least = max(self.told.get((view, of, who), 0), begun.get((of, who), 0))
                assert found >= least, (view, of, who)
                self.told[view, of, who] = found

    def _check(self, process: Process) -> None:
        """One release is left: it answers from its own view, which is as one fold of it all."""
        settled = {one.name: one for one in process.feeding.settled}
        assert settled.keys() == {one.name for one in process.projections}
        assert not process.feeding.rebuilds
        for name, projection in settled.items():
            assert process.live.view(name) == projection.view
            assert self.hub.bodies(projection.view) == self._serial(projection)
        fed = {one.view for one in settled.values()}
        assert [one for one in self.hub.world.queue.all() if one.view in fed] == []

    def _serial(self, projection: Projection) -> dict[UUID, Body]:
        bodies = {
            who: reduce(projection.fold, self._events(projection, who), Body()) for who in PEOPLE
        }
        return {who: body for who, body in bodies.items() if body}

    def _events(self, projection: Projection, who: UUID) -> Iterator[Recorded]:
        for of, topic in TOPICS.items():
            for n in range(self.versions[of, who] if topic in projection.topics else 0):
                yield step(n + 1, of=of, who=who)


@pytest.mark.parametrize("seed", range(HISTORIES))
async def test_whatever_releases_do_no_view_loses_anything_and_the_last_one_has_it_all(
    seed: int,
) -> None:
    await History(seed).live()
