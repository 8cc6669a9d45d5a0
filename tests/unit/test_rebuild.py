"""Read models made anew beside those that answer: by another release, or because somebody asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.envelope import Recorded
from kernel.log import LogUnavailable
from kernel.project.port import Body, Document, Written
from kernel.project.reading import read
from kernel.project.twin import DataFault, scripted
from kernel.rebuild.feeding import NoReadModel, NotNow
from kernel.rebuild.parity import Difference, difference
from kernel.rebuild.rebuild import Stage
from kernel.rebuild.views import NotBuilt
from kernel.relay.memory import LogFault
from kernel.relay.memory import scripted as log_scripted
from kernel.store.port import StoreUnavailable
from tests.support_folds import (
    ALICE,
    BOB,
    CAROL,
    Shaky,
    Stumbled,
    at,
    decode,
    partition_of,
    step,
    walk,
)
from tests.support_rebuild import MANY, Hub, Process


def with_steps(body: Body, one: Recorded) -> Body:
    """What a later release knows besides."""
    return {**Shaky()(body, one), "last": one.envelope.version}


OLD, NEW = walk(), walk(with_steps, version="2")
HERE = partition_of(step(1).envelope)


async def grown(*projections: Any) -> tuple[Hub, Process]:
    """A hub with some history, and a process that has folded it."""
    hub = Hub()
    process = await hub.start(*projections or (OLD,))
    hub.world.publish(step(1), step(2), step(1, who=BOB), step(1, who=CAROL))
    await process.drain()
    return hub, process


async def test_where_nothing_was_ever_read_all_answers_at_once() -> None:
    hub = Hub()
    process = await hub.start(OLD)
    assert process.view == "walk__1"
    assert not process.feeding.rebuilds
    hub.world.publish(step(1))
    await process.drain()
    assert hub.versions("walk__1") == [1]


async def test_a_restart_makes_nothing_anew() -> None:
    hub, process = await grown()
    await process.end()
    again = await hub.start(OLD)
    assert (again.view, again.feeding.rebuilds) == ("walk__1", {})


async def test_a_new_version_answers_once_it_has_all_that_the_old_one_has() -> None:
    hub, old = await grown()
    await old.end()
    new = await hub.start(NEW)
    assert new.view == "walk__1"
    await new.settle()
    assert new.view == "walk__2"
    assert hub.bodies("walk__2")[ALICE] == {**hub.bodies("walk__1")[ALICE], "last": 2}
    assert hub.bodies("walk__2").keys() == hub.bodies("walk__1").keys()


async def test_until_then_what_answers_is_fed_on_by_the_release_beside() -> None:
    hub, old = await grown()
    new = await hub.start(NEW)
    hub.world.publish(step(3))
    await old.drain()
    assert new.view == "walk__1"
    assert hub.versions("walk__1") == [1, 2, 3]
    await new.settle()
    hub.world.publish(step(4))
    for process in (old, new):
        await process.step()
    assert (old.view, new.view) == ("walk__1", "walk__2")
    assert hub.versions("walk__1") == hub.versions("walk__2") == [1, 2, 3, 4]
    assert hub.world.queue.all() == []


async def test_what_did_not_change_goes_on_from_where_it_was_while_the_rest_is_made() -> None:
    same = walk(name="same")
    hub, old = await grown(OLD, same)
    await old.end()
    new = await hub.start(NEW, same)
    assert new.feeding.runner
    (member,) = [one for one in new.members.values() if one.member.runner is new.feeding.runner]
    assert [one.view for one in new.feeding.settled] == ["same__1"]
    hub.world.publish(step(3))
    assert [one.offset for one in member.poll() if one.partition == HERE] == [1, 2]
    await new.settle()
    assert hub.versions("same__1") == hub.versions("walk__2") == [1, 2, 3]


async def test_the_release_before_comes_back_from_its_own_place_once_it_has_caught_up() -> None:
    hub, old = await grown()
    await old.end()
    new = await hub.start(NEW)
    await new.settle()
    hub.world.publish(step(3), step(4))
    await new.drain()
    await new.end()
    old = await hub.start(OLD)
    assert old.view == "walk__2"
    assert _polled(old) == [str(at("referral", 3)), str(at("referral", 4))]
    await old.settle()
    assert old.view == "walk__1"
    assert hub.versions("walk__1") == [1, 2, 3, 4]
    assert hub.world.queue.all() == []


def _polled(process: Process) -> list[str]:
    """What it reads first, behind the record that proves that the log is the same."""
    (member,) = process.members.values()
    first = dict(member.next)
    records = [one for one in member.poll() if one.offset > first[one.partition]]
    member.next = first
    return [str(read(one, "", decode).position) for one in records]  # type: ignore[union-attr]


async def test_a_question_that_is_new_has_no_answer_until_it_is_made() -> None:
    hub, old = await grown()
    await old.end()
    asked = walk(name="asked")
    new = await hub.start(OLD, asked)
    assert new.view == "walk__1"
    with pytest.raises(NotBuilt):
        new.live.view("asked")
    await new.settle()
    assert new.live.view("asked") == "asked__1"
    assert hub.versions("asked__1") == [1, 2]


async def test_what_nobody_has_read_yet_is_read_to_its_end_before_it_answers() -> None:
    hub, old = await grown()
    hub.world.publish(*(step(n, of="offer") for n in range(1, 7)), topic="rj.offer")
    await old.end()
    new = await hub.start(OLD, walk(name="asked", topics=("rj.case", "rj.offer")))
    for _ in range(5):
        await new.step(limit=1)
    with pytest.raises(NotBuilt):
        new.live.view("asked")
    await new.settle()
    assert new.live.view("asked") == "asked__1"
    assert hub.versions("asked__1") == [1, 2]
    assert hub.versions("asked__1", of="offer") == [1, 2, 3, 4, 5, 6]


async def test_what_is_written_faster_than_a_look_comes_round_does_not_hold_it_up() -> None:
    hub, process = await grown()
    await process.feeding.begin("walk")
    for version in range(3, 3 + MANY):
        await process.step()
        hub.world.publish(step(version))
    assert process.view == "walk__1_2"


async def test_a_log_that_is_away_for_a_moment_is_looked_at_twice_more() -> None:
    """Where it ended before says nothing of what was written meanwhile."""
    hub, old = await grown()
    await old.end()
    new = await hub.start(OLD, walk(name="asked"))
    await new.step()
    hub.world.log.faults = log_scripted(LogFault.AWAY, of="end")
    with pytest.raises(LogUnavailable):
        await new.step()
    hub.world.publish(step(3))
    await new.feeding.look()
    with pytest.raises(NotBuilt):
        new.live.view("asked")
    await new.settle()
    assert hub.versions("asked__1") == [1, 2, 3]


async def test_what_is_asked_for_is_made_anew_by_the_same_code_and_compared() -> None:
    hub, process = await grown()
    assert await process.feeding.begin("walk") == "walk__1_2"
    await process.step()
    assert process.view == "walk__1"
    rebuild = process.rebuild
    await process.settle()
    assert process.view == "walk__1_2"
    assert rebuild.progress.compared == 3
    assert hub.bodies("walk__1_2") == hub.bodies("walk__1")


async def test_what_answered_before_is_kept_until_it_is_discarded() -> None:
    hub, process = await grown()
    for view in ("walk__1_2", "walk__1_3"):
        assert await process.feeding.begin("walk") == view
        await process.step()
        await process.settle()
    assert (await process.feeding.aliases())["walk"].retired == ("walk__1", "walk__1_2")
    assert await process.feeding.discard("walk") == ["walk__1", "walk__1_2"]
    assert [hub.bodies(view) for view in ("walk__1", "walk__1_2")] == [{}, {}]
    assert hub.versions(process.view) == [1, 2]
    (stands,) = (await hub.world.positions.load([HERE])).values()
    assert {view for one in stands for view in one.views} == {"walk__1_3"}
    assert await process.feeding.discard("walk") == []


async def test_what_a_release_that_runs_answers_from_is_not_discarded() -> None:
    hub, old = await grown()
    new = await hub.start(NEW)
    await new.settle()
    with pytest.raises(NotNow, match="walk__1 is fed by this release"):
        await old.feeding.discard("walk")
    assert hub.versions("walk__1") == [1, 2]


async def test_what_was_discarded_is_made_from_the_start_by_a_release_that_comes_back() -> None:
    hub, old = await grown()
    await old.end()
    new = await hub.start(NEW)
    await new.settle()
    await new.feeding.discard("walk")
    await new.end()
    back = await hub.start(OLD)
    assert back.view == "walk__2"
    await back.settle()
    assert back.view == "walk__1"
    assert hub.versions("walk__1") == [1, 2]
    assert hub.world.queue.all() == []


async def test_replicas_share_the_work_and_follow_each_other() -> None:
    hub, first = await grown()
    second = await hub.start(OLD)
    await first.feeding.begin("walk")
    for _ in range(MANY):
        for process in (first, second):
            await process.step()
    assert (first.view, second.view) == ("walk__1_2", "walk__1_2")
    assert first.members.keys() == second.members.keys()
    hub.world.publish(step(3), step(2, who=BOB))
    for process in (first, second):
        await process.drain()
    assert (hub.versions("walk__1_2"), hub.versions("walk__1_2", BOB)) == ([1, 2, 3], [1, 2])


async def test_a_process_that_dies_is_gone_on_from_by_the_next() -> None:
    hub, process = await grown()
    await process.feeding.begin("walk")
    await process.step()
    await process.step(limit=1)
    assert process.feeding.rebuilds
    folded = len(hub.bodies("walk__1_2"))
    assert folded
    await process.die()
    heir = await hub.start(OLD)
    assert heir.view == "walk__1"
    hub.world.publish(step(3))
    await heir.drain()
    assert hub.versions("walk__1") == [1, 2, 3]
    await heir.settle()
    assert heir.view == "walk__1_2"
    assert hub.bodies("walk__1_2") == hub.bodies("walk__1")


async def test_a_live_document_that_says_something_else_stays_until_that_is_accepted() -> None:
    hub, process = await grown()
    await damage(hub)
    await process.feeding.begin("walk")
    for _ in range(MANY):
        await process.step()
    progress = process.rebuild.progress
    assert (process.view, progress.stage) == ("walk__1", Stage.DIFFERENT)
    assert (progress.compared, progress.different) == (3, 1)
    assert progress.examples == (f"{ALICE} says something else of the same events",)
    assert await process.feeding.accept("walk") == "walk__1_2"
    await process.settle()
    assert process.view == "walk__1_2"
    assert hub.versions("walk__1_2") == [1, 2]


async def damage(hub: Hub) -> None:
    """Somebody changes a document behind the service's back."""
    there = hub.world.documents.all("walk__1")[ALICE]
    wrong = replace(there, body={"seen": []})
    assert await hub.world.documents.write("walk__1", [wrong]) == [Written()]


