"""The in-memory consumer group passes what the real one passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts.envelope import Recorded
from kernel.consume.memory import MemoryMember
from tests.adapters.group_suite import Group, GroupSuite, Listener


class TwinGroup(Group):
    def __init__(self) -> None:
        super().__init__()
        self.members: dict[Listener, MemoryMember] = {}

    async def publish(self, *what: Recorded) -> None:
        self.world.publish(*what)

    async def join(self) -> Listener:
        listener = self.listener()
        self.members[listener] = await self.world.group.join(listener)
        return listener

    async def leave(self, listener: Listener) -> None:
        await self.world.group.leave(self.members.pop(listener))

    async def until(self, check: Callable[[], bool]) -> None:
        for one in self.members.values():
            await one.drain()
        assert check()


class TestMemoryGroup(GroupSuite):
    @pytest.fixture
    def group(self) -> TwinGroup:
        return TwinGroup()
