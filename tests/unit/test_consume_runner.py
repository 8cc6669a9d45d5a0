"""The runner: positions after folds, other logs, duplicates, zombies, rebalances in mid-batch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from contracts.envelope import subject_of
from kernel import crash
from kernel.crash import Crashed, Point
from kernel.project.port import Why
from kernel.project.twin import DataFault, scripted
from kernel.relay.memory import LogFault
from kernel.relay.memory import scripted as log_fault
from tests.support_consume import World
from tests.support_folds import ALICE, BOB, CAROL, partition_of, step, walk

HERE = partition_of(step(1).envelope)


@pytest.fixture(autouse=True)
def no_crash_left() -> Iterator[None]:
    yield
    crash.set_hook(None)


async def place(world: World) -> int:
    stands = (await world.positions.load([HERE])).get(HERE, ())
    return max((one.place.offset for one in stands), default=-1)


async def test_what_is_published_is_folded_and_the_position_stored() -> None:
    world = World()
    world.publish(step(1), step(2), step(1, who=BOB))
    member = await world.start()
    await member.drain()
    assert (world.versions(), world.versions(BOB)) == ([1, 2], [1])
    assert await place(world) == 1
    assert set(world.written) == {("walk", ALICE), ("walk", BOB)}


async def test_offsets_are_committed_behind_what_was_folded() -> None:
    world = World()
    world.publish(step(1), step(2))
    member = await world.start()
    handled = await member.handle(member.poll())
    assert handled
    assert handled.commit == {HERE: 2}


async def test_offset_is_not_committed_before_the_fold() -> None:
    world = World()
    world.publish(step(1))
    member = await world.start()
    world.documents.twin.away = True
    handling = asyncio.create_task(member.handle(member.poll()))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not handling.done()
    assert await place(world) == -1
    world.documents.twin.away = False
    handled = await handling
    assert handled
    assert handled.commit == {HERE: 1}


async def test_a_restart_goes_on_at_the_position_beside_the_documents() -> None:
    world = World()
    world.publish(step(1), step(2))
    first = await world.start()
    await first.drain()
    await world.group.leave(first)
    world.publish(step(3))
    second = await world.start()
    assert [one.offset for one in second.poll()] == [1, 2]
    second.redeliver(2)
    await second.drain()
    assert world.versions() == [1, 2, 3]


@pytest.mark.parametrize("point", ["after_fold", "before_position"])
async def test_a_crash_between_fold_and_position_folds_nothing_twice(point: Point) -> None:
    world = World()
    world.publish(step(1), step(2))
    member = await world.start()
    crash.set_hook(crash.raise_at(point))
    with pytest.raises(Crashed):
        await member.drain()
    assert await place(world) == -1
    before = world.all()
    crash.set_hook(None)
    await world.group.kill(member)
    restarted = await world.start()
    await restarted.drain()
    assert world.all() == before
    assert await place(world) == 1


async def test_every_projection_of_a_group_folds_what_its_topics_bring() -> None:
    case, other = walk(), walk(name="other", topics=("rj.workforce",))
    world = World(case, other)
    world.publish(step(1))
    await (await world.start()).drain()
    assert (len(world.all(case)), len(world.all(other))) == (1, 0)


async def test_a_projection_without_a_key_for_an_event_is_left_alone() -> None:
    world = World(walk(key=lambda stream: None if str(BOB) in stream else subject_of(stream)))
    world.publish(step(1), step(1, who=BOB))
    await (await world.start()).drain()
    assert set(world.all()) == {ALICE}


async def test_duplicates_and_redeliveries_change_nothing() -> None:
    world = World()
    records = world.publish(step(1), step(2), step(3))
    member = await world.start()
    await member.handle([*records, *records])
    before = world.all()
    world.publish(step(2), step(3), step(1))
    member.redeliver(3)
    await member.drain()
    assert world.all() == before


async def test_a_gap_filled_late_folds_what_waited() -> None:
    world = World()
    world.publish(step(1), step(3))
    member = await world.start()
    await member.drain()
    assert world.versions() == [1]
    world.publish(step(2))
    await member.drain()
    assert world.versions() == [1, 2, 3]
    assert world.document().parked is None
    assert world.queue.all() == []


@pytest.mark.parametrize("drain", [0, 5], ids=["at once", "after the batch"])
async def test_a_rebalance_in_mid_batch_loses_nothing_and_doubles_nothing(drain: float) -> None:
    world = World()
    world.group.drain = drain
    world.publish(*(step(one) for one in range(1, 6)), step(1, who=BOB), step(1, who=CAROL))
    first = await world.start()
    world.documents.twin.away = True
    handling = asyncio.create_task(first.finish(first.receive()))
    for _ in range(10):
        await asyncio.sleep(0)
    world.documents.twin.away = False
    second = await world.start()
    await second.drain()
    await handling
    await first.drain()
    assert world.versions() == [1, 2, 3, 4, 5]
    assert (world.versions(BOB), world.versions(CAROL)) == ([1], [1])
    assert world.queue.all() == []


async def test_a_zombie_stores_no_position_and_its_writes_fail_their_guard() -> None:
    """It loads, is paused, others fold further; then its late write comes."""
    world = World()
    world.publish(step(1))
    zombie = await world.start()
    gate, reached = asyncio.Event(), asyncio.Event()

    async def pause(place: str) -> None:
        if place == "documents.write" and not reached.is_set():
            reached.set()
            await gate.wait()

    world.documents.twin.pause = pause
    late = asyncio.create_task(zombie.handle(zombie.poll()))
    await reached.wait()
    zombie.member.runner.leave(list(zombie.member.runner.seats))
    world.group.members.remove(zombie)
    world.publish(step(2), step(3))
    successor = await world.start()
    await successor.drain()
    before, position = world.all(), await place(world)
    gate.set()
    handled = await late
    assert handled
    assert handled.commit == {}
    assert (world.all(), await place(world)) == (before, position)


async def test_another_log_is_read_from_its_start() -> None:
    world = World()
    world.publish(*(step(one) for one in range(1, 6)))
    runner = world.runner()
    member = await world.group.join(runner)
    await member.drain()
    world.log.lose()
    world.publish(step(1, of="consent"), *(step(one) for one in range(1, 9)))
    assert not runner.seats[HERE].again
    await member.look()
    assert runner.seats[HERE].again
    await member.drain()
    assert ["consent", 1, 1] in world.document().body["seen"]
    assert world.versions() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert world.queue.all() == []


async def test_a_topic_made_anew_and_longer_than_before_is_noticed() -> None:
    """Without its identity the consumer would go on at its old offset and miss what lies below."""
    world = World()
    world.publish(step(1), step(2))
    member = await world.start()
    await member.drain()
    world.log.recreate("rj.case")
    world.publish(step(1, of="consent"), *(step(n) for n in range(1, 5)))
    await member.look()
    await member.drain()
    assert ["consent", 1, 1] in world.document().body["seen"]
    assert world.versions() == [1, 2, 3, 4]


async def test_a_position_read_on_the_old_log_is_worth_nothing_on_the_new_one() -> None:
    """The broker is empty again between reading and storing: the place names the old log."""
    world = World()
    world.publish(step(1), step(2))
    member = await world.start()
    batch = member.receive()
    world.log.lose()
    await member.look()
    await member.finish(batch)
    world.publish(step(1, who=CAROL), *(step(n) for n in range(1, 5)))
    await world.group.leave(member)
    await (await world.start()).drain()
    assert world.versions() == [1, 2, 3, 4]


async def test_a_lost_tail_that_was_written_anew_is_noticed_by_the_last_event() -> None:
    world = World()
    world.publish(step(1), step(2), step(3))
    first = await world.start()
    await first.drain()
    world.log.lose_tail(HERE, 2)
    world.publish(step(2), step(1, of="consent"), step(3))
    await world.group.leave(first)
    await (await world.start()).drain()
    assert ["consent", 1, 1] in world.document().body["seen"]
    assert world.versions() == [1, 2, 3]


async def test_a_shorter_log_is_read_from_the_start() -> None:
    world = World()
    world.publish(step(1), step(2), step(3))
    first = await world.start()
    await first.drain()
    world.log.lose_tail(HERE, 3)
    world.publish(step(1, of="consent"))
    await world.group.leave(first)
    await (await world.start()).drain()
    assert ["consent", 1, 1] in world.document().body["seen"]
    assert await place(world) == 0


async def test_what_was_deleted_before_it_was_read_parks_what_follows_it() -> None:
    """A client goes on behind it without a word; the versions of the streams tell."""
    world = World()
    *_, left = world.publish(step(1), step(2), step(3))
    member = await world.start()
    for _ in range(2):
        await member.handle([left])
    parked = world.document().parked
    assert parked
    assert parked.why is Why.GAP
    assert world.versions() == []
    assert member.member.runner.missed == 2


async def test_a_batch_broken_off_is_not_passed_over_by_the_next_one() -> None:
    """The process lives on: what is read later must not store a position beyond it."""
    world = World()
    world.publish(step(1))
    member = await world.start()
    crash.set_hook(crash.raise_at("after_fold"))
    world.documents.twin.faults = scripted("documents.write", DataFault.AWAY)
    with pytest.raises(Crashed):
        await member.step()
    crash.set_hook(None)
    world.publish(step(2))
    await member.step()
    assert await place(world) == -1
    await member.look()
    await member.drain()
    assert world.versions() == [1, 2]
    assert await place(world) == 1


async def test_a_seat_that_is_revoked_while_it_is_taken_is_not_held() -> None:
    world = World()
    member = await world.start()
    gate, reached = asyncio.Event(), asyncio.Event()

    async def pause(here: str) -> None:
        if here == "positions.load":
            reached.set()
            await gate.wait()

    world.positions.twin.pause = pause
    await member.lose()
    gaining = asyncio.create_task(member.gain([HERE]))
    await reached.wait()
    await member.member.revoked()
    gate.set()
    await gaining
    assert member.member.runner.seats == {}


async def test_until_a_position_is_known_nothing_is_folded() -> None:
    world = World()
    world.publish(step(1), step(2))
    world.positions.twin.away = True
    member = await world.start()
    assert await member.step()
    assert world.all() == {}
    world.positions.twin.away = False
    await member.look()
    await member.drain()
    assert world.versions() == [1, 2]


async def test_a_log_that_does_not_say_who_it_is_gives_no_seats() -> None:
    world = World()
    world.publish(step(1))
    world.log.faults = log_fault(LogFault.AWAY, of="identity")
    member = await world.start()
    assert member.member.unseated
    await member.look()
    await member.drain()
    assert world.versions() == [1]


@pytest.mark.parametrize("operation", ["documents.load", "documents.write", "positions.store"])
@pytest.mark.parametrize("fault", list(DataFault))
async def test_no_single_fault_loses_or_doubles_anything(operation: str, fault: DataFault) -> None:
    world = World()
    for twin in (world.documents.twin, world.positions.twin):
        twin.faults = scripted(operation, None, fault, None, fault)
    member = await world.start()
    for version in range(1, 6):
        world.publish(step(version), step(version, who=BOB), step(version, who=CAROL))
        await member.drain()
    for who in (ALICE, BOB, CAROL):
        assert world.versions(who) == [1, 2, 3, 4, 5]
    assert world.queue.all() == []
    assert await place(world) >= 4
