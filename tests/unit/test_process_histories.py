"""Random histories of a policy: whatever fails, dies or comes twice, each effect happens once."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.envelope import Recorded
from kernel import crash
from kernel.clock import FixedClock
from kernel.process.agenda import LONGEST_DELAY
from kernel.project.memory import MemoryDocuments
from kernel.project.twin import DataFault
from kernel.store.memory import MemoryCommits, Operation, StoreFault
from kernel.store.port import StoreUnavailable
from kernel.testing.spec import CASE, NOW, an_id
from tests.process_world import A_DAY, World, rung

CASES = (CASE, an_id("other case"))
NUMBERS = (0, 1, 2, 13, 3, 4, 13, 5)
EXPECTED = [0, 1, 2, 3, 4, 5]
STORE_FAULTS = (StoreFault.AWAY, StoreFault.REPLY_LOST, StoreFault.TORN, StoreFault.STRAY)


@dataclass
class History:
    """A service on twins that fail by a seeded choice."""

    random: Random
    share: float = 0.15
    told: dict[object, int] = field(default_factory=lambda: dict.fromkeys(CASES, 0))
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))

    def __post_init__(self) -> None:
        self.documents = MemoryDocuments(self._data_fault, self._pause)
        self.commits = MemoryCommits(self._store_fault)
        self.world = World(documents=self.documents, commits=self.commits, clock=self.clock)

    def _data_fault(self, _: str) -> DataFault | None:
        return self.random.choice([*DataFault]) if self.random.random() < self.share else None

    def _store_fault(self, _: Operation) -> StoreFault | None:
        return self.random.choice(STORE_FAULTS) if self.random.random() < self.share else None

    async def _pause(self, _: str) -> None:
        if self.random.random() < self.share / 4:
            raise crash.Crashed

    async def step(self, what: str) -> None:
        """One thing happens; a process that dies at it is followed by another."""
        crash.set_hook(crash.raise_at("after_dispatch") if what == "die after dispatch" else None)
        try:
            await self._step(what)
        except crash.Crashed:
            self.world = self.world.restarted()
        finally:
            crash.set_hook(None)

    async def _step(self, what: str) -> None:
        match what:
            case "tell":
                await self.world.fold(*self._news())
            case "tell again":
                await self.world.fold(*self._all_told(), log=f"log {self.random.random()}")
            case "move the clock":
                self.clock.move(self.clock.moment + A_DAY * self.random.random())
            case "restart":
                self.world = self.world.restarted()
            case _:
                with suppress(StoreUnavailable):
                    await self.world.loop.settle()

    def _news(self) -> list[Recorded]:
        case = self.random.choice(CASES)
        first, many = self.told[case], self.random.randint(1, 3)
        self.told[case] = min(first + many, len(NUMBERS))
        return self._records(case, first, self.told[case])

    def _all_told(self) -> list[Recorded]:
        return [one for case in CASES for one in self._records(case, 0, self.told[case])]

    def _records(self, case: object, first: int, last: int) -> list[Recorded]:
        return [
            rung(n, version, subject=case, at=NOW + timedelta(hours=version))
            for version, n in enumerate(NUMBERS, start=1)
            if first < version <= last
        ]

    async def end(self) -> None:
        """Nothing fails any more, everything is told, and time passes."""
        self.share = 0
        self.told = dict.fromkeys(CASES, len(NUMBERS))
        await self.world.fold(*self._all_told())
        for _ in range(30):
            await self.world.loop.settle()
            self.clock.move(self.clock.moment + LONGEST_DELAY)
        self.clock.move(self.clock.moment + 3 * A_DAY)
        await self.world.loop.settle()


STEPS = st.lists(
    st.sampled_from(
        ["tell", "tell again", "settle", "die after dispatch", "restart", "move the clock"]
    ),
    max_size=25,
)


async def live(seed: int, steps: Sequence[str]) -> History:
    history = History(Random(seed))
    for step in steps:
        await history.step(step)
    await history.end()
    return history


async def check(history: History) -> None:
    for case in CASES:
        knocks = await history.world.knocks(case)
        assert [n for n in knocks if n < 1000] == EXPECTED
        fired = [n for n in knocks if n >= 1000]
        assert len(set(fired)) == len(fired)
        assert fired[-1] == 1000 + len(NUMBERS)
        agenda = await history.world.agenda(case)
        assert (agenda.todo, agenda.timers, agenda.state["rung"]) == ((), {}, len(NUMBERS))
        assert [one.reason for one in agenda.refusals] == ["refused", "refused"]


@given(st.integers(0, 2**32), STEPS)
@example(1, [])
@settings(max_examples=30, deadline=None)
def test_whatever_happens_each_command_has_one_effect_in_order(seed: int, steps: list[str]) -> None:
    async def run() -> None:
        await check(await live(seed, steps))

    asyncio.run(run())


def test_the_same_seed_lives_the_same_history() -> None:
    async def log_of(seed: int) -> list[str]:
        history = await live(seed, ["tell", "settle", "die after dispatch", "tell again"] * 5)
        return [f"{one.id} {one.command_id}" for one in history.commits.durable()]

    assert asyncio.run(log_of(7)) == asyncio.run(log_of(7))
