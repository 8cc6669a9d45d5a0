"""The event store: appends share writes, and each is repeated until its fate is known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from kernel import crash
from kernel.store.port import (
    Commit,
    Commits,
    Conflict,
    Inserted,
    OutcomeUnknown,
    Rejected,
    StoreUnavailable,
)
from kernel.store.shared import SharedWrites
from kernel.store.size import check_size


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long an append whose fate is unknown is repeated, and what passes in between."""

    seconds: float = 10
    first: float = 0.02
    longest: float = 1
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = _loop_time

    def pauses(self) -> Iterator[float]:
        """Ever longer ones, without end."""
        pause = self.first
        while True:
            yield pause
            pause = min(pause * 2, self.longest)


class EventStore:
    """Appends commits, gathered; what it returned is durable and stays."""

    def __init__(self, commits: Commits, patience: Patience | None = None) -> None:
        self._commits = commits
        self._writes = SharedWrites(commits)
        self._patience = patience or Patience()

    async def load(self, stream: str) -> list[Commit]:
        """All commits of a stream in version order; raises StoreUnavailable."""
        return await self._commits.load(stream)

    async def append(self, commit: Commit) -> Commit:
        """The commit that answers this command from now on: this one, or the one stored earlier.

        Raises Conflict when another command has this place in the stream, CommitTooLarge before
        anything is queued, and StoreUnavailable when the fate stays unknown for too long: the
        commit may then be there, and the same command tried again finds out.
        """
        check_size(commit)
        patience = self._patience
        deadline = patience.monotonic() + patience.seconds
        for pause in patience.pauses():
            stored = await self._try(commit)
            if stored is not None:
                return stored
            if patience.monotonic() + pause > deadline:
                break
            await patience.pause(pause)
        raise StoreUnavailable(f"the fate of {commit.id} is unknown")

    async def close(self) -> None:
        """Wait for the writes in flight."""
        await self._writes.close()

    async def _try(self, commit: Commit) -> Commit | None:
        """None while the fate is unknown."""
        try:
            result = await self._writes.insert(commit)
        except OutcomeUnknown:
            return None
        if isinstance(result, Inserted):
            crash.reached("after_append")
            return commit
        if isinstance(result, Rejected):
            raise StoreUnavailable(f"{commit.id}: {result.reason}")
        return await self._stored(commit)

    async def _stored(self, commit: Commit) -> Commit | None:
        """What a majority has in this one's way; None while that is not to be seen yet."""
        try:
            held = await self._commits.holders(commit)
        except StoreUnavailable:
            return None
        for one in held:
            if one.command_id == commit.command_id:
                return one
        if held:
            raise Conflict(f"another command holds {commit.id}")
        return None
