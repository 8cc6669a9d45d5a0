"""Commands on a real database, from one process and from several."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from kernel.commands import Accepted, KeyReused
from kernel.decider import Refused
from kernel.mongo import connect
from kernel.store.gather import Patience
from kernel.store.mongo import MongoCommits
from tests.adapters.tally import (
    TALLY,
    Add,
    Close,
    a_request,
    accepted,
    an_actor,
    commands_on,
    opened,
)

REAL: dict[str, Any] = {"patience": Patience(), "pause": asyncio.sleep}


@pytest.fixture
async def commits(mongo_url: str, database: str) -> AsyncIterator[MongoCommits]:
    async with connect(mongo_url) as client:
        commits = MongoCommits(client[database])
        await commits.ensure_indexes()
        yield commits


@pytest.mark.parametrize("processes", [1, 2])
async def test_sixty_four_writers_on_one_stream_give_sixty_four_versions(
    commits: MongoCommits, processes: int
) -> None:
    several = [commands_on(commits, **REAL) for _ in range(processes)]
    subject = await opened(several[0])
    answers = await asyncio.gather(
        *(accepted(several[i % processes], subject, Add()) for i in range(64))
    )
    assert sorted(one.version for one in answers) == list(range(2, 66))
    stored = await commits.load(TALLY.stream(subject))
    assert [one.version for one in stored] == list(range(1, 66))


async def test_a_command_sent_to_two_processes_at_once_is_carried_out_once(
    commits: MongoCommits,
) -> None:
    subject = await opened(commands_on(commits, **REAL))
    request = a_request()
    answers = await asyncio.gather(
        *(accepted(commands_on(commits, **REAL), subject, Add(), request) for _ in range(8))
    )
    assert {one.version for one in answers} == {2}
    assert len(await commits.load(TALLY.stream(subject))) == 2


async def test_a_repeated_command_gets_its_first_answer_also_when_refused_by_now(
    commits: MongoCommits,
) -> None:
    commands = commands_on(commits, **REAL)
    subject = await opened(commands)
    first = await accepted(commands, subject, Add(parts=2), request := a_request())
    await accepted(commands, subject, Close())
    assert isinstance(await commands.execute(TALLY, subject, Add(), a_request()), Refused)
    again = await accepted(commands_on(commits), subject, Add(parts=2), request)
    assert again == replace(first, repeated=True)
    with pytest.raises(KeyReused):
        await commands.execute(TALLY, subject, Add(), replace(request, request_hash="11"))


async def test_a_dry_run_on_the_database_tells_what_execute_records(
    commits: MongoCommits,
) -> None:
    commands = commands_on(commits, **REAL)
    subject = await opened(commands)
    told = await commands.dry_run(TALLY, subject, Add(count=3), an_actor())
    answer = await commands.execute(TALLY, subject, Add(count=3), a_request())
    assert isinstance(answer, Accepted)
    assert not isinstance(told, Refused)
    assert [one.model_dump_json() for one in told] == [one.data for one in answer.commit.events]
