"""How large a commit may be."""

from __future__ import annotations

import asyncio

import pytest

from kernel.store.gather import EventStore
from kernel.store.memory import MemoryCommits
from kernel.store.port import CommitTooLarge
from kernel.store.size import LARGEST_COMMIT, LARGEST_EVENT
from tests.adapters.commits import a_commit, an_event


@pytest.mark.parametrize(
    "large",
    [
        (an_event("x" * LARGEST_EVENT),),
        (an_event("ä" * (LARGEST_EVENT // 2)),),
        tuple(an_event("x" * (LARGEST_COMMIT // 5)) for _ in range(5)),
        tuple(an_event() for _ in range(LARGEST_COMMIT // 1500)),
    ],
    ids=["one large event", "bytes count, not characters", "a large sum", "many small ones"],
)
async def test_an_oversized_commit_is_refused_before_it_can_harm_its_neighbours(
    large: tuple[object, ...],
) -> None:
    commits = MemoryCommits()
    store = EventStore(commits)
    neighbour = a_commit()
    both = (store.append(a_commit(events=large)), store.append(neighbour))
    refused, stored = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(refused, CommitTooLarge)
    assert stored == neighbour
    assert commits.durable() == [neighbour]


async def test_a_commit_just_below_the_bounds_is_taken() -> None:
    commit = a_commit(events=tuple(an_event("x" * 200_000) for _ in range(4)))
    assert await EventStore(MemoryCommits()).append(commit) == commit
