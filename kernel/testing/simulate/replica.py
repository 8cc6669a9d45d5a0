"""One process of a simulated service: it starts from its databases, works, and may die anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from contracts.fields import OrganisationId
from kernel.consume.memory import MemoryMember
from kernel.consume.runner import Runner
from kernel.project.steady import waits
from kernel.relay.pace import Pace
from kernel.run.assemble import Parts, Ports, assemble
from kernel.service import Service
from kernel.store.port import StoreUnavailable

if TYPE_CHECKING:
    from kernel.testing.simulate.fate import Fate
    from kernel.testing.simulate.group import SimGroup

T = TypeVar("T")

PACE = Pace(beat=2.0, sweep=8.0, look=3.0, ring=8.0)
LOOK_SECONDS = 2.0
CALL_SECONDS = 15.0


class NoAnswer(Exception):
    """The call may have been carried out, or not: the connection is gone."""


class Replica:
    """A process; its `owner` is the name in which all its tasks run."""

    def __init__(
        self, service: Service, owner: str, ports: Ports, group: SimGroup, fate: Fate
    ) -> None:
        self.service, self.owner, self._fate = service, owner, fate
        self._ports, self._group = ports, group
        self._calls: set[asyncio.Future[Any]] = set()
        self.parts: Parts | None = None
        self.member: MemoryMember | None = None

    def start(self, hub_org: OrganisationId) -> None:
        """Begin to work, in a while."""
        self._spawn(lambda: self._live(hub_org))

    def kill(self) -> None:
        """Die; callers lose their connections."""
        self._fate.loop.kill(self.owner)
        for call in self._calls:
            _fail(call, NoAnswer())
        self._calls.clear()

    async def call(self, job: Callable[[Parts], Awaitable[T]]) -> T:
        """Have something done in this process; raises NoAnswer, or what the job raises."""
        if self.parts is None or self._fate.loop.dead(self.owner):
            raise NoAnswer
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._calls.add(answer)
        self._spawn(partial(self._answer, job, self.parts, answer))
        try:
            return await asyncio.wait_for(answer, CALL_SECONDS)
        except TimeoutError:
            raise NoAnswer from None
        finally:
            self._calls.discard(answer)

    async def _answer(
        self, job: Callable[[Parts], Awaitable[T]], parts: Parts, answer: asyncio.Future[T]
    ) -> None:
        await self._fate.pause("request")
        try:
            result = await job(parts)
        except Exception as wrong:  # noqa: BLE001  the caller is told
            _fail(answer, wrong)
            return
        await self._fate.pause("response")
        if self._fate.strikes(self._fate.trouble.drop):
            _fail(answer, NoAnswer())
        elif not answer.done():
            answer.set_result(result)

    async def _live(self, hub_org: OrganisationId) -> None:
        parts = assemble(self.service, self._ports, hub_org, PACE)
        if parts.feeding:
            await _at_last(parts.feeding.prepare)
        if parts.relay:
            await _at_last(parts.relay.learn)
        self.parts = parts
        self._spawn(parts.policies.run)
        if parts.relay:
            self._spawn(parts.relay.run)
            await parts.relay.prepare()
        if parts.feeding and parts.feeding.runner:
            await parts.feeding.runner.tidy()
            self._spawn(self._look)
            await self._consume(parts.feeding.runner)

    async def _consume(self, runner: Runner) -> None:
        while True:
            member = self.member
            if member is None or not self._group.has(member):
                member = self.member = await self._enter(runner, member)
            if not await member.step(self._fate.random.choice((1, 3, 100))):
                await self._group.rung(self.owner, LOOK_SECONDS)

    async def _enter(self, runner: Runner, expelled: MemoryMember | None) -> MemoryMember:
        if expelled:
            await expelled.lose()
        return await asyncio.shield(self._group.enter(self.owner, runner))

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if self.member:
                    await self.member.look()
            except StoreUnavailable:
                continue

    def _spawn(self, part: Callable[[], Awaitable[None]]) -> None:
        self._fate.loop.spawn(self.owner, self._whole(part))

    async def _whole(self, part: Callable[[], Awaitable[None]]) -> None:
        """A part that ends with an error ends the process; a simulation takes it as a finding."""
        try:
            await part()
        except Exception as wrong:  # noqa: BLE001  whatever it is
            self._fate.loop.failures.append(f"{self.owner}: {wrong!r}")


async def _at_last(step: Callable[[], Awaitable[None]]) -> None:
    for wait in waits():
        try:
            await step()
        except StoreUnavailable:
            await asyncio.sleep(wait)
        else:
            return


def _fail(answer: asyncio.Future[Any], wrong: Exception) -> None:
    if not answer.done():
        answer.set_exception(wrong)
