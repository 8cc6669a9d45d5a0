"""Parking: every kind of poison while others flow, driving again, dropping, races, exports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from contracts.envelope import Event, Recorded
from kernel.crash import Crashed
from kernel.log import Record
from kernel.project.documents import LARGEST
from kernel.project.parking import NotParked
from kernel.project.port import Body, Document, Why
from kernel.project.twin import DataFault, scripted
from tests.support_consume import CONSUMER, World
from tests.support_folds import (
    ALICE,
    BOB,
    Shaky,
    Stumbled,
    at,
    decode,
    of_an_unknown_version,
    partition_of,
    record,
    step,
    undecodable,
    unreadable,
    walk,
)

VIEW = walk().view
HERE = partition_of(step(1).envelope)


def stumble(version: int, who: object = ALICE) -> Recorded:
    assert who in (ALICE, BOB)
    return step(version, who=ALICE if who == ALICE else BOB, event=Stumbled(steps=version))


def _spoilt_by(value: object) -> Callable[[World], Record]:
    def make(world: World) -> Record:
        def fold(body: Body, one: Recorded) -> Body:
            after = body | Shaky()(body, step(one.envelope.version, who=one.envelope.subject))
            return after | ({"x": value} if isinstance(one.event, Stumbled) else {})

        world.projections = (walk(fold),)
        return record(stumble(2))

    return make


def _choking(world: World) -> Record:
    world.documents.chokes = lambda one: one.id == ALICE and len(one.body.get("seen", ())) > 1
    return record(step(2))


def _choking_for_ever(world: World) -> Record:
    world.documents.chokes = lambda one: one.id == ALICE and one.revision > 0
    return record(step(2))


def _refused_for_ever(world: World) -> Record:
    world.documents.refuses = lambda one: one.id == ALICE and one.revision > 0
    return record(step(2))


POISONS: dict[str, tuple[Callable[[World], Record], Why]] = {
    "undecodable": (lambda _: undecodable(step(2)), Why.UNDECODABLE),
    "unknown version": (lambda _: of_an_unknown_version(step(2)), Why.UNDECODABLE),
    "failing": (lambda _: record(stumble(2)), Why.FAILING),
    "too large": (_spoilt_by("x" * LARGEST), Why.REFUSED),
    "not storable": (_spoilt_by({1, 2}), Why.REFUSED),
    "persisting while a ping is answered": (_choking, Why.REFUSED),
    "not even markable, choking": (_choking_for_ever, Why.REFUSED),
    "not even markable, refused": (_refused_for_ever, Why.REFUSED),
}


@pytest.mark.parametrize("poison", POISONS)
async def test_poison_parks_its_document_while_other_cases_flow(poison: str) -> None:
    make, why = POISONS[poison]
    world = World(walk())
    poisoned = make(world)
    member = await world.start()
    world.publish(step(1))
    await member.drain()
    others = [step(version, who=BOB) for version in range(1, 6)]
    world.publish(*others[:2], poisoned, *others[2:], step(3))
    await member.drain()
    world.publish(step(4), step(6, who=BOB))
    await member.drain()
    assert world.versions() == [1]
    assert world.versions(BOB) == [1, 2, 3, 4, 5, 6]
    waiting = world.queue.all()
    assert [one.position for one in waiting] == [at("referral", version) for version in (2, 3, 4)]
    assert waiting[0].why is why
    parked = world.document().parked
    if "markable" not in poison:
        assert parked
        assert (parked.why, parked.held_by, parked.count) == (why, at("referral", 2), 3)
        assert [one.why for one in waiting[1:]] == [Why.BEHIND, Why.BEHIND]


async def test_a_record_without_an_envelope_parks_by_its_place_and_the_log_flows_on() -> None:
    world = World()
    world.publish(step(1), unreadable(HERE), step(2))
    await (await world.start()).drain()
    (entry,) = world.queue.all()
    assert (entry.view, entry.document, entry.why) == (CONSUMER, None, Why.UNREADABLE)
    assert entry.record
    assert (entry.record.partition, entry.record.offset) == (HERE, 1)
    assert world.versions() == [1, 2]


async def test_a_failing_handler_is_not_skipped_by_the_next_ack() -> None:
    """FastStream's own way commits past what failed; here it is in the queue before that."""
    world = World()
    world.publish(stumble(1))
    member = await world.start()
    first = await member.handle(member.poll())
    world.publish(step(1, who=BOB))
    await member.drain()
    assert first
    assert [one.position for one in world.queue.all()] == [at("referral", 1)]


