"""A store that must not answer yet, or no longer, takes and tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kernel.store.port import Commit, Commits, Insertion, StoreUnavailable


class Gate:
    """Commits, as long as nothing speaks against it; else every operation raises StoreUnavailable.

    A store without its indexes could answer a command twice. One that was restored from an older
    backup lacks what it has published, so what it would answer might contradict that.
    """

    def __init__(self, commits: Commits, against: Callable[[], str | None]) -> None:
        self._commits, self._against = commits, against

    async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
        """As the store does."""
        self._check()
        return await self._commits.insert(batch)

    async def load(self, stream: str) -> list[Commit]:
        """As the store does."""
        self._check()
        return await self._commits.load(stream)

    async def holders(self, commit: Commit) -> list[Commit]:
        """As the store does."""
        self._check()
        return await self._commits.holders(commit)

    def _check(self) -> None:
        if why := self._against():
            raise StoreUnavailable(why)
