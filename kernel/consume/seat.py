"""Where a reader of one partition stands, and whether what arrives follows from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.consume.positions import Place, event_of
from kernel.log import Record


@dataclass(frozen=True, slots=True)
class Admitted:
    """What may be folded; `seek` says to read on from there instead; `forget` the stored place.

    `missed` are the offsets before it that were never read: the log has no records there any more.
    """

    records: Sequence[Record] = ()
    seek: int | None = None
    forget: bool = False
    missed: range = range(0)


class Seat:
    """One assignment of a partition, on one log.

    Reading begins at the record that was folded last, which proves that this is still the log it
    stood on; with another record there, or on another log, it begins at the start. A hole before
    the first record of a batch is read again once, and then taken for a real one. `again`: what it
    reads first was folded before, on what is the log no longer.
    """

    def __init__(self, log: str, place: Place | None, *, again: bool = False) -> None:
        self.log = log
        self.again = again
        self._proof = place if place and place.log == log else None
        self.next = self._proof.offset if self._proof else 0
        self.done = self._proof.offset + 1 if self._proof else 0
        self.folded_to: datetime | None = None
        self._sought = False

    def admit(self, records: Sequence[Record]) -> Admitted:
        """Judge a batch by its first record, and stand behind its last one if it may be folded."""
        first = records[0]
        if first.offset > self.next and not self._sought:
            self._sought = True
            return Admitted(seek=self.next)
        self._sought = False
        if self._proof and first.offset == self._proof.offset:
            return self._proven(records) if self._is_proof(first) else self._from_the_start()
        went_back, missed = first.offset < self.next, range(max(self.next, self.done), first.offset)
        self._proof, self.next = None, records[-1].offset + 1
        return Admitted(records, forget=went_back, missed=missed)

    def place_after(self, record: Record) -> Place:
        """The place to store once this record is folded."""
        return Place(self.log, record.offset, event_of(record))

    def _is_proof(self, record: Record) -> bool:
        return self._proof is not None and event_of(record) == self._proof.event

    def _proven(self, records: Sequence[Record]) -> Admitted:
        self._proof, self.next = None, records[-1].offset + 1
        return Admitted(records[1:])

    def _from_the_start(self) -> Admitted:
        self._proof, self.next, self.done, self.again = None, 0, 0, True
        return Admitted(seek=0, forget=True)
