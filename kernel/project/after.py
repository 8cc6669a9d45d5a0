"""Reading one's own writes: wait until a document has folded what the caller has seen."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from contracts.envelope import Position
from kernel.project.port import Document, Documents, Projection, Why

SECONDS = 5.0
# Folds of this process ring the bell; those of another replica are found by looking.
WITH_BELL, WITHOUT_BELL = 0.25, 0.05


class NotYet(Exception):
    """The document has not folded these events in time; try again."""


class Parked(Exception):
    """The document is parked: waiting does not help, operations must drive it again."""


class Folds:
    """Tells who waits in this process that a document was written."""

    def __init__(self) -> None:
        self._bells: defaultdict[tuple[str, UUID], set[asyncio.Event]] = defaultdict(set)

    def folded(self, projection: Projection, documents: Collection[Document]) -> None:
        """Documents were written: the `on_written` of a runner."""
        for one in documents if self._bells else ():
            for bell in self._bells.get((projection.view, one.id), ()):
                bell.set()

    @contextmanager
    def bell(self, view: str, key: UUID) -> Iterator[asyncio.Event]:
        """A bell that rings whenever this document is written."""
        bell, place = asyncio.Event(), (view, key)
        self._bells[place].add(bell)
        try:
            yield bell
        finally:
            self._bells[place].discard(bell)
            if not self._bells[place]:
                del self._bells[place]


async def wait_for(
    documents: Documents,
    view: str,
    key: UUID,
    positions: Collection[Position],
    timeout: float = SECONDS,
    folds: Folds | None = None,
) -> Document:
    """The document, once it has folded all these positions.

    Raises Parked at once where the document is parked, but waits for a gap to be filled; NotYet
    after the time. Raises StoreUnavailable.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    with (folds or Folds()).bell(view, key) as bell:
        while True:
            bell.clear()
            document = await documents.get(view, key) or Document(key)
            if all(map(document.has, positions)):
                return document
            left = deadline - loop.time()
            _give_up(document, left)
            await _rung(bell, min(left, WITH_BELL if folds else WITHOUT_BELL))


def _give_up(document: Document, left: float) -> None:
    parked = document.parked
    if parked and (left <= 0 or parked.why is not Why.GAP):
        raise Parked(f"held by {parked.held_by}")
    if left <= 0:
        raise NotYet


async def _rung(bell: asyncio.Event, timeout: float) -> None:
    try:
        await asyncio.wait_for(bell.wait(), timeout)
    except TimeoutError:
        return
