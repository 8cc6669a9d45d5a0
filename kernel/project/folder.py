"""Folding of a batch into the documents of one projection, durably and through any fault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

import structlog

from kernel.project.port import Document, Entry, Projection, Why
from kernel.project.reading import Arrival, Fault, explain
from kernel.project.steady import LAST_TRIES, TRIES, Persisting
from kernel.project.work import ReadModel, Work

OnWritten = Callable[[Projection, Collection[Document]], None]
Groups = dict[UUID, list[Arrival]]

log = structlog.get_logger(__name__)


def nobody(_: Projection, __: Collection[Document]) -> None:
    """Nobody wants to know which documents were written."""


class Folder:
    """Folds batches into documents.

    When `fold` returns, each event is durably folded, was there already, or is parked at its
    document, and no other document has waited for that longer than it takes to find the culprit.
    While the database is away nothing parks and nothing is lost.
    """

    def __init__(self, model: ReadModel, on_written: OnWritten = nobody) -> None:
        self._model, self._on_written = model, on_written
        self._steady = model.steady
        self._outcasts: set[tuple[str, UUID]] = set()

    async def fold(self, projection: Projection, arrivals: Sequence[Arrival]) -> None:
        """Fold these, in the order of the log."""
        groups = _grouped(projection, arrivals)
        for key in [key for key in groups if (projection.view, key) in self._outcasts]:
            await self._queue_up(projection, key, groups.pop(key))
        await self._fold(projection, groups)

    async def _fold(self, projection: Projection, groups: Groups) -> None:
        """Fold; what persists while the database answers is halved until the culprit is alone."""
        if not groups:
            return
        tries = LAST_TRIES if _size(groups) == 1 else TRIES
        attempt = partial(self._attempt, projection, groups)
        try:
            refused = await self._steady.until_judged(attempt, tries=tries)
        except Persisting as wrong:
            refused = dict.fromkeys(groups, str(wrong))
            await self._isolate(projection, groups, refused)
        else:
            for key, error in refused.items():
                await self._isolate(projection, {key: groups[key]}, {key: error})

    async def _isolate(
        self, projection: Projection, groups: Groups, errors: dict[UUID, str]
    ) -> None:
        if _size(groups) > 1:
            for half in _halves(groups):
                await self._fold(projection, half)
            return
        ((key, (culprit,)),) = groups.items()
        await self._condemn(projection, key, culprit, Fault(Why.REFUSED, errors[key]))

    async def _condemn(
        self, projection: Projection, key: UUID, culprit: Arrival, fault: Fault
    ) -> None:
        """Park one event; a document that cannot even be marked has all its events queued."""
        await self._keep(projection, key, [culprit], fault)
        marking = {key: [replace(culprit, fault=fault)]}
        try:
            refused = await self._steady.until_judged(partial(self._attempt, projection, marking))
        except Persisting:
            refused = {key: ""}
        if refused:
            self._outcasts.add((projection.view, key))
            log.error("document_takes_no_mark", view=projection.view, document=str(key))

    async def _queue_up(
        self, projection: Projection, key: UUID, arrivals: Sequence[Arrival]
    ) -> None:
        """Keep them for a document that took no mark, and see whether it does by now."""
        await self._keep(projection, key, arrivals, Fault(Why.BEHIND, ""))
        try:
            refused = await self._attempt(projection, {key: [*arrivals]}, queued=[key])
        except Exception as wrong:  # noqa: BLE001  it is queued, which is all that was promised
            refused = {key: explain(wrong)}
        if not refused:
            self._outcasts.discard((projection.view, key))

    async def _keep(
        self, projection: Projection, key: UUID, arrivals: Sequence[Arrival], fault: Fault
    ) -> None:
        now = await self._steady.until_done(self._model.clock.now)
        entries = [
            Entry(
                view=projection.view,
                document=key,
                position=one.position,
                why=fault.why,
                error=fault.error,
                log=one.log,
                record=one.record,
                parked_at=now,
            )
            for one in arrivals
        ]
        await self._steady.until_done(partial(self._model.queue.add, entries))

    async def _attempt(
        self, projection: Projection, groups: Groups, queued: Collection[UUID] = ()
    ) -> dict[UUID, str]:
        """Fold, and fold again where somebody else wrote meanwhile; the refused, with why."""
        work = Work(self._model, projection, groups, queued)
        while work.left:
            written = await work.step()
            if written:
                self._on_written(projection, written)
        return work.refused


def _grouped(projection: Projection, arrivals: Sequence[Arrival]) -> Groups:
    groups: defaultdict[UUID, list[Arrival]] = defaultdict(list)
    keys: dict[str, UUID | None] = {}
    for arrival in arrivals:
        stream = arrival.envelope.stream
        try:
            key = keys[stream] if stream in keys else projection.key(stream)
        except Exception as wrong:  # noqa: BLE001  the event's fault: it parks at its subject
            key = arrival.envelope.subject
            arrival = replace(arrival, fault=Fault(Why.FAILING, explain(wrong)))  # noqa: PLW2901
        else:
            keys[stream] = key
        if key is not None:
            groups[key].append(arrival)
    return dict(groups)


def _size(groups: Groups) -> int:
    return sum(map(len, groups.values()))


def _halves(groups: Groups) -> tuple[Groups, Groups]:
    """Half of the documents each; of one document, the earlier and the later events."""
    if len(groups) == 1:
        ((key, arrivals),) = groups.items()
        middle = len(arrivals) // 2
        return {key: arrivals[:middle]}, {key: arrivals[middle:]}
    keys = list(groups)
    middle = len(keys) // 2
    return {k: groups[k] for k in keys[:middle]}, {k: groups[k] for k in keys[middle:]}