async def test_what_was_different_only_for_a_while_does_not_hold_it_up() -> None:
    """The live one is fed on by a replica that is slower, or faster, at the moment of comparing."""
    hub, process = await grown()
    slow = hub.world.documents.all("walk__1")[ALICE]
    await process.feeding.begin("walk")
    await process.step()
    further = replace(slow, folded={**slow.folded, f"referral-{ALICE}": 3})
    await hub.world.documents.write("walk__1", [further])
    for _ in range(MANY):
        await process.step()
    assert process.rebuild.progress.stage is Stage.COMPARING
    assert process.rebuild.progress.examples == (f"{ALICE} lacks events that the live one has",)
    hub.world.publish(step(3))
    there = hub.world.documents.all("walk__1")[ALICE]
    body = {"seen": [["referral", n, n] for n in (1, 2, 3)]}
    await hub.world.documents.write("walk__1", [replace(there, body=body)])
    await process.settle()
    assert process.view == "walk__1_2"


async def test_an_event_at_which_the_new_one_fails_keeps_the_old_one_in_place() -> None:
    hub = Hub()
    well = Shaky()
    well.broken = False
    old = await hub.start(walk(well))
    hub.world.publish(step(1), step(2, event=Stumbled(steps=2)))
    await old.drain()
    await old.end()
    new = await hub.start(NEW)
    for _ in range(MANY):
        await new.step()
    progress = new.rebuild.progress
    assert (new.view, progress.stage) == ("walk__1", Stage.DIFFERENT)
    (entry,) = hub.world.queue.all()
    assert (entry.view, entry.position) == ("walk__2", at("referral", 2))
    await new.feeding.parking.drop("walk__2", ALICE, at("referral", 2), "without meaning")
    await new.settle()
    assert new.view == "walk__2"


