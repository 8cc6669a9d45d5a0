"""Commands that contend: in one process they queue, between processes the loser decides again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest

from kernel.commands import TRIES
from kernel.store.memory import MemoryCommits
from kernel.store.port import Commit, Insertion, StoreUnavailable
from kernel.store.turns import Turns
from tests.adapters.tally import TALLY, Add, a_request, accepted, commands_on, opened


class Rivalled(MemoryCommits):
    """Somebody else takes the place just before each of the next so many inserts."""

    rivals = 0
    inserts = 0

    async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
        self.inserts += 1
        if self.rivals:
            self.rivals -= 1
            self._write([replace(one, command_id=uuid4()) for one in batch])
        return await super().insert(batch)


async def test_a_loser_decides_again_on_what_the_winner_left() -> None:
    commands = commands_on(commits := Rivalled())
    subject = await opened(commands)
    commits.rivals = 3
    answer = await accepted(commands, subject, Add())
    assert answer.version == 5
    assert [one.version for one in commits.durable()] == [1, 2, 3, 4, 5]


async def test_nine_lost_places_are_not_too_many() -> None:
    commands = commands_on(commits := Rivalled())
    subject = await opened(commands)
    commits.rivals = TRIES - 1
    assert (await accepted(commands, subject, Add())).version == 1 + TRIES


async def test_after_ten_tries_it_is_unavailable_and_no_refusal() -> None:
    commands = commands_on(commits := Rivalled())
    subject = await opened(commands)
    commits.rivals, commits.inserts = 100, 0
    with pytest.raises(StoreUnavailable):
        await commands.execute(TALLY, subject, Add(), request := a_request())
    assert commits.inserts == TRIES == 10
    commits.rivals = 0
    assert not (await accepted(commands, subject, Add(), request)).repeated


async def test_pauses_between_tries_grow_and_differ() -> None:
    paused: tuple[list[float], list[float]] = ([], [])
    for seconds in paused:

        async def pause(length: float, seconds: list[float] = seconds) -> None:
            seconds.append(length)

        commands = commands_on(commits := Rivalled(), pause=pause)
        subject = await opened(commands)
        commits.rivals = 100
        with pytest.raises(StoreUnavailable):
            await commands.execute(TALLY, subject, Add(), a_request())
        assert max(seconds[:2]) < max(seconds[5:])
        assert sum(seconds) < 1.5
    assert paused[0] != paused[1]


@pytest.mark.parametrize("processes", [1, 2, 3])
async def test_sixty_four_writers_on_one_stream_are_all_accepted(processes: int) -> None:
    commits = MemoryCommits(pause=lambda _: asyncio.sleep(0))
    several = [commands_on(commits, pause=asyncio.sleep) for _ in range(processes)]
    subject = await opened(several[0])
    answers = await asyncio.gather(
        *(accepted(several[i % processes], subject, Add()) for i in range(64))
    )
    assert sorted(one.version for one in answers) == list(range(2, 66))
    assert [one.version for one in commits.durable()] == list(range(1, 66))


async def test_commands_of_one_stream_are_carried_out_in_the_order_they_came() -> None:
    commits = MemoryCommits(pause=lambda _: asyncio.sleep(0))
    commands = commands_on(commits)
    subject = await opened(commands)
    requests = [a_request() for _ in range(20)]
    await asyncio.gather(*(accepted(commands, subject, Add(), one) for one in requests))
    assert [one.command_id for one in commits.durable()[1:]] == [one.command_id for one in requests]


async def test_a_cancelled_command_neither_holds_its_stream_nor_harms_the_next() -> None:
    commits = MemoryCommits(pause=lambda _: asyncio.sleep(0))
    commands = commands_on(commits)
    subject = await opened(commands)
    for turns in range(12):
        cancelled = asyncio.create_task(commands.execute(TALLY, subject, Add(), a_request()))
        for _ in range(turns):
            await asyncio.sleep(0)
        following = asyncio.create_task(accepted(commands, subject, Add()))
        await asyncio.sleep(0)
        cancelled.cancel()
        await following
    versions = [one.version for one in commits.durable()]
    assert versions == list(range(1, len(versions) + 1))
    assert len(versions) >= 13


async def test_the_wait_for_a_turn_is_bounded_and_tries_nothing() -> None:
    turns = Turns(seconds=0.01)
    async with turns.of("tally-1"):
        async with turns.of("tally-2"):
            pass
        with pytest.raises(StoreUnavailable):
            async with turns.of("tally-1"):
                pytest.fail("two hold one turn")
    async with turns.of("tally-1"):
        pass


async def test_a_stream_that_nobody_waits_for_leaves_nothing_behind() -> None:
    turns = Turns()
    async with turns.of("tally-1"):
        assert len(turns._locks) == 1
    assert len(turns._locks) == 0
