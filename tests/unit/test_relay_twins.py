"""The in-memory outbox and leases pass what the database passes."""

from __future__ import annotations

import pytest

from kernel.relay.memory_leases import MemoryLanes, MemoryLeases, OutboxFault
from kernel.relay.memory_outbox import MemoryOutbox
from kernel.relay.port import Restore
from kernel.store.memory import MemoryCommits
from kernel.store.port import Commit
from tests.adapters.outbox_suite import Base, LeasesSuite, OutboxSuite
from tests.support_relay import Timer


def away(_: str) -> OutboxFault:
    return OutboxFault.AWAY


class MemoryBase(Base):
    outbox: MemoryOutbox

    def __init__(self) -> None:
        self.commits = MemoryCommits()
        self.lanes = MemoryLanes(Timer())
        self.outbox = MemoryOutbox(self.commits)
        self.outbox_away = MemoryOutbox(self.commits, faults=away)
        self.leases_away = MemoryLeases(self.lanes, "one", faults=away)

    async def add(self, *commits: Commit) -> None:
        await self.commits.insert(commits)

    async def restore(self, *, whole: bool) -> None:
        self.outbox.restore = Restore(whole)

    def leases(self, holder: str) -> MemoryLeases:
        return MemoryLeases(self.lanes, holder)

    async def run_out(self, *lanes: int) -> None:
        self.lanes.lose(*lanes)

    async def silence(self, holder: str) -> None:
        self.lanes.replicas[holder] = 0


@pytest.fixture
def base() -> MemoryBase:
    return MemoryBase()


class TestMemoryOutbox(OutboxSuite):
    pass


class TestMemoryLeases(LeasesSuite):
    pass
