"""What an operator does about parked events: drive them again, drop them with a reason, export."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import Position
from kernel.project.fold import drive_document
from kernel.project.folder import Folder, OnWritten, nobody
from kernel.project.port import Document, Entry, Lost, Parked, Projection, Refused, Why
from kernel.project.reading import Arrival
from kernel.project.work import ReadModel

CHUNK = 256


class NotParked(LookupError):
    """Nothing waits there."""


class Step(NamedTuple):
    """What holds the document after a step, and whether another step can follow at once."""

    parked: Parked | None
    more: bool


class Parking:
    """The parked events of a service's projections, which are those that are `fed` by then.

    Everything here may run beside the consumers and on several machines: each write is guarded as
    a fold's is, and an entry leaves the queue only once its event is in the document. Every
    method raises StoreUnavailable.
    """

    def __init__(
        self,
        model: ReadModel,
        fed: Callable[[], Sequence[Projection]],
        on_written: OnWritten = nobody,
    ) -> None:
        self._model, self._fed, self._on_written = model, fed, on_written

    @property
    def _projections(self) -> dict[str, Projection]:
        return {one.view: one for one in self._fed()}

    async def drive(self, view: str, key: UUID) -> Parked | None:
        """Fold what waits for a document, in bounded steps; what holds it then, or None."""
        limit, error = CHUNK, ""
        while True:
            step = await self._step(self._projection(view), key, limit, error)
            if isinstance(step, Step):
                if not step.more:
                    return step.parked
            elif limit == 0:
                return await self._unmarkable(view, key, step.error)
            else:
                limit, error = limit // 2, step.error

    async def drive_all(self, view: str | None = None) -> dict[tuple[str, UUID], Parked | None]:
        """Drive every document for which anything waits, and records that had no envelope."""
        await self._drive_unreadable()
        return {one: await self.drive(*one) for one in await self._waiting(view)}

    async def tidy(self) -> None:
        """After a crash: forget entries that are folded, mark documents that do not know theirs.

        A crash between queue and document leaves an entry that the document does not count.
        """
        for view, key in await self._waiting(None):
            document = (await self._model.documents.load(view, [key])).get(key)
            if document is None or document.parked is None:
                await self.drive(view, key)

    async def drop(self, view: str, key: UUID, position: Position, reason: str) -> Parked | None:
        """Count one event as folded though it was not, for a reason that is kept; drive the rest.

        The event waits in the queue, or is missing below one that does; else raises NotParked.
        """
        document, queue = await self._load(view, key)
        waiting = [one for one in queue if one.dropped is None]
        if document.has(position) or not any(_reaches(one, position) for one in waiting):
            raise NotParked(f"{position} does not hold {key} in {view}")
        now = await self._model.clock.now()
        missing = Entry(view, key, position, Why.GAP, "", "", None, now, reason)
        await self._model.queue.drop(missing)
        return await self.drive(view, key)

    async def unreadable(self) -> int:
        """How many records wait whose envelope nobody can read."""
        return sum([entry.document is None async for entry in self._entries(None)])

    async def drop_unreadable(self, entry_id: str, reason: str) -> None:
        """Give up a record whose envelope nobody can read, for a reason that is kept.

        Raises NotParked.
        """
        async for entry in self._entries(None):
            if entry.id == entry_id and entry.document is None:
                await self._model.queue.drop(replace(entry, dropped=reason))
                return
        raise NotParked(entry_id)

    async def export(
        self, view: str | None = None, after: str = ""
    ) -> AsyncIterator[dict[str, Any]]:
        """Everything that waits after an id, with the records as they came, whatever they hold.

        What waits for a view that is not fed here can only be driven by the release that feeds it.
        """
        async for entry in self._entries(view, after=after):
            if entry.document is None or entry.view in self._projections:
                yield exported(entry)

    async def dropped(self, view: str) -> AsyncIterator[Entry]:
        """What was given up in a view, of any release."""
        async for entry in self._entries(view, dropped=True):
            yield entry

    async def _step(
        self, projection: Projection, key: UUID, limit: int, error: str
    ) -> Step | Refused:
        document, queue = await self._load(projection.view, key)
        now = await self._model.clock.now()
        refused = error if limit == 0 else None
        change = drive_document(projection, document, queue, now, self._model.read, limit, refused)
        if change is None:
            return Step(document.parked, more=False)
        if change.document is not document:
            (result,) = await self._model.documents.write(projection.view, [change.document])
            if isinstance(result, Refused):
                return result
            if isinstance(result, Lost):
                return Step(None, more=True)
            self._on_written(projection, [change.document])
        await self._model.queue.remove(change.settled)
        parked = change.document.parked
        return Step(parked, more=parked is not None and parked.why is Why.BEHIND)

    async def _unmarkable(self, view: str, key: UUID, error: str) -> Parked:
        """The database takes no change at all of this document; its queue stays as it is."""
        _, queue = await self._load(view, key)
        waiting = [one.position for one in queue if one.position and one.dropped is None]
        now = await self._model.clock.now()
        return Parked(len(waiting), Why.REFUSED, error, waiting[0], now)

    async def _load(self, view: str, key: UUID) -> tuple[Document, list[Entry]]:
        """The document first: what it counts is then in the queue, or somebody overtook us."""
        documents = await self._model.documents.load(view, [key])
        queue = await self._model.queue.of(view, [key])
        return documents.get(key) or Document(key), queue.get(key, [])

    async def _waiting(self, view: str | None) -> list[tuple[str, UUID]]:
        found = {
            (one.view, one.document): None
            async for one in self._entries(view)
            if one.document and one.view in self._projections
        }
        return list(found)

    async def _entries(
        self, view: str | None, *, dropped: bool = False, after: str = ""
    ) -> AsyncIterator[Entry]:
        pages = partial(self._model.queue.page, view, dropped=dropped, limit=500)
        while page := await pages(after=after):
            for entry in page:
                yield entry
            after = page[-1].id

    async def _drive_unreadable(self) -> None:
        folder = Folder(self._model, self._on_written)
        async for entry in self._entries(None):
            if entry.document is None and entry.record:
                found = self._model.read(entry.record, entry.log)
                if isinstance(found, Arrival):
                    await self._fold(folder, found)
                    await self._model.queue.remove([entry.id])

    async def _fold(self, folder: Folder, arrival: Arrival) -> None:
        for projection in self._projections.values():
            if arrival.record.partition.topic in projection.topics:
                await folder.fold(projection, [arrival])

    def _projection(self, view: str) -> Projection:
        try:
            return self._projections[view]
        except KeyError:
            raise NotParked(f"{view} is no view of this service") from None


def _reaches(entry: Entry, position: Position) -> bool:
    """Whether this position is the entry's own, or one that is missing below it."""
    own = entry.position
    return own is not None and own.stream == position.stream and own.version >= position.version


def exported(entry: Entry) -> dict[str, Any]:
    """An entry as plain JSON; the body as base64, since nobody knows what it is."""
    record = entry.record
    return {
        "id": entry.id,
        "view": entry.view,
        "document": str(entry.document) if entry.document else None,
        "position": str(entry.position) if entry.position else None,
        "why": entry.why.value,
        "error": entry.error,
        "parked_at": entry.parked_at.isoformat(),
        "log": entry.log,
        "topic": record.partition.topic if record else None,
        "partition": record.partition.number if record else None,
        "offset": record.offset if record else None,
        "headers": {name: value.decode(errors="replace") for name, value in record.headers}
        if record
        else {},
        "value": base64.b64encode(record.value).decode() if record else None,
    }
