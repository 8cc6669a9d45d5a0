"""Whether a read model made anew has all that the one has that answers now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import Enum
from uuid import UUID

from kernel.project.port import Document, Documents

PAGE = 500


class Difference(Enum):
    """In what a document made anew is not yet as good as the one that answers."""

    BEHIND = "lacks events that the live one has"
    AHEAD = "has events that the live one lacks"
    PARKED = "waits for an event that the live one has folded"
    OTHER = "says something else of the same events"


def difference(live: Document, new: Document, *, same_code: bool) -> Difference | None:
    """In what the new one falls short; None where it may take the live one's place.

    Of the same code the bodies are compared too, where both have folded the same events. A live one
    that stands still is no measure for what the new one has beyond it.
    """
    if new.parked and not live.parked:
        return Difference.PARKED
    if any(new.folded.get(stream, 0) < version for stream, version in live.folded.items()):
        return Difference.BEHIND
    if not same_code:
        return None
    if new.folded != live.folded:
        return None if live.parked else Difference.AHEAD
    return Difference.OTHER if new.body != live.body else None


class Parity:
    """A comparison of two views of a read model while both go on being fed.

    Every document is compared once; what is different then is looked at again each time, until it
    was the same once. Documents only ever go forwards, so that what was level stays level.
    """

    def __init__(self, documents: Documents, live: str, new: str, *, same_code: bool) -> None:
        self.live, self.new, self._same_code = live, new, same_code
        self.compared = 0
        self.different: dict[UUID, Difference] = {}
        self._documents, self._walked = documents, False

    async def look(self) -> bool:
        """Whether the new one may take the place of the live one; raises StoreUnavailable."""
        if self._walked:
            await self._again()
        else:
            await self._walk()
            self._walked = True
        return not self.different

    async def _walk(self) -> None:
        self.compared, self.different = 0, {}
        async for keys in self._keys(self.live):
            await self._compare(keys)
        if self._same_code:  # else it may be further than a live one that nobody feeds any more
            async for keys in self._keys(self.new):
                known = await self._documents.load(self.live, keys)
                await self._compare([one for one in keys if one not in known])

    async def _again(self) -> None:
        keys = list(self.different)
        for start in range(0, len(keys), PAGE):
            await self._compare(keys[start : start + PAGE])

    async def _compare(self, keys: list[UUID]) -> None:
        """The live one first: what it has by then, the new one may have too when it is loaded."""
        live = await self._documents.load(self.live, keys)
        new = await self._documents.load(self.new, keys)
        for key in keys:
            found = difference(
                live.get(key) or Document(key),
                new.get(key) or Document(key),
                same_code=self._same_code,
            )
            self.compared += key not in self.different
            self.different.pop(key, None)
            if found:
                self.different[key] = found

    async def _keys(self, view: str) -> AsyncIterator[list[UUID]]:
        after = None
        while page := await self._documents.page(view, after=after, limit=PAGE):
            yield [one.id for one in page]
            after = page[-1].id
