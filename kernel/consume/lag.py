"""How far a consumer is behind, by its own position, never by offsets it has committed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.consume.seat import Seat
from kernel.log import Partition


@dataclass(frozen=True, slots=True)
class Lag:
    """Events that wait on the log, and how long the consumer has been behind."""

    consumer: str
    partition: Partition
    events: int
    seconds: float


class Lags:
    """Lag by position; it remembers when each partition had nothing waiting.

    The end of a partition is the high watermark that came with the last fetch: it costs no
    request, and it is right on brokers whose list of end offsets is not. `seconds` counts from the
    last event folded or from the last time that nothing waited, whichever is later, and where there
    is neither from the first look; so a replay shows which day it has reached, and a stop how long
    it lasts. What was folded before and is read again from another log tells nothing of that sort.
    Before the first fetch nothing is known to wait, nor that nothing does.
    """

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._level: dict[Partition, datetime] = {}
        self._first: dict[Partition, datetime] = {}

    def of(self, partition: Partition, seat: Seat, end: int | None, now: datetime) -> Lag:
        """The lag of one partition now."""
        first = self._first.setdefault(partition, now)
        if end is None:
            return Lag(self._consumer, partition, 0, 0.0)
        events = max(0, end - seat.done)
        if not events:
            self._level[partition] = now
            return Lag(self._consumer, partition, 0, 0.0)
        level = self._level.get(partition)
        folded_to = None if seat.again and level is None else seat.folded_to
        since = max(filter(None, (folded_to, level)), default=first)
        return Lag(self._consumer, partition, events, max(0.0, (now - since).total_seconds()))
