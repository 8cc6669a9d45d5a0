"""The loop that attends: at once, one document by one at a time, and through any fault."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from kernel.clock import FixedClock
from kernel.process.agenda import Todo
from kernel.process.dispatch import Dispatcher, NotSent, Sent
from kernel.process.loop import ProcessLoop
from kernel.process.policy import Policy
from kernel.project.memory import MemoryDocuments
from kernel.project.port import Document
from kernel.project.twin import DataFault, scripted
from kernel.testing.spec import CASE, NOW, an_id
from tests.process_world import A_DAY, PORTER, Gatekeeper, World, rung, silenced
from tests.support import eventually
from tests.support_virtual import VirtualClock, in_virtual_time

OTHER = an_id("other case")
NEVER = 3600.0


async def no_sweep(_: float) -> None:
    """The first sweep is the only one."""
    await asyncio.Event().wait()


@asynccontextmanager
async def running(loop: ProcessLoop) -> AsyncIterator[None]:
    task = asyncio.create_task(loop.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def a_world(**changes: Any) -> World:
    """A world whose loop sweeps once, at its start."""
    world = World(**changes)
    world.loop._pause = no_sweep
    return world


async def test_what_a_fold_left_to_send_is_sent_without_a_sweep() -> None:
    world = a_world()
    async with running(world.loop):
        await world.fold(rung(0), rung(1))
        await until_knocked(world, (0, 1))


async def test_what_an_earlier_process_left_is_sent_at_the_start() -> None:
    world = World()
    await world.fold(rung(0))
    heir = a_world(documents=world.documents, commits=world.commits)
    async with running(heir.loop):
        await until_knocked(heir, (0,))


@in_virtual_time
async def test_a_timer_is_found_by_a_sweep() -> None:
    clock = FixedClock(NOW)
    world = World(clock=clock)
    world.loop._every = 0.01
    async with running(world.loop):
        await world.fold(rung(0))
        clock.move(NOW + A_DAY)
        await until_knocked(world, (0, 1001))


@in_virtual_time
async def test_while_the_clock_is_away_what_was_folded_is_sent_and_a_timer_fires_later() -> None:
    clock = FixedClock(NOW + A_DAY, away=True)
    world = World(clock=clock)
    async with running(world.loop):
        await world.fold(rung(0))
        await until_knocked(world, (0,))
        clock.away = False
        await until_knocked(world, (0, 1001))


@in_virtual_time
async def test_a_command_put_off_is_tried_again_without_a_sweep() -> None:
    world = a_world(clock=VirtualClock())
    builder = World((replace(PORTER, name="builder"),), world.commits)
    async with running(world.loop):
        await world.fold(rung(1, 1), silenced(2))
        await eventually(lambda: put_off(world))
        await builder.tell(rung(0))
        await until_knocked(world, (0, 1))


class Hands:
    """Whoever moves the clock."""

    def __init__(self) -> None:
        self.watched, self.moves = asyncio.Event(), asyncio.Event()

    async def moved(self, within: float) -> None:
        self.watched.set()
        await self.moves.wait()
        self.moves.clear()


async def test_a_sweep_follows_when_somebody_moves_the_clock() -> None:
    clock, hands = FixedClock(NOW), Hands()
    world = World(clock=clock)
    await world.fold(rung(0))
    async with running(ProcessLoop(world.attendants, watch=hands)):
        await hands.watched.wait()
        clock.move(NOW + A_DAY)
        hands.moves.set()
        await eventually(lambda: fired(world))


async def test_without_policies_nobody_looks_at_the_clock() -> None:
    hands = Hands()
    async with running(ProcessLoop([], watch=hands)):
        for _ in range(10):
            await asyncio.sleep(0)
        assert not hands.watched.is_set()


@in_virtual_time
async def test_sweeps_go_on_after_the_database_was_away() -> None:
    documents = MemoryDocuments(scripted("documents.page", *[DataFault.AWAY] * 3))
    world = World(documents=documents)
    await world.fold(rung(0))
    async with running(world.restarted().loop):
        await until_knocked(world, (0,))


async def test_a_slow_case_holds_up_no_other() -> None:
    world = a_world()
    slow = Slow(world.dispatcher)
    loop = with_dispatcher(world, slow)
    async with running(loop):
        await world.fold(rung(0), rung(0, subject=OTHER))
        await eventually(lambda: slow.held)
        await until_knocked(world, (0,), OTHER)
        assert await world.knocks(CASE) == ()
        slow.go_on.set()
        await until_knocked(world, (0,), CASE)


async def test_one_document_is_attended_by_one_at_a_time() -> None:
    world = a_world()
    slow = Slow(world.dispatcher)
    loop = with_dispatcher(world, slow)
    async with running(loop):
        await world.fold(rung(0))
        await eventually(lambda: slow.held)
        await world.fold(rung(1))
        for _ in range(50):
            await asyncio.sleep(0)
        assert slow.held == 1
        slow.go_on.set()
        await until_knocked(world, (0, 1))


async def test_what_is_folded_while_the_last_command_is_noted_is_not_overlooked() -> None:
    """The attendant has written that nothing is left, and has not said so yet."""
    documents = MemoryDocuments()
    world = a_world(documents=documents)
    view, news = world.attendants[0].projection.view, [rung(1)]

    async def fold_after_the_last_note(place: str) -> None:
        done = documents.all(view).get(CASE)
        if place == "documents.write done" and done and done.body["todo"] == [] and news:
            await world.fold(news.pop())
            for _ in range(50):
                await asyncio.sleep(0)

    documents.twin.pause = fold_after_the_last_note
    async with running(world.loop):
        await world.fold(rung(0))
        await until_knocked(world, (0, 1))
    assert not news


async def test_a_document_that_fails_rests_and_the_others_go_on() -> None:
    documents = MemoryDocuments()
    world = World(documents=documents)
    await world.fold(rung(0), rung(0, subject=OTHER))
    documents.refuses = lambda one: one.id == CASE
    writes: list[str] = []

    async def count(place: str) -> None:
        writes.extend([place] if place == "documents.write" else [])

    await world.loop.settle()
    assert await world.knocks(OTHER) == (0,)
    documents.twin.pause = count
    await world.loop.settle()
    assert writes == []
    documents.refuses = lambda _: False
    await world.tell(rung(1))
    assert await world.knocks(CASE) == (0, 1)


async def test_a_sweep_finds_more_than_a_page() -> None:
    world = World()
    cases = [an_id(f"case {n}") for n in range(501)]
    await world.fold(*(rung(0, subject=one) for one in cases))
    await world.restarted().loop.settle()
    found = await world.documents.load(world.attendants[0].projection.view, cases)
    assert all(one.body["todo"] == [] for one in found.values())


async def test_other_projections_do_not_wake_the_policies() -> None:
    world = World()
    stranger = replace(world.attendants[0].projection, name="stranger")
    world.loop.folded(stranger, [Document(CASE, {"todo": ["something"]})])
    await world.loop.settle()
    assert world.loop._ready == {}


async def test_the_loop_ends_with_all_that_it_began() -> None:
    world = a_world()
    slow = Slow(world.dispatcher)
    loop = with_dispatcher(world, slow)
    before = asyncio.all_tasks()
    async with running(loop):
        await world.fold(rung(0))
        await eventually(lambda: slow.held)
    assert asyncio.all_tasks() - before == set()


async def put_off(world: World) -> bool:
    return [one.tries for one in (await world.agenda()).todo] == [1]


async def fired(world: World) -> bool:
    return "patience" not in (await world.agenda()).timers


async def until_knocked(world: World, numbers: Sequence[int], subject: UUID = CASE) -> None:
    async def knocked() -> bool:
        return await world.knocks(subject) == tuple(numbers)

    await eventually(knocked)


def with_dispatcher(world: World, dispatcher: Dispatcher) -> ProcessLoop:
    """The world's loop again, with another dispatcher; folds wake this one."""
    attendants = [replace(one, dispatcher=dispatcher) for one in world.attendants]
    loop = ProcessLoop(attendants, pause=no_sweep)
    world.folder._on_written = loop.folded
    return loop


class Slow(Gatekeeper):
    """A dispatcher that holds the commands of one case until told to go on."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        super().__init__(dispatcher)
        self.held = 0
        self.go_on = asyncio.Event()

    async def send(self, policy: Policy[Any], todo: Todo) -> Sent | NotSent:
        if todo.subject == CASE:
            self.held += 1
            await self.go_on.wait()
        return await Dispatcher.send(self, policy, todo)
