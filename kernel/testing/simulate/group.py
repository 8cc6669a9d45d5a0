"""A consumer group as a broker sees it: who does not answer in time is no member any more."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from itertools import cycle

from kernel.consume.memory import MemoryGroup, MemoryMember
from kernel.consume.runner import Runner
from kernel.log import Partition
from kernel.testing.simulate.bells import RingingLog
from kernel.testing.simulate.loop import WORLD, SimLoop

SESSION_SECONDS = 2.0
DRAIN_SECONDS = 1.0


class SimGroup(MemoryGroup):
    """Rebalances in the members' own names: a frozen one is expelled, and may go on as a zombie."""

    def __init__(self, loop: SimLoop, log: RingingLog, topics: tuple[str, ...]) -> None:
        super().__init__(log, topics, DRAIN_SECONDS)
        self._loop, self._bell = loop, log.bell
        self._owners: dict[MemoryMember, str] = {}
        self._turn = asyncio.Lock()

    def enter(self, owner: str, runner: Runner) -> asyncio.Task[MemoryMember]:
        """Become a member, and share the partitions anew."""
        return self._loop.spawn(WORLD, self._enter(owner, runner))

    def has(self, member: MemoryMember) -> bool:
        """Whether it is still a member."""
        return member in self.members

    async def rung(self, owner: str, seconds: float) -> None:
        """Wait until something may be there to read."""
        await self._bell.wait(owner, seconds)

    async def rebalance(self) -> None:
        """Revoke everything, then deal it out again."""
        async with self._turn:
            await self._rebalance()

    async def _enter(self, owner: str, runner: Runner) -> MemoryMember:
        member = MemoryMember(self, runner)
        self._owners[member] = owner
        async with self._turn:
            self.members.append(member)
            await self._rebalance()
        return member

    async def _rebalance(self) -> None:
        for member in list(self.members):
            if not await self._answers(member, member.lose()):
                self.members.remove(member)
        self.members = self.members[1:] + self.members[:1]
        for member, hand in zip(list(self.members), self._hands(), strict=True):
            if not await self._answers(member, member.gain(hand)):
                self.members.remove(member)

    def _hands(self) -> list[list[Partition]]:
        hands: defaultdict[int, list[Partition]] = defaultdict(list)
        turn = cycle(range(len(self.members) or 1))
        for topic in self.topics:
            for number in range(self.log.partitions):
                hands[next(turn)].append(Partition(topic, number))
        return [hands[place] for place in range(len(self.members))]

    async def _answers(self, member: MemoryMember, asked: Coroutine[object, object, None]) -> bool:
        task = self._loop.spawn(self._owners[member], asked)
        done, _ = await asyncio.wait({task}, timeout=SESSION_SECONDS)
        task.cancel()
        return bool(done)