async def test_the_queue_is_written_before_the_document_and_the_position() -> None:
    world = World()
    world.publish(stumble(1))
    member = await world.start()
    world.queue.twin.away = True
    handling = asyncio.create_task(member.handle(member.poll()))
    for _ in range(30):
        await asyncio.sleep(0)
    assert world.all() == {}
    assert await world.positions.load([HERE]) == {}
    world.queue.twin.away = False
    await handling
    assert world.document().parked
    assert await world.positions.load([HERE])


async def test_while_the_database_is_away_nothing_parks() -> None:
    world = World()
    world.publish(step(1), step(1, who=BOB))
    member = await world.start()
    world.documents.twin.away = True
    handling = asyncio.create_task(member.drain())
    for _ in range(500):
        await asyncio.sleep(0)
    world.documents.twin.away = False
    await handling
    assert world.queue.all() == []
    assert (world.versions(), world.versions(BOB)) == ([1], [1])


async def test_an_outage_of_one_operation_parks_nothing_while_pings_fail_too() -> None:
    world = World()
    world.publish(step(1))
    member = await world.start()
    down = [DataFault.AWAY] * 40
    writes, pings = scripted("documents.write", *down), scripted("documents.ping", *down)
    world.documents.twin.faults = lambda place: writes(place) or pings(place)
    await member.drain()
    assert world.queue.all() == []
    assert world.versions() == [1]


@pytest.mark.parametrize("fault", [DataFault.AWAY, DataFault.REPLY_LOST, DataFault.TORN])
@pytest.mark.parametrize(
    "operation", ["queue.add", "queue.of", "documents.write", "positions.store"]
)
async def test_no_fault_while_parking_counts_an_event_twice_or_loses_one(
    operation: str, fault: DataFault
) -> None:
    world = World()
    twins = (world.documents.twin, world.queue.twin, world.positions.twin)
    for twin in twins:
        twin.faults = scripted(operation, fault, None, fault)
    member = await world.start()
    world.publish(step(1), stumble(2), step(3), step(1, who=BOB), step(3, who=BOB))
    await member.drain()
    world.publish(step(4), step(4, who=BOB))
    await member.drain()
    parked, gap = world.document().parked, world.document(BOB).parked
    assert parked
    assert gap
    assert (parked.count, gap.count) == (3, 2)
    assert len(world.queue.all()) == 5


async def test_driven_again_after_a_mend_everything_folds_in_order() -> None:
    shaky = Shaky()
    world = World(walk(shaky))
    world.publish(step(1), stumble(2), step(3), step(1, of="consent"), step(1, who=BOB))
    await (await world.start()).drain()
    shaky.broken = False
    assert await world.parking.drive(VIEW, ALICE) is None
    assert world.versions() == [1, 2, 3]
    assert world.document().parked is None
    assert world.queue.all() == []


async def test_driven_again_without_a_mend_everything_stays_as_it_was() -> None:
    world = World()
    world.publish(step(1), stumble(2), step(3))
    await (await world.start()).drain()
    before, queue = world.all(), world.queue.all()
    assert await world.parking.drive(VIEW, ALICE) == world.document().parked
    assert (world.all(), world.queue.all()) == (before, queue)


async def test_a_large_queue_is_driven_in_bounded_steps() -> None:
    shaky = Shaky()
    world = World(walk(shaky))
    world.publish(stumble(1), *(step(version) for version in range(2, 520)))
    await (await world.start()).drain()
    shaky.broken = False
    writes: list[int] = []

    async def note(place: str) -> None:
        writes.append(len(world.versions())) if place == "documents.write done" else None

    world.documents.twin.pause = note
    assert await world.parking.drive_all() == {(VIEW, ALICE): None}
    assert world.versions() == list(range(1, 520))
    assert max(b - a for a, b in zip([0, *writes], writes, strict=False)) <= 256


async def test_a_drive_that_meets_a_document_too_large_folds_up_to_it() -> None:
    shaky = Shaky()

    def fold(body: Body, one: Recorded) -> Body:
        after = shaky(body, one)
        return after | ({"x": "x" * LARGEST} if len(after["seen"]) > 3 else {})

    world = World(walk(fold))
    world.publish(stumble(1), *(step(version) for version in range(2, 7)))
    await (await world.start()).drain()
    shaky.broken = False
    parked = await world.parking.drive(VIEW, ALICE)
    assert world.versions() == [1, 2, 3]
    assert parked
    assert (parked.why, parked.held_by, parked.count) == (Why.REFUSED, at("referral", 4), 3)


