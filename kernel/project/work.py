"""One batch on its way into the documents of one projection: queue first, then documents."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from contracts.fields import EARLIEST
from kernel.clock import Clock, SystemClock
from kernel.log import Record
from kernel.project.fold import Change, fold_document
from kernel.project.port import (
    Document,
    Documents,
    Entry,
    Lost,
    Projection,
    Queue,
    Refused,
    Why,
    WriteResult,
    Written,
)
from kernel.project.reading import Arrival, Decode, Unreadable, read
from kernel.project.steady import Sleep, Steady

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ReadModel:
    """Where documents and queue are kept, and how records become events."""

    documents: Documents
    queue: Queue
    decode: Decode
    clock: Clock = field(default_factory=SystemClock)
    sleep: Sleep = asyncio.sleep

    def read(self, record: Record, log_id: str) -> Arrival | Unreadable:
        """Read a record; what is wrong with it is said in the answer."""
        return read(record, log_id, self.decode)

    @property
    def steady(self) -> Steady:
        """Tries again in place."""
        return Steady(self.documents.ping, self.sleep)


class Work:
    """One batch on its way; `queued` names documents that have a queue though they do not say."""

    def __init__(
        self,
        model: ReadModel,
        projection: Projection,
        left: dict[UUID, list[Arrival]],
        queued: Collection[UUID] = (),
    ) -> None:
        self._model, self._projection, self.left = model, projection, left
        self._queued = set(queued)
        self.refused: dict[UUID, str] = {}

    async def step(self) -> list[Document]:
        """Load, fold, keep what has to wait, write; what was lost to others is left.

        The documents that were written, as they were before they were given a new revision.
        """
        loaded = await self._load()
        changes = await self._changes(loaded)
        await self._park(changes)
        stored = {key: one for key, one in changes.items() if one.document is not loaded.get(key)}
        results = await self._write(stored)
        lost = {key for key, result in results.items() if isinstance(result, Lost)}
        self.refused |= {k: one.error for k, one in results.items() if isinstance(one, Refused)}
        await self._settle(one for key, one in changes.items() if key not in lost | {*self.refused})
        self.left = {key: one for key, one in self.left.items() if key in lost}
        written = (key for key, result in results.items() if isinstance(result, Written))
        return [changes[key].document for key in written]

    async def _load(self) -> dict[UUID, Document]:
        view, keys = self._projection.view, self.left
        return await self._model.documents.load(view, keys)

    async def _changes(self, loaded: Mapping[UUID, Document]) -> dict[UUID, Change]:
        """The clock, which may be a database's, is read only where something has to wait."""
        standing = {key for key, one in loaded.items() if one.parked} | self._queued
        queues = await self._model.queue.of(self._projection.view, standing) if standing else {}
        changes = self._folded(loaded, queues, EARLIEST)
        if any(one.document.parked or one.park for one in changes.values()):
            return self._folded(loaded, queues, await self._model.clock.now())
        return changes

    def _folded(
        self,
        loaded: Mapping[UUID, Document],
        queues: Mapping[UUID, Sequence[Entry]],
        now: datetime,
    ) -> dict[UUID, Change]:
        found = {
            key: fold_document(
                self._projection,
                loaded.get(key) or Document(key),
                queues.get(key, ()),
                arrivals,
                now,
                self._model.read,
            )
            for key, arrivals in self.left.items()
        }
        return {key: change for key, change in found.items() if change}

    async def _park(self, changes: Mapping[UUID, Change]) -> None:
        """The queue first: a document never counts what the queue does not hold."""
        entries = [entry for change in changes.values() for entry in change.park]
        if not entries:
            return
        await self._model.queue.add(entries)
        self._queued |= {entry.document for entry in entries if entry.document}
        for entry in entries:
            if entry.why is not Why.BEHIND:
                log.warning("parked", entry=entry.id, why=entry.why.value, error=entry.error)

    async def _write(self, changes: Mapping[UUID, Change]) -> dict[UUID, WriteResult]:
        documents = [one.document for one in changes.values()]
        if not documents:
            return {}
        results = await self._model.documents.write(self._projection.view, documents)
        return dict(zip(changes, results, strict=True))

    async def _settle(self, changes: Iterable[Change]) -> None:
        settled = [one for change in changes for one in change.settled]
        if settled:
            await self._model.queue.remove(settled)
