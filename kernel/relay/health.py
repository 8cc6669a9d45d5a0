"""What is wrong with a relay just now; each change is logged once."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from kernel.log import LogUnavailable, Partition
from kernel.relay.outlet import StoreBehindLog
from kernel.relay.port import LeaseLost
from kernel.store.port import StoreUnavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Health:
    """How the relay is; what is `closed` must answer 503."""

    lanes: int
    replicas: int
    parked: int
    waiting_for_causes: int
    log_away: str | None
    store_away: str | None
    behind: StoreBehindLog | None
    recovering: str | None

    @property
    def closed(self) -> str | None:
        """Why the store must neither take nor tell anything."""
        if self.recovering:
            return self.recovering
        return f"the store is behind its log: {self.behind}" if self.behind else None


class Away:
    """Something that partitions cannot reach, with the words of each."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._words: dict[Partition | None, str] = {}

    @property
    def words(self) -> str | None:
        """Why it cannot be reached; None when all is well."""
        return next(iter(self._words.values()), None)

    def note(self, partition: Partition | None, words: str) -> None:
        """It cannot be reached from here."""
        if not self._words:
            log.warning("out of reach", what=self._what, why=words)
        self._words[partition] = words

    def clear(self, partition: Partition | None) -> None:
        """It was reached from here, or nobody tries any more."""
        if self._words.pop(partition, None) and not self._words:
            log.info("within reach again", what=self._what)


class Troubles:
    """All that is wrong."""

    def __init__(self) -> None:
        self.log = Away("the log")
        self.store = Away("the store")
        self.behind: StoreBehindLog | None = None

    def note(self, partition: Partition | None, failed: Exception) -> None:
        """A step of this partition failed, or something for all of them (None)."""
        match failed:
            case LogUnavailable():
                self.log.note(partition, str(failed))
            case StoreUnavailable():
                self.store.note(partition, str(failed))
            case LeaseLost():
                log.info("lane lost", **_place(partition))
            case StoreBehindLog():
                self._note_behind(failed)
            case _:
                log.error("a lane fails", **_place(partition), exc_info=failed)

    def _note_behind(self, failed: StoreBehindLog) -> None:
        if self.behind is None:
            log.critical("the store is behind its log: nothing more is sent", what=str(failed))
            self.behind = failed

    def clear(self, partition: Partition | None) -> None:
        """A step of this partition came to a good end, or the partition is no longer ours."""
        self.log.clear(partition)
        self.store.clear(partition)


def _place(partition: Partition | None) -> dict[str, object]:
    return {"topic": partition.topic, "partition": partition.number} if partition else {}
