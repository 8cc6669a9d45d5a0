"""A store that has fallen behind its own log takes and tells nothing."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.relay.relay import Relay
from kernel.store.port import Commit, Commits, Insertion, StoreUnavailable


class UnlessBehind:
    """Commits, until the relay finds events of ours on the log that the store lacks.

    Such a store was restored from an older backup: what it would answer from now on might
    contradict what it has published, so every operation raises StoreUnavailable.
    """

    def __init__(self, commits: Commits, relay: Relay) -> None:
        self._commits, self._relay = commits, relay

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
        if behind := self._relay.health().behind:
            raise StoreUnavailable(f"the store is behind its log: {behind}")
