"""The runner of a consumer: what is read is folded, then the position is stored."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import structlog

from kernel.consume.positions import Feed, Place, Positions, Stand, place_of, read_before
from kernel.consume.seat import Admitted, Seat
from kernel.crash import reached
from kernel.log import LogIdentity, Partition, Record
from kernel.project.folder import Folder, OnWritten, nobody
from kernel.project.parking import Parking
from kernel.project.port import Entry, Projection, Why
from kernel.project.reading import Arrival, Unreadable
from kernel.project.work import ReadModel

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Handled:
    """What the subscriber does next: commit these offsets, to show lag, and read on from there."""

    commit: dict[Partition, int] = field(default_factory=dict)
    seek: dict[Partition, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """What was read, with the seats under which it was read."""

    seats: Mapping[Partition, Seat]
    admitted: Mapping[Partition, Admitted]


class Runner:
    """Folds batches into every projection of a feed, whatever reads the log; `name` is the service.

    `missed` counts the records that were gone from the log before they were read.

    The position of a partition is stored only after each record up to it is durably folded or
    parked, and only on the log from which they were read; so a crash, a rebalance or another log
    at any moment costs nothing but reading again.
    """

    def __init__(
        self,
        name: str,
        projections: Sequence[Projection],
        model: ReadModel,
        positions: Positions,
        on_written: OnWritten = nobody,
    ) -> None:
        self.name, self.projections = name, tuple(projections)
        self.feed = Feed(name, tuple(sorted(one.view for one in projections)))
        self.seats: dict[Partition, Seat] = {}
        self.missed = 0
        self._model, self._positions = model, positions
        self._folder, self._steady = Folder(model, on_written), model.steady
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that its projections are fed by."""
        return tuple(sorted({topic for one in self.projections for topic in one.topics}))

    async def tidy(self) -> None:
        """Put queue and documents in agreement after a crash; call it once at the start."""
        parking = Parking(self._model, lambda: self.projections)
        await self._steady.until_done(parking.tidy)

    async def take(
        self, partitions: Collection[Partition], identity: LogIdentity
    ) -> dict[Partition, int]:
        """Take seats on this log, and say where to read from; raises StoreUnavailable."""
        stands = await self._positions.load(partitions)
        seats = {one: self._seat(one, stands.get(one, ()), identity) for one in partitions}
        self.seats |= seats
        return {one: seat.next for one, seat in seats.items()}

    def _seat(self, partition: Partition, stands: Collection[Stand], identity: LogIdentity) -> Seat:
        topic = partition.topic
        views = [one.view for one in self.projections if topic in one.topics]
        place = place_of(views, stands, identity.of(topic))
        again = place is None and read_before(views, stands)
        return Seat(identity.of(topic), place, again=again)

    def leave(self, partitions: Collection[Partition]) -> None:
        """Give up seats: what is still being folded for them stores no position."""
        for one in partitions:
            self.seats.pop(one, None)

    def strangers(self, identity: LogIdentity) -> set[Partition]:
        """The partitions whose log is another one by now; their seats must be taken anew."""
        return {one for one, seat in self.seats.items() if seat.log != identity.of(one.topic)}

    async def idle(self, timeout: float) -> bool:
        """Wait until no batch is being handled; False if it takes longer."""
        with suppress(TimeoutError):
            if not self._idle.is_set():
                await asyncio.wait_for(self._idle.wait(), timeout)
        return self._idle.is_set()

    def receive(self, records: Sequence[Record]) -> Batch:
        """Take what was just read, by the seats of this moment: call it with nothing awaited since.

        One batch is handled before the next is received.
        """
        by_partition: defaultdict[Partition, list[Record]] = defaultdict(list)
        for record in records:
            if record.partition in self.seats:
                by_partition[record.partition].append(record)
        seats = {one: self.seats[one] for one in by_partition}
        return Batch(seats, {one: seats[one].admit(by_partition[one]) for one in seats})

    async def handle(self, batch: Batch) -> Handled:
        """Fold a batch, then store its positions; it raises nothing but cancellation.

        Broken off, it gives up its seats, so that nothing read later can store a position beyond
        what was not folded.
        """
        self._idle.clear()
        try:
            return await self._handle(batch)
        except BaseException:
            self.leave(list(self._still_held(batch)))
            raise
        finally:
            self._idle.set()

    async def _handle(self, batch: Batch) -> Handled:
        self._tell_missed(batch)
        forget = [one for one, what in batch.admitted.items() if what.forget]
        if forget:
            log.warning("reads_again", consumer=self.feed.group, partitions=len(forget))
            await self._steady.until_done(partial(self._positions.forget, forget))
        await self._fold(batch)
        places = {
            one: batch.seats[one].place_after(what.records[-1])
            for one, what in self._still_held(batch).items()
            if what.records
        }
        await self._remember(places)
        for one, place in places.items():
            batch.seats[one].done = place.offset + 1
        return Handled(
            commit={one: place.offset + 1 for one, place in places.items()},
            seek={
                one: what.seek
                for one, what in self._still_held(batch).items()
                if what.seek is not None
            },
        )

    def _tell_missed(self, batch: Batch) -> None:
        for one, what in batch.admitted.items():
            if what.missed:
                self.missed += len(what.missed)
                log.error(
                    "records_missing",
                    consumer=self.feed.group,
                    topic=one.topic,
                    partition=one.number,
                    first=what.missed[0],
                    last=what.missed[-1],
                )

    def _still_held(self, batch: Batch) -> dict[Partition, Admitted]:
        """Without what was revoked, or is read from another log, since the batch was received."""
        return {
            one: what
            for one, what in batch.admitted.items()
            if self.seats.get(one) is batch.seats[one]
        }

    async def _fold(self, batch: Batch) -> None:
        found = [
            self._model.read(record, batch.seats[one].log)
            for one, what in batch.admitted.items()
            for record in what.records
        ]
        await self._park([one for one in found if isinstance(one, Unreadable)])
        arrivals = [one for one in found if isinstance(one, Arrival)]
        for projection in self.projections:
            of_topics = [one for one in arrivals if one.record.partition.topic in projection.topics]
            if of_topics:
                await self._folder.fold(projection, of_topics)
        for one in arrivals:
            batch.seats[one.record.partition].folded_to = one.envelope.recorded_at
        if found:
            reached("after_fold")

    async def _park(self, unreadable: Sequence[Unreadable]) -> None:
        """A record without an envelope has no document: it waits by its place on the log."""
        if not unreadable:
            return
        now = await self._steady.until_done(self._model.clock.now)
        entries = [
            Entry(self.name, None, None, Why.UNREADABLE, one.error, one.log, one.record, now)
            for one in unreadable
        ]
        await self._steady.until_done(partial(self._model.queue.add, entries))
        for entry in entries:
            log.warning("parked", entry=entry.id, why=entry.why.value, error=entry.error)

    async def _remember(self, places: Mapping[Partition, Place]) -> None:
        if places:
            reached("before_position")
            await self._steady.until_done(partial(self._positions.store, self.feed, places))