async def test_what_people_gave_up_before_is_given_up_in_the_new_one_too() -> None:
    """An event that is malformed, one that never came, and what waits behind them."""
    hub = Hub()
    process = await hub.start(OLD)
    hub.world.publish(step(1), step(2, event=Stumbled(steps=2)), step(3))
    hub.world.publish(step(2, who=BOB), step(1, who=CAROL, event=Stumbled(steps=1)))
    await process.drain()
    parking = process.feeding.parking
    await parking.drop("walk__1", ALICE, at("referral", 2), "malformed")
    await parking.drop("walk__1", BOB, at("referral", 1, BOB), "never_came")
    await process.feeding.begin("walk")
    await process.step()
    await process.settle()
    assert process.view == "walk__1_2"
    assert [hub.versions("walk__1_2", who) for who in (ALICE, BOB, CAROL)] == [[1, 3], [2], []]
    waiting = [one.position for one in hub.world.queue.all() if one.dropped is None]
    assert waiting == [at("referral", 1, CAROL)] * 2


async def test_what_is_given_up_leaves_what_answers_and_the_next_one_is_another() -> None:
    hub, process = await grown()
    await damage(hub)
    await process.feeding.begin("walk")
    for _ in range(3):
        await process.step()
    assert await process.feeding.stop("walk") == "walk__1"
    await process.step()
    assert (process.view, process.feeding.rebuilds) == ("walk__1", {})
    assert len(process.members) == 1
    assert await process.feeding.begin("walk") == "walk__1_3"


