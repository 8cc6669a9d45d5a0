"""What becomes of commands that are not carried out: listed, visible, and in nobody's way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.envelope import Recorded
from kernel.clock import FixedClock
from kernel.process.agenda import LONGEST_DELAY, MOST_TRIES
from kernel.process.policy import Reaction, Send
from kernel.process.refusals import refusals, try_again
from kernel.project.memory import MemoryDocuments
from kernel.project.twin import DataFault, scripted
from kernel.store.memory import MemoryCommits, Operation, StoreFault
from kernel.testing.spec import CASE, NOW, an_id
from tests.process_world import PORTER, BuildGate, Gatekeeper, Knock, Porter, World, rung, silenced

OTHER = an_id("other case")


async def until_listed(world: World, clock: FixedClock) -> int:
    """Let time pass until nothing is to be sent any more; how many sweeps it took."""
    for sweeps in range(1, 100):
        await world.loop.settle()
        if not (await world.agenda()).todo:
            return sweeps
        clock.move(clock.moment + LONGEST_DELAY)
    raise AssertionError("the command is still being sent")


async def test_a_refused_command_is_listed_with_its_rules_and_sent_no_more() -> None:
    world = World()
    await world.tell(rung(0), rung(13, 2))
    (listed,) = await refusals(world.documents, PORTER)
    (refusal,) = listed.refusals
    assert (listed.policy, listed.document, refusal.reason) == ("porter", CASE, "refused")
    assert [(one.rule, one.needs) for one in refusal.unmet] == [("GATE-13", "another number")]
    assert refusal.todo
    assert refusal.todo.cause.event == rung(13, 2).envelope.id
    assert (await world.agenda()).todo == ()


async def test_a_refused_command_does_not_hold_up_the_next() -> None:
    world = World()
    await world.tell(rung(0), rung(13, 2), rung(2, 3))
    assert await world.knocks() == (0, 2)


async def test_nothing_refused_lists_nothing() -> None:
    world = World()
    await world.tell(rung(0))
    assert await refusals(world.documents, PORTER) == []


async def test_refusals_are_paged_by_case() -> None:
    world = World()
    for case in (CASE, OTHER):
        await world.tell(rung(0, subject=case), rung(13, 2, subject=case))
    (first,) = await refusals(world.documents, PORTER, limit=1)
    (second,) = await refusals(world.documents, PORTER, after=first.document, limit=1)
    assert {first.document, second.document} == {CASE, OTHER}


async def test_a_command_for_a_stream_not_yet_open_waits_and_then_goes_first() -> None:
    clock = FixedClock(NOW)
    world = World(clock=clock)
    await world.tell(rung(1, 1), rung(2, 2))
    assert await world.knocks() == ()
    assert [one.tries for one in (await world.agenda()).todo] == [1, 0]
    builder = replace(PORTER, name="builder")
    await world.restarted(policies=(builder,)).tell(rung(0))
    clock.move(NOW + timedelta(seconds=1))
    await world.loop.settle()
    assert await world.knocks() == (0, 1, 2)


async def test_a_command_for_a_stream_that_never_opens_is_listed_in_the_end() -> None:
    clock = FixedClock(NOW)
    world = World(clock=clock)
    await world.tell(rung(1, 1))
    assert await until_listed(world, clock) == MOST_TRIES
    (refusal,) = (await world.agenda()).refusals
    assert (refusal.reason, refusal.unmet) == ("not_known", ())


async def test_a_clock_that_leaps_does_not_use_up_the_tries() -> None:
    clock = FixedClock(NOW)
    world = World(clock=clock)
    await world.tell(rung(1, 1), silenced(2))
    clock.move(NOW + timedelta(days=365))
    await world.loop.settle()
    (todo,) = (await world.agenda()).todo
    assert todo.tries == 2


async def test_waiting_for_one_stream_holds_up_no_other() -> None:
    def knock_then_build_elsewhere(state: Porter, one: Recorded) -> Reaction[Porter]:
        here, there = Send("gate", CASE, Knock(n=1)), Send("gate", OTHER, BuildGate())
        return Reaction(state, (here, there))

    world = World((replace(PORTER, react=knock_then_build_elsewhere),))
    await world.tell(rung(1, 1))
    assert len(await world.envelopes(OTHER)) == 1
    assert len((await world.agenda()).todo) == 1


async def test_a_decider_that_fails_is_listed_and_says_no_values() -> None:
    clock = FixedClock(NOW)
    world = World(clock=clock)
    await world.tell(rung(0), rung(666, 2), rung(2, 3))
    await until_listed(world, clock)
    assert await world.knocks() == (0, 2)
    (refusal,) = (await world.agenda()).refusals
    assert refusal.reason == "fault"
    assert refusal.error.startswith("ZeroDivisionError in process_world.py")


async def test_a_command_that_the_policy_no_longer_gives_is_listed() -> None:
    clock = FixedClock(NOW)
    world = World(clock=clock)
    await world.fold(rung(0))
    heir = world.restarted(policies=(replace(PORTER, gives={"gate": (Knock,)}),))
    await until_listed(heir, clock)
    (build, knock) = (await heir.agenda()).refusals
    assert (build.reason, build.error[:8], knock.reason) == ("fault", "KeyError", "not_known")


async def test_trying_again_sends_what_was_refused_under_the_same_id() -> None:
    world = World()
    await world.tell(rung(0), rung(13, 2))
    (refused,) = (await world.agenda()).refusals
    assert await try_again(world.documents, PORTER, CASE) == 1
    assert [one.id for one in (await world.agenda()).todo] == [refused.todo and refused.todo.id]
    await world.loop.settle()
    assert len((await world.agenda()).refusals) == 1


async def test_trying_again_begins_to_count_anew_and_does_not_wait() -> None:
    clock = FixedClock(NOW)
    world = World(clock=clock)
    await world.tell(rung(1, 1), silenced(2))
    await until_listed(world, clock)
    await try_again(world.documents, PORTER, CASE)
    await world.loop.settle()
    assert [one.tries for one in (await world.agenda()).todo] == [1]


async def test_trying_again_beside_another_writer_still_happens() -> None:
    documents = MemoryDocuments()
    world = World(documents=documents)
    await world.tell(rung(0), rung(13, 2))
    documents.twin.faults = scripted("documents.write", DataFault.OVERTAKEN)
    assert await try_again(documents, PORTER, CASE) == 1
    assert len((await world.agenda()).todo) == 1


@pytest.mark.parametrize(("number", "listed", "tries"), [(13, 1, []), (1, 0, [1])])
async def test_two_processes_that_fail_at_one_command_note_it_once(
    number: int, listed: int, tries: list[int]
) -> None:
    world = World()
    await world.fold(rung(number, 1), *([rung(0, 2)] if number == 13 else []))
    if number == 13:
        await world.restarted(policies=(replace(PORTER, name="builder"),)).tell(rung(0))
    keeper = Gatekeeper(world.dispatcher)
    keeper.meanwhile = world.restarted().loop.settle
    await replace(world.attendants[0], dispatcher=keeper).attend(CASE)
    agenda = await world.agenda()
    assert len(agenda.refusals) == listed
    assert [one.tries for one in agenda.todo] == tries


async def test_trying_again_where_nothing_was_refused_does_nothing() -> None:
    world = World()
    await world.tell(rung(0))
    assert await try_again(world.documents, PORTER, CASE) == 0
    assert await try_again(world.documents, PORTER, OTHER) == 0


class Away:
    """A store that is away for as long as a test wants."""

    def __init__(self) -> None:
        self.away = True

    def __call__(self, _: Operation) -> StoreFault | None:
        return StoreFault.AWAY if self.away else None


async def test_while_the_store_is_away_nothing_is_refused_and_nothing_lost() -> None:
    away = Away()
    world = World(commits=MemoryCommits(away))
    for _ in range(MOST_TRIES + 5):
        await world.tell(rung(0))
    agenda = await world.agenda()
    assert ([one.tries for one in agenda.todo], agenda.refusals) == ([0, 0], ())
    away.away = False
    await world.loop.settle()
    assert await world.knocks() == (0,)
