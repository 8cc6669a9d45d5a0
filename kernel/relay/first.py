"""The first marks: which log this is, noted before the first fact is read from it."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.envelope import PARTITIONS
from kernel.log import LogReader, LogUnavailable, Partition
from kernel.relay.port import Mark, Outbox


async def mark_first(outbox: Outbox, reader: LogReader, topics: Sequence[str]) -> None:
    """Mark every partition that has no mark yet. Raises LogUnavailable, StoreUnavailable."""
    every = [Partition(topic, lane) for topic in topics for lane in range(PARTITIONS)]
    new = await outbox.unmarked(every)
    used = await outbox.used(new)
    here = (await reader.identity()).of
    if missing := [topic for topic in topics if not here(topic)]:
        raise LogUnavailable(f"the log has no topic {', '.join(missing)}")
    await outbox.mark_first({one: Mark.first(here(one.topic), used=one in used) for one in new})