async def test_what_is_given_up_at_the_last_moment_does_not_go_live() -> None:
    _, process = await grown()
    await process.feeding.begin("walk")
    for _ in range(2):
        await process.step()
    rebuild = process.rebuild
    await process.feeding.stop("walk")
    await rebuild.look()
    assert (await process.feeding.aliases())["walk"].view == "walk__1"
    await process.step()
    assert (process.view, process.feeding.rebuilds) == ("walk__1", {})


async def test_what_went_live_is_fed_though_the_next_thing_to_do_failed() -> None:
    hub, process = await grown(OLD, walk(name="same"))
    await process.feeding.begin("walk")
    for _ in range(2):
        await process.step()
    await process.rebuild.look()
    await process.feeding.begin("same")
    hub.world.documents.twin.faults = scripted("documents.prepare", DataFault.AWAY)
    with pytest.raises(StoreUnavailable):
        await process.step()
    await process.step()
    assert process.feeding.runner
    assert process.feeding.runner.feed.views == ("same__1", "walk__1_2")
    hub.world.publish(step(3))
    await process.settle()
    assert hub.versions("walk__1_2") == hub.versions("same__1_2") == [1, 2, 3]


async def test_another_releases_view_is_nothing_to_go_back_to() -> None:
    hub, old = await grown()
    await old.end()
    new = await hub.start(NEW)
    with pytest.raises(NotNow, match="walk__1 is another release's"):
        await new.feeding.stop("walk")


async def test_nothing_is_begun_twice_nor_accepted_before_it_began() -> None:
    _, process = await grown()
    for ask in (process.feeding.accept, process.feeding.stop):
        with pytest.raises(NotNow, match="walk__1 answers; nothing is being made"):
            await ask("walk")
    await process.feeding.begin("walk")
    with pytest.raises(NotNow, match="walk__1_2 is being made already"):
        await process.feeding.begin("walk")
    asks = (
        process.feeding.begin,
        process.feeding.accept,
        process.feeding.stop,
        process.feeding.discard,
    )
    for refuse in asks:
        with pytest.raises(NoReadModel):
            await refuse("unknown")


async def test_another_log_in_the_midst_of_it_is_read_from_its_start() -> None:
    hub, process = await grown()
    await process.feeding.begin("walk")
    await process.step()
    await process.step()
    hub.world.log.lose()
    hub.world.publish(step(1), step(2), step(1, who=BOB), step(1, who=CAROL), step(3))
    for member in process.members.values():
        await member.look()
    await process.settle()
    assert process.view == "walk__1_2"
    assert hub.versions("walk__1_2") == [1, 2, 3]


OPERATIONS = ("documents.load", "documents.write", "documents.page", "positions.load")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("nth", range(6))
async def test_a_database_that_is_away_for_a_moment_costs_nothing(operation: str, nth: int) -> None:
    hub, process = await grown()
    await process.feeding.begin("walk")
    faults = scripted(operation, *[None] * nth, DataFault.REPLY_LOST)
    for twin in (hub.world.documents.twin, hub.world.positions.twin):
        twin.faults = faults
    for _ in range(MANY):
        try:
            for member in process.members.values():
                await member.look()
                await member.step()
            await process.feeding.look()
        except StoreUnavailable:
            continue
        await process.follow()
    assert process.view == "walk__1_2"
    assert hub.bodies("walk__1_2") == hub.bodies("walk__1")


async def test_a_discard_that_broke_off_is_done_again() -> None:
    hub, process = await grown()
    await process.feeding.begin("walk")
    await process.step()
    await process.settle()
    hub.world.documents.twin.faults = scripted("documents.discard", DataFault.AWAY)
    with pytest.raises(StoreUnavailable):
        await process.feeding.discard("walk")
    assert await process.feeding.discard("walk") == ["walk__1"]
    assert hub.bodies("walk__1") == {}


async def test_a_document_of_the_alias_that_another_wrote_meanwhile_is_read_again() -> None:
    hub, process = await grown()
    hub.world.documents.twin.faults = scripted("documents.write", DataFault.OVERTAKEN)
    assert await process.feeding.begin("walk") == "walk__1_2"
    assert (await process.feeding.aliases())["walk"].made == {"1": 2}


def test_only_what_the_other_has_is_compared() -> None:
    def document(version: int, body: Body | None = None, **fields: Any) -> Document:
        return Document(ALICE, body or {}, {f"referral-{ALICE}": version}, **fields)

    assert difference(document(1), document(2), same_code=False) is None
    assert difference(document(2), document(1), same_code=False) is Difference.BEHIND
    assert difference(document(1), document(2), same_code=True) is Difference.AHEAD
    assert difference(document(1, {"a": 1}), document(1), same_code=False) is None
    assert difference(document(1, {"a": 1}), document(1), same_code=True) is Difference.OTHER
