"""Timers: due by both clocks, fired once in effect, through restarts and other logs."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.envelope import Position, Recorded
from kernel.clock import EarlierOf, FixedClock
from kernel.process.policy import Policy, Reaction, Send
from kernel.process.refusals import try_again
from kernel.project.memory import MemoryDocuments
from kernel.project.twin import DataFault, scripted
from kernel.store.port import StoreUnavailable
from kernel.testing.spec import CASE, NOW
from tests.process_world import A_DAY, PORTER, Knock, Porter, World, dying_at, rung, silenced

LATER = NOW + 2 * A_DAY
AFTER_ONE = (0, 1001)


def a_world(policy: Policy[Any] = PORTER, at: datetime = NOW) -> tuple[World, FixedClock]:
    clock = FixedClock(at)
    return World((policy,), clock=clock), clock


async def test_a_timer_fires_when_it_is_due() -> None:
    world, clock = a_world()
    await world.tell(rung(0))
    clock.move(NOW + A_DAY)
    await world.loop.settle()
    assert await world.knocks() == AFTER_ONE


async def test_a_timer_does_not_fire_before_it_is_due() -> None:
    world, clock = a_world()
    await world.tell(rung(0))
    clock.move(NOW + A_DAY - timedelta(milliseconds=1))
    await world.loop.settle()
    assert await world.knocks() == (0,)


@pytest.mark.parametrize("slow", ["process", "database"])
async def test_a_timer_waits_until_the_slower_of_two_clocks_says_due(slow: str) -> None:
    process, database = FixedClock(NOW), FixedClock(NOW)
    world = World(clock=EarlierOf(process, database))
    await world.tell(rung(0))
    (database if slow == "process" else process).move(LATER)
    await world.loop.settle()
    assert await world.knocks() == (0,)
    (process if slow == "process" else database).move(LATER)
    await world.loop.settle()
    assert await world.knocks() == AFTER_ONE


async def test_while_the_databases_clock_is_away_nothing_fires_and_then_it_does_when_due() -> None:
    database = FixedClock(NOW)
    world = World(clock=EarlierOf(FixedClock(LATER), database))
    await world.tell(rung(0))
    database.away = True
    with pytest.raises(StoreUnavailable):
        await world.loop.settle()
    assert await world.knocks() == (0,)
    database.away = False
    await world.loop.settle()
    assert await world.knocks() == (0,)
    database.move(LATER)
    await world.loop.settle()
    assert await world.knocks() == AFTER_ONE


async def test_a_timer_fires_once() -> None:
    world, clock = a_world()
    await world.tell(rung(0))
    clock.move(LATER)
    for _ in range(3):
        await world.loop.settle()
    assert await world.knocks() == AFTER_ONE


async def test_a_disarmed_timer_does_not_fire() -> None:
    world, clock = a_world()
    await world.tell(rung(0), silenced(2))
    clock.move(LATER)
    await world.loop.settle()
    assert await world.knocks() == (0,)


async def test_a_timer_armed_again_waits_for_its_new_time() -> None:
    world, clock = a_world()
    await world.tell(rung(0), rung(1, at=NOW + A_DAY / 2))
    clock.move(NOW + A_DAY)
    await world.loop.settle()
    assert await world.knocks() == (0, 1)
    clock.move(LATER)
    await world.loop.settle()
    assert await world.knocks() == (0, 1, 1002)


async def test_the_event_that_armed_a_timer_is_the_cause_of_its_command() -> None:
    world, clock = a_world()
    await world.tell(rung(0))
    clock.move(LATER)
    await world.loop.settle()
    command = (await world.envelopes())[-1]
    assert command.causation == rung(0).envelope.id
    assert command.causes == (Position(f"bell-{CASE}", 1),)


async def test_the_due_time_does_not_tell_what_a_timer_sends() -> None:
    """The same cause at another due time is the same command, such as after a changed setting."""
    commands = []
    for due in (NOW + A_DAY, NOW + A_DAY / 2):
        world, clock = a_world(replace(PORTER, react=arming("patience", due)))
        await world.tell(rung(0))
        clock.move(LATER)
        await world.loop.settle()
        commands.append([one.command for one in await world.envelopes()])
    assert commands[0] == commands[1]


async def test_a_timer_survives_a_restart() -> None:
    world, clock = a_world()
    await world.tell(rung(0))
    clock.move(LATER)
    await world.restarted().loop.settle()
    assert await world.knocks() == AFTER_ONE


async def test_a_timer_that_came_due_while_nobody_ran_fires_at_the_next_start() -> None:
    world, _ = a_world()
    await world.tell(rung(0))
    heir = world.restarted(clock=FixedClock(LATER))
    await heir.loop.settle()
    assert await heir.knocks() == AFTER_ONE


async def test_a_fired_timer_does_not_fire_again_after_another_log() -> None:
    world, clock = a_world()
    await world.tell(rung(0))
    clock.move(LATER)
    await world.loop.settle()
    await world.fold(rung(0), log="log 2")
    await world.loop.settle()
    assert await world.knocks() == AFTER_ONE


async def test_a_timer_still_armed_fires_after_another_log() -> None:
    world, clock = a_world()
    await world.tell(rung(0))
    await world.fold(rung(0), log="log 2")
    clock.move(LATER)
    await world.loop.settle()
    assert await world.knocks() == AFTER_ONE


async def test_a_crash_after_the_command_of_a_timer_leaves_one_effect() -> None:
    world, clock = a_world()
    await world.tell(rung(0))
    clock.move(LATER)
    with dying_at("after_dispatch"):
        await world.loop.settle()
    await world.restarted().loop.settle()
    assert await world.knocks() == AFTER_ONE


@pytest.mark.parametrize("fault", [DataFault.AWAY, DataFault.REPLY_LOST, DataFault.OVERTAKEN])
async def test_a_firing_whose_write_fails_or_is_overtaken_happens_once(fault: DataFault) -> None:
    documents, clock = MemoryDocuments(), FixedClock(NOW)
    world = World(documents=documents, clock=clock)
    await world.tell(rung(0))
    clock.move(LATER)
    documents.twin.faults = scripted("documents.write", fault)
    await world.loop.settle()
    await world.loop.settle()
    assert await world.knocks() == AFTER_ONE


@pytest.mark.parametrize(
    "news", [silenced(2), rung(5, 2, at=LATER)], ids=["disarms it", "arms it anew"]
)
async def test_an_event_that_comes_before_the_firing_is_written_stops_it(news: Recorded) -> None:
    """The firing is worked out anew on the document as it then stands."""
    documents, clock = MemoryDocuments(), FixedClock(NOW)
    world = World(documents=documents, clock=clock)
    await world.tell(rung(0))
    clock.move(LATER)
    arrived = False

    async def let_it_arrive(place: str) -> None:
        nonlocal arrived
        if place == "documents.write" and not arrived:
            arrived = True
            await world.fold(news)

    documents.twin.pause = let_it_arrive
    await world.loop.settle()
    assert arrived
    assert all(n < 1000 for n in await world.knocks())


def arming(name: str, due: datetime) -> Any:
    def react(state: Porter, one: Recorded) -> Reaction[Porter]:
        after = PORTER.react(state, one)
        return replace(after, timers={name: due})

    return react


def reminding(state: Porter, timer: str) -> Reaction[Porter]:
    """A reminder each day, three times."""
    again = {timer: NOW + (state.rung + 1) * A_DAY} if state.rung < 3 else {}
    knock = Send("gate", CASE, Knock(n=100))
    return Reaction(Porter(rung=state.rung + 1), (knock,), again)


async def test_a_timer_that_arms_itself_again_sends_anew_each_time() -> None:
    world, clock = a_world(replace(PORTER, on_timer=reminding))
    await world.tell(rung(0))
    for day in range(1, 9):
        clock.move(NOW + day * A_DAY)
        await world.loop.settle()
    assert await world.knocks() == (0, 100, 100, 100)


async def test_a_leap_of_the_clock_fires_all_that_came_due_meanwhile() -> None:
    world, clock = a_world(replace(PORTER, on_timer=reminding))
    await world.tell(rung(0))
    clock.move(NOW + 30 * A_DAY)
    await world.loop.settle()
    assert await world.knocks() == (0, 100, 100, 100)


def for_ever(state: Porter, timer: str) -> Reaction[Porter]:
    return Reaction(state, (), {timer: NOW})


async def test_a_timer_that_arms_itself_in_the_past_does_not_hold_up_the_others() -> None:
    world, clock = a_world(replace(PORTER, on_timer=for_ever))
    await world.tell(rung(0))
    clock.move(LATER)
    await world.loop.settle()
    assert (await world.agenda()).timers["patience"].due == NOW


def failing(state: Porter, timer: str) -> Reaction[Porter]:
    raise ZeroDivisionError


async def test_a_policy_that_fails_at_a_timer_has_it_listed_and_can_try_it_again() -> None:
    world, clock = a_world(replace(PORTER, on_timer=failing))
    await world.tell(rung(0))
    clock.move(LATER)
    await world.loop.settle()
    agenda = await world.agenda()
    assert [(one.timer, one.reason) for one in agenda.refusals] == [("patience", "fault")]
    assert agenda.timers == {}
    mended = world.restarted(policies=(PORTER,))
    assert await try_again(mended.documents, PORTER, CASE) == 1
    await mended.loop.settle()
    assert await mended.knocks() == AFTER_ONE


async def test_the_timer_of_a_parked_document_fires() -> None:
    world, clock = a_world()
    await world.tell(rung(0), rung(5, 9))
    found = await world.documents.load(world.attendants[0].projection.view, [CASE])
    assert found[CASE].parked
    clock.move(LATER)
    await world.loop.settle()
    assert await world.knocks() == AFTER_ONE
    found = await world.documents.load(world.attendants[0].projection.view, [CASE])
    assert found[CASE].parked
