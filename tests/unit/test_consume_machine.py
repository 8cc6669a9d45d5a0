"""Random histories of consumers on twins: whatever happens, documents equal a serial fold."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.envelope import Event, Position, Recorded
from kernel.consume.memory import MemoryMember
from kernel.consume.positions import furthest
from kernel.consume.runner import Batch
from kernel.crash import Crashed
from kernel.log import Partition
from kernel.project.port import Body
from kernel.project.twin import DataFault
from kernel.testing.orders import fold_all, shuffles_allowed_by_causes
from tests.support_consume import World
from tests.support_folds import (
    ALICE,
    BOB,
    CAROL,
    Shaky,
    Stumbled,
    at,
    decode,
    step,
    unreadable,
    walk,
)

T = TypeVar("T")
PEOPLE = st.sampled_from([ALICE, BOB, CAROL])
STREAMS = st.sampled_from(["referral", "consent", "facilitation"])
SEEDS = st.integers(0, 2**32)


class Consumers(RuleBasedStateMachine):
    """Two partitions, three people with three streams each, up to three consumers."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.shaky = Shaky()
        self.blind = False
        self.world = World(walk(self.shaky), partitions=2)
        self.world.model.__dict__["decode"] = self.decode
        self.members: list[MemoryMember] = []
        self.late: list[tuple[MemoryMember, Batch]] = []
        self.heads: dict[tuple[UUID, str], int] = {}
        self.published: list[Recorded] = []
        self.withheld: list[Recorded] = []

    def run_now(self, what: Awaitable[T]) -> T:
        return self.loop.run_until_complete(what)

    def teardown(self) -> None:
        try:
            self.all_ends_well()
        finally:
            self.loop.close()

    @initialize()
    def begin(self) -> None:
        self.join()

    @rule(who=PEOPLE, of=STREAMS, stumbles=st.booleans(), withhold=st.integers(0, 5))
    def publish(self, who: UUID, of: str, stumbles: bool, withhold: int) -> None:
        """The next event of a stream, caused by all that stands in the others."""
        version = self.heads[who, of] = self.heads.get((who, of), 0) + 1
        causes = tuple(at(s, n, w) for (w, s), n in self.heads.items() if w == who and s != of)
        event = Stumbled(steps=1) if stumbles and withhold == 1 else None
        one = step(version, of=of, who=who, event=event, causes=causes)
        blocked = {x.envelope.stream for x in self.withheld}
        if withhold == 0 and one.envelope.stream not in blocked:
            self.withheld.append(one)
        else:
            self.published.append(one)
            self.world.publish(one)

    @rule()
    def release(self) -> None:
        """A gap is filled late."""
        self.published += self.withheld
        self.world.publish(*self.withheld)
        self.withheld = []

    @rule(seed=SEEDS)
    def publish_again(self, seed: int) -> None:
        """A relay that died before its mark sends some of it twice."""
        if self.published:
            begin = random.Random(seed).randrange(len(self.published))
            self.world.publish(*self.published[begin : begin + 4])

    @rule(number=st.integers(0, 1))
    def publish_rubbish(self, number: int) -> None:
        self.world.publish(unreadable(Partition("rj.case", number)))

    @rule(which=st.integers(0, 2), limit=st.integers(1, 8))
    def work(self, which: int, limit: int) -> None:
        self.run_now(self.turn_of(self.member(which), limit))

    @rule(which=st.integers(0, 2))
    def poll_and_hesitate(self, which: int) -> None:
        """What was read is folded later, perhaps by a zombie."""
        member = self.member(which)
        if not any(late is member for late, _ in self.late):
            self.late.append((member, member.receive(5)))

    @rule()
    def handle_what_was_late(self) -> None:
        for member, batch in self.late:
            self.run_now(member.finish(batch))
        self.late = []

    @rule(which=st.integers(0, 2), back=st.integers(1, 6))
    def redeliver(self, which: int, back: int) -> None:
        self.member(which).redeliver(back)

    @rule()
    def join(self) -> None:
        if len(self.members) < 3:
            self.members.append(self.run_now(self.world.start()))

    @rule(which=st.integers(0, 2))
    def leave(self, which: int) -> None:
        if len(self.members) > 1:
            member = self.member(which)
            self.members.remove(member)
            self.run_now(self.world.group.leave(member))

    @rule()
    def rebalance(self) -> None:
        self.run_now(self.world.group.rebalance())

    @rule(which=st.integers(0, 2), operations=st.integers(0, 12))
    def crash(self, which: int, operations: int) -> None:
        """A process dies in the midst of its work, at any operation; another one starts."""
        member = self.member(which)
        self.dying_after(operations, self.turn_of(member))
        self.members.remove(member)
        self.run_now(self.world.group.kill(member))
        self.run_now(self.world.parking.tidy())
        self.join()

    @rule(
        fault=st.sampled_from(DataFault),
        place=st.sampled_from(
            [
                *("documents.load", "documents.write", "queue.add", "queue.of", "queue.remove"),
                *("positions.store", "positions.load", "positions.forget"),
            ]
        ),
        which=st.integers(0, 2),
    )
    def work_through_a_fault(self, fault: DataFault, place: str, which: int) -> None:
        left = [fault, fault]

        def faults(here: str) -> DataFault | None:
            return left.pop() if here == place and left else None

        for twin in self.twins():
            twin.faults = faults
        self.run_now(self.turn_of(self.member(which)))
        for twin in self.twins():
            twin.faults = lambda _: None

    @rule(seed=SEEDS, mended=st.booleans())
    def race(self, seed: int, mended: bool) -> None:
        """Consumers, late batches, a rebalance and an operator at once, in any interleaving."""
        self.shaky.broken = not mended
        chance = random.Random(seed)

        async def hesitate(_: str) -> None:
            for _turn in range(chance.randrange(4)):
                await asyncio.sleep(0)

        consumers = dict.fromkeys([*self.members, *(member for member, _ in self.late)])
        work: list[Coroutine[Any, Any, Any]] = [self.turn_of(one) for one in consumers]
        work += [self.world.parking.drive_all(), self.world.group.rebalance()]
        chance.shuffle(work)
        self.with_pause(hesitate, _gathered(work))

    @rule(operations=st.integers(0, 12))
    def drive_and_die(self, operations: int) -> None:
        self.dying_after(operations, self.world.parking.drive_all())
        self.run_now(self.world.parking.tidy())

    @rule(broken=st.booleans(), blind=st.booleans())
    def deploy(self, broken: bool, blind: bool) -> None:
        """A release whose fold fails at some events, or that does not know them."""
        self.shaky.broken, self.blind = broken, blind

    @rule(seed=SEEDS)
    def lose_the_log(self, seed: int) -> None:
        """The broker comes back empty; all is published again in some order that causes allow."""
        (again,) = shuffles_allowed_by_causes(self.published, 1, seed)
        self.world.log.lose()
        self.world.publish(*again)
        for member in self.members:
            self.run_now(member.look())

    @invariant()
    def a_document_is_the_fold_of_what_it_says_it_has_folded(self) -> None:
        for key, document in self.world.all().items():
            has = {
                Position(s, n) for s, head in document.folded.items() for n in range(1, head + 1)
            }
            assert document.body == self.serial(has).get(key, {})

    @invariant()
    def no_position_stands_behind_an_event_that_is_neither_folded_nor_waiting(self) -> None:
        kept = {entry.position for entry in self.world.queue.all()}
        identity = self.run_now(self.world.log.identity()).of("rj.case")
        documents = self.world.all()
        for number in range(2):
            partition = Partition("rj.case", number)
            stands = self.run_now(self.world.positions.load([partition])).get(partition, ())
            place = furthest(stands, identity)
            if place is None:
                continue
            for record in self.world.log.records(partition)[: place.offset + 1]:
                found = self.world.model.read(record, identity)
                position = getattr(found, "position", None)
                if position and position not in kept:
                    key = UUID(position.stream.partition("-")[2])
                    assert key in documents
                    assert documents[key].has(position)

    @invariant()
    def a_document_counts_what_waits_for_it(self) -> None:
        for key, document in self.world.all().items():
            waiting = [
                one
                for one in self.world.queue.all()
                if one.document == key and one.position and not document.has(one.position)
            ]
            assert (document.parked.count if document.parked else 0) <= len(waiting)

    def all_ends_well(self) -> None:
        """Everything mended, released and driven, nothing waits and nothing is missing."""
        if not self.members:
            return
        self.shaky.broken = self.blind = False
        self.release()
        self.handle_what_was_late()
        self.run_now(self.world.parking.tidy())
        for member in self.members:
            self.run_now(member.look())
            self.run_now(member.drain())
        self.run_now(self.world.parking.drive_all())
        expected = self.serial(
            {Position(x.envelope.stream, x.envelope.version) for x in self.published}
        )
        assert {key: body for key, body in self.world.bodies().items() if body} == expected
        assert all(one.parked is None for one in self.world.all().values())
        assert [one for one in self.world.queue.all() if one.document and not one.dropped] == []

    def serial(self, has: set[Position]) -> dict[UUID, Body]:
        everything = [*self.published, *self.withheld]
        ordered = sorted(everything, key=lambda one: (one.envelope.stream, one.envelope.version))
        mended = Shaky()
        mended.broken = False
        chosen = {
            Position(one.envelope.stream, one.envelope.version): one
            for one in ordered
            if Position(one.envelope.stream, one.envelope.version) in has
        }
        return fold_all(walk(mended), list(chosen.values()))

    def decode(self, wire_type: str, data: str) -> Event:
        if self.blind and wire_type == Stumbled.wire_type():
            raise LookupError(wire_type)
        return decode(wire_type, data)

    def member(self, which: int) -> MemoryMember:
        return self.members[which % len(self.members)]

    async def turn_of(self, member: MemoryMember, limit: int = 8) -> None:
        """One consumer finishes what it has received before it reads on."""
        late = [batch for one, batch in self.late if one is member]
        self.late = [(one, batch) for one, batch in self.late if one is not member]
        for batch in late:
            await member.finish(batch)
        await member.step(limit)

    def twins(self) -> tuple[Any, ...]:
        world = self.world
        return (world.documents.twin, world.queue.twin, world.positions.twin)

    def dying_after(self, operations: int, work: Awaitable[object]) -> None:
        left = [operations]

        async def die(place: str) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Crashed(place)

        try:
            self.with_pause(die, work)
        except Crashed:
            return

    def with_pause(self, pause: Any, work: Awaitable[object]) -> None:
        before = [twin.pause for twin in self.twins()]
        for twin in self.twins():
            twin.pause = pause
        try:
            self.run_now(work)
        finally:
            for twin, old in zip(self.twins(), before, strict=True):
                twin.pause = old


async def _gathered(work: list[Coroutine[Any, Any, Any]]) -> None:
    await asyncio.gather(*work)


Consumers.TestCase.settings = settings(
    max_examples=int(os.environ.get("RJHUB_TEST_HISTORIES", "20")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestConsumers = Consumers.TestCase
