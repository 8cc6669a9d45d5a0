"""The pure part of a read model: a document, what waits for it and what arrives, to a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from contracts.envelope import Position, Recorded
from kernel.log import Record
from kernel.project.port import Body, Document, Entry, Parked, Projection, Why
from kernel.project.reading import Arrival, Fault, Unreadable, explain

Read = Callable[[Record, str], Arrival | Unreadable]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """A document as it should be stored, what has to wait for it, and what no longer waits."""

    document: Document
    park: tuple[Entry, ...] = ()
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event in the queue; a dropped one counts as folded and changes nothing."""

    arrival: Arrival | None
    stored: str = ""
    dropped: bool = False

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded; one that never came goes first."""
        return self.arrival.envelope.recorded_at if self.arrival else _LONG_AGO

    @property
    def causes(self) -> tuple[Position, ...]:
        """The events of other streams that it names as its causes."""
        return self.arrival.envelope.causes if self.arrival else ()


def fold_document(
    projection: Projection,
    document: Document,
    queue: Sequence[Entry],
    arrivals: Sequence[Arrival],
    now: datetime,
    read: Read,
) -> Change | None:
    """Fold what arrives, in the order of the log; None where nothing is new.

    A version at or below the folded one changes nothing; the next one is folded; a gap, or an
    event that cannot be folded, holds the document, and what comes later waits in its queue.
    A document held by a gap tries again at each arrival; any other waits to be driven again.
    """
    line = Line(projection, document, queue, read)
    for arrival in arrivals:
        line.take(arrival)
    return line.change(now)


def drive_document(
    projection: Projection,
    document: Document,
    queue: Sequence[Entry],
    now: datetime,
    read: Read,
    limit: int | None = None,
    refused: str | None = None,
) -> Change | None:
    """Fold what waits, up to `limit` events, whatever held it; None where nothing changes.

    With `refused`, nothing is folded: the database does not take the document with the next
    event, for that reason.
    """
    line = Line(projection, document, queue, read)
    line.drain(limit) if refused is None else line.refuse(refused)
    return line.change(now)


class Line:
    """A document at work: its body, and its queue by stream and version."""

    def __init__(
        self, projection: Projection, document: Document, queue: Sequence[Entry], read: Read
    ) -> None:
        self.projection, self.document = projection, document
        self.body, self.folded = document.body, dict(document.folded)
        self.waiting: dict[str, dict[int, Waiting]] = {}
        self.settled: list[str] = []
        self.held: tuple[Position, Fault] | None = None
        self.changed = False
        for entry in queue:
            self._enqueue(entry, read)
        if document.parked and self.waiting:
            self.held = (
                document.parked.held_by,
                Fault(document.parked.why, document.parked.error),
            )

    def take(self, arrival: Arrival) -> None:
        """Fold an arrival, or let it wait."""
        stream, version = arrival.envelope.stream, arrival.envelope.version
        if version <= self.folded.get(stream, 0):
            return
        if not self.waiting:
            fault = self._fold(stream, version, arrival)
            if fault:
                self._hold(arrival, fault)
            return
        if version not in self.waiting.get(stream, ()):
            self._wait(arrival)
        if self.held is None or self.held[1].why is Why.GAP:
            self.drain()

    def drain(self, limit: int | None = None) -> None:
        """Fold what waits, per stream in version order and after its causes, until one fails."""
        while position := self._ready():
            if limit == 0:
                self.held = (position, Fault(Why.BEHIND, ""))
                return
            one = self.waiting[position.stream][position.version]
            fault = None if one.dropped else self._fold(*position, one.arrival)
            if fault:
                self.held = (position, fault)
                return
            self._settle(position, one)
            limit = None if limit is None else limit - 1
        self.held = self._gap()

    def refuse(self, error: str) -> None:
        """Hold at the next event, with which the database does not take the document."""
        position = self._ready()
        if position:
            self.held = (position, Fault(Why.REFUSED, error))

    def change(self, now: datetime) -> Change | None:
        """What has to be stored; None where nothing is new."""
        parked = self._parked(now)
        park = tuple(self._entries(now)) if self.changed else ()
        if not self.changed and parked == self.document.parked:
            return Change(self.document, (), tuple(self.settled)) if self.settled else None
        document = replace(self.document, body=self.body, folded=self.folded, parked=parked)
        return Change(document, park, tuple(self.settled))

    def _enqueue(self, entry: Entry, read: Read) -> None:
        if entry.position is None:
            return
        if self.document.has(entry.position):
            self.settled += [] if entry.dropped else [entry.id]
            return
        found = read(entry.record, entry.log) if entry.record else None
        arrival = found if isinstance(found, Arrival) else None
        waiting = Waiting(arrival, entry.id, entry.dropped is not None)
        self.waiting.setdefault(entry.position.stream, {})[entry.position.version] = waiting

    def _fold(self, stream: str, version: int, arrival: Arrival | None) -> Fault | None:
        if version != self.folded.get(stream, 0) + 1:
            return Fault(Why.GAP, "")
        if arrival is None or arrival.recorded is None or arrival.fault:
            return (arrival and arrival.fault) or Fault(Why.UNREADABLE, "")
        body = self._body_after(arrival.recorded)
        if isinstance(body, Fault):
            return body
        self.body, self.folded[stream], self.changed = body, version, True
        return None

    def _body_after(self, recorded: Recorded) -> Body | Fault:
        try:
            body: object = self.projection.fold(self.body, recorded)
        except Exception as wrong:  # noqa: BLE001  whatever a fold raises is the event's fault
            return Fault(Why.FAILING, explain(wrong))
        return body if isinstance(body, dict) else Fault(Why.FAILING, "the fold gave no document")

    def _hold(self, arrival: Arrival, fault: Fault) -> None:
        self._wait(arrival)
        self.held = self._gap() if fault.why is Why.GAP else (arrival.position, fault)

    def _wait(self, arrival: Arrival) -> None:
        stream, version = arrival.position
        self.waiting.setdefault(stream, {})[version] = Waiting(arrival)
        self.changed = True

    def _settle(self, position: Position, one: Waiting) -> None:
        versions = self.waiting[position.stream]
        del versions[position.version]
        if not versions:
            del self.waiting[position.stream]
        if one.stored and not one.dropped:
            self.settled.append(one.stored)
        self.folded[position.stream], self.changed = position.version, True

    def _ready(self) -> Position | None:
        heads = (Position(stream, self.folded.get(stream, 0) + 1) for stream in self.waiting)
        ready = [one for one in heads if self._is_ready(one)]
        return min(ready, key=self._order, default=None)

    def _is_ready(self, position: Position) -> bool:
        one = self.waiting[position.stream].get(position.version)
        return one is not None and not any(map(self._still_waits, one.causes))

    def _still_waits(self, cause: Position) -> bool:
        return cause.stream in self.waiting and self.folded.get(cause.stream, 0) < cause.version

    def _order(self, position: Position) -> tuple[datetime, Position]:
        return self.waiting[position.stream][position.version].recorded_at, position

    def _gap(self) -> tuple[Position, Fault] | None:
        """The first event that is missing, where anything waits."""
        if not self.waiting:
            return None
        missing = (Position(one, self.folded.get(one, 0) + 1) for one in sorted(self.waiting))
        gaps = [one for one in missing if one.version not in self.waiting[one.stream]]
        return (gaps[0], Fault(Why.GAP, "")) if gaps else None

    def _parked(self, now: datetime) -> Parked | None:
        if self.held is None:
            return None
        position, fault = self.held
        since = self.document.parked.since if self.document.parked else now
        return Parked(self._count(), fault.why, fault.error, position, since)

    def _count(self) -> int:
        return sum(map(len, self.waiting.values()))

    def _entries(self, now: datetime) -> Iterator[Entry]:
        for versions in self.waiting.values():
            for one in versions.values():
                if one.arrival and not one.stored:
                    yield self._entry(one.arrival, now)

    def _entry(self, arrival: Arrival, now: datetime) -> Entry:
        position, fault = self.held or (arrival.position, Fault(Why.BEHIND, ""))
        if position != arrival.position:
            fault = Fault(Why.GAP if fault.why is Why.GAP else Why.BEHIND, "")
        return Entry(
            view=self.projection.view,
            document=self.document.id,
            position=arrival.position,
            why=fault.why,
            error=fault.error,
            log=arrival.log,
            record=arrival.record,
            parked_at=now,
        )