@pytest.mark.parametrize("place", ["documents.load", "queue.of", "documents.write"])
async def test_of_a_drive_and_an_arrival_at_once_neither_loses_the_other(place: str) -> None:
    """The drive stands still at each of its steps while an event arrives and parks behind."""
    shaky = Shaky()
    world = World(walk(shaky))
    world.publish(stumble(1), step(2))
    member = await world.start()
    await member.drain()
    shaky.broken = False
    gate, reached = asyncio.Event(), asyncio.Event()

    async def pause(here: str) -> None:
        if here == place and not reached.is_set():
            reached.set()
            await gate.wait()

    world.documents.twin.pause = world.queue.twin.pause = pause
    driving = asyncio.create_task(world.parking.drive(VIEW, ALICE))
    await reached.wait()
    world.publish(step(3), step(1, of="consent"))
    await member.drain()
    gate.set()
    assert await driving is None
    assert world.versions() == [1, 2, 3]
    assert world.document().parked is None
    assert world.queue.all() == []


@pytest.mark.parametrize("place", ["queue.of", "queue.add done", "documents.write"])
async def test_of_an_arrival_and_a_drive_at_once_neither_loses_the_other(place: str) -> None:
    """The consumer stands still at each of its steps while the document is driven empty."""
    shaky = Shaky()
    world = World(walk(shaky))
    world.publish(stumble(1), step(2))
    member = await world.start()
    await member.drain()
    shaky.broken = False
    gate, reached = asyncio.Event(), asyncio.Event()

    async def pause(here: str) -> None:
        if here == place and not reached.is_set():
            reached.set()
            await gate.wait()

    world.documents.twin.pause = world.queue.twin.pause = pause
    world.publish(step(3), step(1, of="consent"))
    arriving = asyncio.create_task(member.drain())
    await reached.wait()
    await world.parking.drive(VIEW, ALICE)
    gate.set()
    await arriving
    assert world.versions() == [1, 2, 3]
    assert ["consent", 1, 1] in world.document().body["seen"]
    assert world.document().parked is None
    assert world.queue.all() == []


async def test_a_crash_between_queue_and_document_is_tidied_at_the_next_start() -> None:
    shaky = Shaky()
    world = World(walk(shaky))
    world.publish(stumble(1))
    member = await world.start()

    async def die(place: str) -> None:
        if place == "queue.add done":
            raise Crashed(place)

    world.queue.twin.pause = die
    with pytest.raises(Crashed):
        await member.drain()
    world.queue.twin.pause = world.positions.twin.pause
    await world.parking.tidy()
    parked = world.document().parked
    assert parked
    assert (parked.count, parked.why) == (1, Why.FAILING)
    await world.group.kill(member)
    await (await world.start()).drain()
    assert world.document().parked == parked


async def test_a_crash_between_document_and_queue_leaves_nothing_after_tidying() -> None:
    shaky = Shaky()
    world = World(walk(shaky))
    world.publish(stumble(1), step(2))
    await (await world.start()).drain()
    shaky.broken = False

    async def die(place: str) -> None:
        if place == "queue.remove":
            raise Crashed(place)

    world.queue.twin.pause = die
    with pytest.raises(Crashed):
        await world.parking.drive(VIEW, ALICE)
    world.queue.twin.pause = world.positions.twin.pause
    assert len(world.queue.all()) == 2
    await world.parking.tidy()
    assert world.queue.all() == []
    assert world.versions() == [1, 2]


async def test_a_dropped_event_frees_what_waited_and_the_reason_is_kept() -> None:
    world = World()
    world.publish(step(1), stumble(2), step(3))
    await (await world.start()).drain()
    assert await world.parking.drop(VIEW, ALICE, at("referral", 2), "sent by mistake") is None
    assert world.versions() == [1, 3]
    (dropped,) = await world.queue.page(dropped=True)
    assert (dropped.position, dropped.dropped) == (at("referral", 2), "sent by mistake")
    assert dropped.record


async def test_an_event_that_never_comes_can_be_dropped_and_is_a_duplicate_if_it_comes() -> None:
    world = World()
    world.publish(step(1), step(3))
    member = await world.start()
    await member.drain()
    await world.parking.drop(VIEW, ALICE, at("referral", 2), "lost for good")
    assert world.versions() == [1, 3]
    world.publish(step(2))
    await member.drain()
    assert world.versions() == [1, 3]


