"""The database is killed or paused in mid-append: what was acknowledged stays, once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from kernel.commands import Accepted, Commands, Request
from kernel.mongo import connect
from kernel.store.gather import Patience
from kernel.store.mongo import MongoCommits
from kernel.store.port import Commit, Insertion, StoreUnavailable
from rjhub.child import Running, free_port
from tests.adapters.tally import TALLY, Add, a_request, accepted, commands_on, opened
from tests.engines.chosen import start_mongod
from tests.support import eventually

KILLS = 3
STREAMS = 8


@dataclass
class Database:
    """A mongod of the test's own, which dies and returns on the same port with the same data."""

    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.engine: Running = self._start()

    def _start(self) -> Running:
        return start_mongod(self.folder / "data", self.port, self.folder / "mongod.log")

    def kill(self) -> None:
        self.engine.kill()

    async def restart(self) -> None:
        self.engine = await asyncio.to_thread(self._start)


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path)
    yield database
    database.kill()


@dataclass
class Load:
    """Clients that add without end, and repeat what got no answer under the same id."""

    commands: Commands
    subjects: list[UUID]
    acknowledged: list[tuple[UUID, Request, Accepted]] = field(default_factory=list)
    unanswered: int = 0
    over: bool = False

    async def client(self, subject: UUID) -> None:
        while not self.over:
            await self.add(subject, a_request())

    async def add(self, subject: UUID, request: Request) -> None:
        while True:
            try:
                answer = await accepted(self.commands, subject, Add(), request)
            except StoreUnavailable:
                self.unanswered += 1
            else:
                self.acknowledged.append((subject, request, answer))
                return

    async def more(self, by: int) -> None:
        """Wait until so many more commands are answered."""
        wanted = len(self.acknowledged) + by
        await eventually(lambda: len(self.acknowledged) >= wanted, 30)


async def test_a_database_killed_in_mid_append_loses_and_doubles_nothing_acknowledged(
    mongod: Database,
) -> None:
    async with connect(mongod.engine.url, serverSelectionTimeoutMS=500) as client:
        commits = MongoCommits(client["rj_tally"], seconds=1)
        await commits.ensure_indexes()
        commands = commands_on(commits, patience=Patience(seconds=1), pause=asyncio.sleep)
        load = Load(commands, [await opened(commands) for _ in range(STREAMS)])
        clients = [asyncio.create_task(load.client(one)) for one in load.subjects * 4]
        for _ in range(KILLS):
            await load.more(100)
            mongod.kill()
            await mongod.restart()
        await load.more(100)
        load.over = True
        await asyncio.gather(*clients)
        await assert_each_once(load, commits)


async def assert_each_once(load: Load, commits: MongoCommits) -> None:
    for subject in load.subjects:
        stored = await commits.load(TALLY.stream(subject))
        assert [one.version for one in stored] == list(range(1, len(stored) + 1))
        told = {
            request.command_id: answer.commit
            for about, request, answer in load.acknowledged
            if about == subject
        }
        assert {one.command_id: one for one in stored[1:]} == told


class Hanging(MongoCommits):
    """The database stops as the next insert is sent, and does it when it goes on."""

    engine: Running | None = None

    async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
        if self.engine is not None:
            self.engine.signal(signal.SIGSTOP)
        return await super().insert(batch)


async def test_an_append_to_a_database_that_hangs_is_given_up_in_time_and_done_once(
    mongod: Database,
) -> None:
    async with connect(mongod.engine.url, serverSelectionTimeoutMS=500) as client:
        commits = Hanging(client["rj_tally"], seconds=0.5)
        await commits.ensure_indexes()
        commands = commands_on(commits, patience=Patience(seconds=1), pause=asyncio.sleep)
        subject = await opened(commands)
        commits.engine = mongod.engine
        try:
            async with asyncio.timeout(5):
                with pytest.raises(StoreUnavailable):
                    await commands.execute(TALLY, subject, Add(), request := a_request())
        finally:
            mongod.engine.signal(signal.SIGCONT)
        commits.engine = None
        assert (await accepted(commands, subject, Add(), request)).version == 2
        assert len(await commits.load(TALLY.stream(subject))) == 2
