"""Processes of several releases over one service's twins, each with a member for all it feeds."""

from __future__ import annotations

from uuid import UUID

from kernel.consume.memory import MemoryGroup, MemoryMember
from kernel.consume.runner import Runner
from kernel.project.port import Body, Projection
from kernel.rebuild.feeding import Feeding
from kernel.rebuild.rebuild import Rebuild
from kernel.rebuild.views import Live
from tests.support_consume import CONSUMER, World
from tests.support_folds import ALICE

# More looks than any rebuild of these tests takes.
MANY = 12


class Hub:
    """A service's twins, and the consumer groups that a broker would have."""

    def __init__(self, partitions: int = 16) -> None:
        self.world = World(partitions=partitions)
        self.groups: dict[str, MemoryGroup] = {}

    async def start(self, *projections: Projection) -> Process:
        """Start a process of the release that has these."""
        process = Process(self, projections)
        await process.feeding.prepare()
        await process.follow()
        return process

    def group_of(self, runner: Runner) -> MemoryGroup:
        """The group of all that feed the same."""
        new = MemoryGroup(self.world.log, runner.topics)
        return self.groups.setdefault(runner.feed.group, new)

    def versions(self, view: str, who: UUID = ALICE, of: str = "referral") -> list[int]:
        """The versions of one of somebody's streams that a view lists."""
        return seen(self.bodies(view).get(who, {}), of)

    def bodies(self, view: str) -> dict[UUID, Body]:
        """All bodies of a view."""
        return {key: one.body for key, one in self.world.documents.all(view).items()}


def seen(body: Body, of: str) -> list[int]:
    """The versions of a stream that a document lists."""
    return [n for stream, n, *_ in body.get("seen", []) if stream == of]


class Process:
    """One process: what it feeds, and its membership in the group of each feed."""

    def __init__(self, hub: Hub, projections: tuple[Projection, ...]) -> None:
        self.hub, self.projections, self.live = hub, projections, Live()
        self.members: dict[str, MemoryMember] = {}
        world = hub.world
        self.feeding = Feeding(
            CONSUMER, projections, [], world.model, world.positions, world.log, self.live
        )

    @property
    def view(self) -> str:
        """What answers the question `walk` here."""
        return self.live.view("walk")

    @property
    def rebuild(self) -> Rebuild:
        """The only one there is."""
        (found,) = self.feeding.rebuilds.values()
        return found

    async def follow(self) -> None:
        """Be a member of the groups of what is fed by now, and of no others."""
        made = [one.runner for one in self.feeding.rebuilds.values()]
        runners: list[Runner | None] = [*made, self.feeding.runner]
        wanted = {one.feed.group: one for one in runners if one}
        for group in self.members.keys() - wanted.keys():
            await self.hub.groups[group].leave(self.members.pop(group))
        for group in wanted.keys() - self.members.keys():
            self.members[group] = await self.hub.group_of(wanted[group]).join(wanted[group])

    async def step(self, limit: int = 100) -> None:
        """Fold some of what is there to read, and look once."""
        for member in self.members.values():
            await member.step(limit)
        await self.feeding.look()
        await self.follow()

    async def settle(self) -> None:
        """Until nothing is made any more; raises AssertionError where that does not come."""
        for _ in range(MANY):
            if not self.feeding.rebuilds:
                break
            await self.step()
        assert not self.feeding.rebuilds, self.rebuild.progress
        await self.drain()

    async def drain(self) -> None:
        """Fold all there is."""
        for member in self.members.values():
            await member.drain()

    async def end(self) -> None:
        """Leave every group."""
        for group, member in self.members.items():
            await self.hub.groups[group].leave(member)
        self.members = {}

    async def die(self) -> None:
        """Be gone without a word."""
        for group, member in self.members.items():
            await self.hub.groups[group].kill(member)
        self.members = {}