@pytest.mark.parametrize(
    "position", [at("referral", 1), at("referral", 9), at("consent", 1), at("referral", 2, BOB)]
)
async def test_only_what_holds_a_document_can_be_dropped(position: object) -> None:
    world = World()
    world.publish(step(1), stumble(2), step(3))
    await (await world.start()).drain()
    with pytest.raises(NotParked):
        await world.parking.drop(VIEW, ALICE, position, "no")  # type: ignore[arg-type]
    assert world.document().parked


async def test_a_record_without_an_envelope_is_driven_once_it_can_be_read() -> None:
    """A release that reads more than the one before."""
    world = World()
    good = record(step(1))
    headers = tuple((n, b"?" if n == "ce_id" else v) for n, v in good.headers)
    world.publish(Record(HERE, 0, good.key, headers, good.value))
    await (await world.start()).drain()
    (entry,) = world.queue.all()
    await world.parking.drive_all()
    assert world.queue.all() == [entry]
    await world.parking.drop_unreadable(entry.id, "not one of ours")
    assert await world.queue.page() == []
    with pytest.raises(NotParked):
        await world.parking.drop_unreadable(entry.id, "again")


async def test_an_undecodable_event_is_driven_once_a_release_knows_it() -> None:
    known: list[bool] = []

    def decoding(wire_type: str, data: str) -> Event:
        return decode("rj.Stepped.v1" if known else wire_type, data)

    world = World()
    world.model.__dict__["decode"] = decoding
    world.publish(of_an_unknown_version(step(1)), step(2))
    await (await world.start()).drain()
    assert world.versions() == []
    known.append(True)
    await world.parking.drive_all()
    assert world.versions() == [1, 2]


async def test_what_waits_is_exported_with_its_record() -> None:
    world = World()
    world.publish(stumble(1), step(2), unreadable(HERE))
    await (await world.start()).drain()
    exported = [one async for one in world.parking.export()]
    assert [one["position"] for one in exported if one["document"]] == [
        str(at("referral", 1)),
        str(at("referral", 2)),
    ]
    assert all(one["value"] for one in exported)
    assert [one["why"] for one in exported] == [
        Why.UNREADABLE.value,
        Why.FAILING.value,
        Why.BEHIND.value,
    ]


async def test_after_a_document_took_no_mark_its_events_wait_until_it_takes_one() -> None:
    world = World()
    world.documents.chokes = lambda one: one.id == ALICE
    world.publish(step(1), step(1, who=BOB))
    member = await world.start()
    await member.drain()
    world.documents.chokes = lambda _: False
    world.publish(step(2))
    await member.drain()
    assert world.versions() == [1, 2]
    assert world.queue.all() == []
    assert world.document() == Document(
        ALICE, world.document().body, {f"referral-{ALICE}": 2}, None, 1
    )


async def test_a_document_that_takes_its_mark_again_is_folded_as_any_other() -> None:
    world = World()
    world.documents.chokes = lambda one: one.id == ALICE
    world.publish(step(1))
    member = await world.start()
    await member.drain()
    world.documents.chokes = lambda _: False
    world.publish(step(2))
    await member.drain()
    world.queue.twin.away = True
    world.publish(step(3))
    await member.drain()
    assert world.versions() == [1, 2, 3]


async def test_a_document_that_takes_no_change_does_not_stop_the_driving_of_others() -> None:
    shaky = Shaky()
    world = World(walk(shaky))
    world.publish(stumble(1), stumble(1, BOB))
    await (await world.start()).drain()
    shaky.broken = False
    world.documents.refuses = lambda one: one.id == ALICE
    found = await world.parking.drive_all()
    assert found[VIEW, BOB] is None
    refused = found[VIEW, ALICE]
    assert refused
    assert (refused.why, refused.held_by, refused.count) == (Why.REFUSED, at("referral", 1), 1)
    assert len(world.queue.all()) == 1


async def test_a_key_that_fails_parks_the_event_at_its_subject() -> None:
    def key(envelope: object) -> None:
        raise RuntimeError("secret")

    world = World(walk(key=key))
    world.publish(step(1))
    await (await world.start()).drain()
    parked = world.document().parked
    assert parked
    assert parked.why is Why.FAILING
    assert "secret" not in parked.error
