"""What every consumer group does for a runner; Kafka with aiokafka and the twin both pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from contracts.envelope import PARTITIONS, Recorded
from kernel.consume.runner import Batch, Runner
from kernel.log import LogIdentity, Partition, Record
from tests.support_consume import CONSUMER, World
from tests.support_folds import ALICE, BOB, CAROL, partition_of, step

PEOPLE = (ALICE, BOB, CAROL)
HERE = partition_of(step(1).envelope)


class Listener(Runner):
    """Notes what it is handed while it has a seat, and where another had one, too."""

    def __init__(self, group: Group) -> None:
        super().__init__(
            CONSUMER, group.world.projections, group.world.model, group.world.positions
        )
        self.heard: defaultdict[Partition, list[list[int]]] = defaultdict(list)
        self.shared: set[Partition] = set()
        self._group = group

    async def take(
        self, partitions: Collection[Partition], identity: LogIdentity
    ) -> dict[Partition, int]:
        found = await super().take(partitions, identity)
        for one in found:
            self.heard[one].append([])
        for other in self._group.listeners:
            self.shared |= found.keys() & other.seats.keys() if other is not self else set()
        return found

    def receive(self, records: Sequence[Record]) -> Batch:
        for one in records:
            if one.partition in self.seats:
                self.heard[one.partition][-1].append(one.offset)
        return super().receive(records)


class Group(ABC):
    """A group that reads a log of the test's own; its read model is in memory."""

    def __init__(self) -> None:
        self.world = World()
        self.listeners: list[Listener] = []

    def listener(self) -> Listener:
        """What a new member works for."""
        self.listeners.append(Listener(self))
        return self.listeners[-1]

    @abstractmethod
    async def publish(self, *what: Recorded) -> None:
        """Append in order."""

    @abstractmethod
    async def join(self) -> Listener:
        """Become a member, sooner or later."""

    @abstractmethod
    async def leave(self, listener: Listener) -> None:
        """Leave in an orderly way."""

    @abstractmethod
    async def until(self, check: Callable[[], bool]) -> None:
        """Let all members read until it is so."""

    async def until_folded(self, last: int) -> None:
        """Let all members read until everybody's document lists so many events."""
        whole = list(range(1, last + 1))
        await self.until(lambda: all(self.world.versions(who) == whole for who in PEOPLE))

    async def until_shared(self, *hands: int) -> None:
        """Wait until so many partitions are in each of so many hands."""
        await self.until(lambda: sorted(map(len, self._seats())) == sorted(hands))
        assert len({one for hand in self._seats() for one in hand}) == sum(hands)

    def _seats(self) -> list[Collection[Partition]]:
        return [one.seats.keys() for one in self.listeners if one.seats]


def steps(first: int, last: int) -> list[Recorded]:
    return [step(n, who=who) for n in range(first, last + 1) for who in PEOPLE]


class GroupSuite:
    """Subclasses give the fixture `group`."""

    async def test_members_share_the_partitions_and_who_leaves_hands_its_own_over(
        self, group: Group
    ) -> None:
        first = await group.join()
        await group.until_shared(PARTITIONS)
        await group.join()
        await group.until_shared(PARTITIONS // 2, PARTITIONS // 2)
        await group.leave(first)
        await group.until_shared(PARTITIONS)
        assert first.seats == {}

    async def test_each_record_is_handed_over_once_and_in_order(self, group: Group) -> None:
        listener = await group.join()
        await group.publish(*steps(1, 5))
        await group.until_folded(5)
        await group.publish(*steps(6, 9))
        await group.until_folded(9)
        assert listener.heard[HERE] == [list(range(9))]

    async def test_the_next_member_begins_with_the_record_that_was_folded_last(
        self, group: Group
    ) -> None:
        """It proves that the log is still the same."""
        first = await group.join()
        await group.publish(*steps(1, 3))
        await group.until_folded(3)
        await group.leave(first)
        await group.publish(*steps(4, 5))
        second = await group.join()
        await group.until_folded(5)
        assert second.heard[HERE] == [[2, 3, 4]]

    async def test_without_a_position_it_begins_at_the_start_whatever_was_read_before(
        self, group: Group
    ) -> None:
        first = await group.join()
        await group.publish(*steps(1, 3))
        await group.until_folded(3)
        await group.leave(first)
        await group.world.positions.forget([HERE])
        second = await group.join()
        await group.until(lambda: second.heard[HERE] == [[0, 1, 2]])

    async def test_while_members_come_and_go_each_partition_has_one_reader_and_no_record_is_missed(
        self, group: Group
    ) -> None:
        first = await group.join()
        await group.publish(*steps(1, 20))
        second = await group.join()
        await group.publish(*steps(21, 40))
        await group.until(lambda: bool(second.seats))
        await group.publish(*steps(41, 60))
        await group.leave(first)
        await group.join()
        await group.publish(*steps(61, 80))
        await group.until_folded(80)
        assert not any(one.shared for one in group.listeners)
        for one in group.listeners:
            for heard in (seat for seats in one.heard.values() for seat in seats):
                assert all(later == earlier + 1 for earlier, later in pairwise(heard))
