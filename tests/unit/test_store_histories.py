"""Histories of several processes on a store that fails at random: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel import crash
from kernel.commands import Accepted, Commands, Request
from kernel.store.gather import Patience
from kernel.store.memory import MemoryCommits, Operation, StoreFault
from kernel.store.port import Commit, StoreUnavailable
from tests.adapters.tally import Add, a_request, accepted, commands_on, no_wait, opened

CRASHES = 0.02
CANCELS = 0.05
SENDS = 4


@dataclass
class History:
    """What the clients of one run sent and were told."""

    random: Random
    commits: MemoryCommits
    processes: list[Commands]
    told: list[tuple[Request, UUID, Accepted]] = field(default_factory=list)
    unanswered: list[tuple[Request, UUID]] = field(default_factory=list)

    async def client(self, subject: UUID) -> None:
        """Send one command, again and again while there is no answer, to any process."""
        request = a_request()
        for _ in range(SENDS):
            sent = asyncio.create_task(self._send(subject, request))
            await self._linger()
            if self.random.random() < CANCELS:
                sent.cancel()
            answer = (await asyncio.gather(sent, return_exceptions=True))[0]
            if isinstance(answer, Accepted):
                self.told.append((request, subject, answer))
                return
            assert isinstance(answer, StoreUnavailable | asyncio.CancelledError | crash.Crashed)
        self.unanswered.append((request, subject))

    async def _send(self, subject: UUID, request: Request) -> Accepted:
        return await accepted(self.random.choice(self.processes), subject, Add(), request)

    async def _linger(self) -> None:
        for _ in range(self.random.randrange(6)):
            await asyncio.sleep(0)


async def linger(random: Random, _: str) -> None:
    for _turn in range(random.randrange(4)):
        await asyncio.sleep(0)


def die_sometimes(random: Random, _: crash.Point) -> None:
    if random.random() < CRASHES:
        raise crash.Crashed


def in_turn(faults: list[StoreFault | None], _: Operation) -> StoreFault | None:
    return faults.pop() if faults else None


async def play(
    faults: list[StoreFault | None], seed: int, processes: int, streams: int, clients: int
) -> tuple[History, list[Commit]]:
    """Run a history, then let the store come to rest without faults."""
    random = Random(seed)
    commits = MemoryCommits(pause=partial(linger, random))
    patience = Patience(12, pause=no_wait, monotonic=partial(next, count()))
    history = History(
        random, commits, [commands_on(commits, patience=patience) for _ in range(processes)]
    )
    subjects = [await opened(history.processes[0]) for _ in range(streams)]
    commits.faults = partial(in_turn, faults)
    crash.set_hook(partial(die_sometimes, random))
    try:
        await asyncio.gather(*(history.client(random.choice(subjects)) for _ in range(clients)))
    finally:
        crash.set_hook(None)
    faults.clear()
    for _ in range(4):
        await commits.load("tally-rest")
    return history, commits.durable()


def assert_dense(commits: list[Commit]) -> None:
    streams: dict[str, list[int]] = {}
    for one in commits:
        streams.setdefault(one.stream, []).append(one.version)
    for versions in streams.values():
        assert versions == list(range(1, len(versions) + 1))


async def assert_once(history: History, commits: list[Commit]) -> None:
    """Whoever was answered has one commit, and gets the same answer ever after."""
    stored = Counter((one.stream, one.command_id) for one in commits)
    assert set(stored.values()) == {1}
    for request, subject, answer in history.told:
        assert answer.commit in commits
        again = await accepted(history.processes[-1], subject, Add(), request)
        assert (again.commit, again.repeated) == (answer.commit, True)


faults = st.lists(st.sampled_from([None, None, *StoreFault]), max_size=120)


@settings(max_examples=60, deadline=None)
@given(faults, st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 3), st.integers(1, 12))
def test_whoever_was_answered_has_exactly_one_commit_and_versions_are_dense(
    faults: list[StoreFault | None], seed: int, processes: int, streams: int, clients: int
) -> None:
    async def run() -> None:
        history, commits = await play(faults, seed, processes, streams, clients)
        assert_dense(commits)
        await assert_once(history, commits)
        for request, subject in history.unanswered:
            await accepted(history.processes[0], subject, Add(), request)
        assert_dense(history.commits.durable())
        assert len(history.commits.durable()) == streams + clients

    asyncio.run(run())
