"""aiokafka's consumer, which waits inside a poll and goes around records it cannot even unpack."""

from __future__ import annotations

import time
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

# FastStream sleeps after an empty poll, so a poll waits for records itself, and the sleep is short.
POLL_MS = 500
CAREFUL_MS = 50
CAREFUL_RECORDS = 1_000
# Once nothing has come for so long, a fetch waits longer: an idle service costs next to nothing.
IDLE_SECONDS, IDLE_WAIT_MS = 10.0, 500

Polled = dict[TopicPartition, list[ConsumerRecord[Any, Any]]]

log = structlog.get_logger(__name__)


class Polling(AIOKafkaConsumer):
    """A consumer that knows when it last came back from a poll, and asks less often when idle.

    A header whose name is not UTF-8 makes aiokafka raise at every poll of every partition. The
    record is then found by reading one at a time, and an empty one stands for it.
    """

    polled_at: float = 0.0
    found_at: float = 0.0

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Polled:
        """As aiokafka's, but it waits for records as long as it may."""
        try:
            found = await self._poll(*partitions, wait_ms=POLL_MS, most=max_records)
        except (KafkaError, ConsumerStoppedError):
            raise
        except Exception as wrong:  # noqa: BLE001  whatever unpacking may raise
            log.warning("cannot_be_unpacked", error=type(wrong).__name__)
            found = await self._one_by_one()
        self.polled_at = time.monotonic()
        self.found_at = self.polled_at if found else self.found_at or self.polled_at
        idle = self.polled_at - self.found_at > IDLE_SECONDS
        self._let_fetches_wait(max(self._fetch_max_wait_ms, IDLE_WAIT_MS if idle else 0))
        return found

    def _let_fetches_wait(self, milliseconds: int) -> None:
        fetcher: Any = self._fetcher
        fetcher._fetch_max_wait_ms = milliseconds  # noqa: SLF001  read anew for each fetch

    async def _one_by_one(self) -> Polled:
        """What the other partitions had is read again later: their readers see the hole."""
        found: Polled = {}
        client: Any = self
        for where in sorted(client.assignment()):
            records = await self._carefully(where)
            if records:
                found[where] = records
        return found

    async def _carefully(self, where: TopicPartition) -> list[ConsumerRecord[Any, Any]]:
        records: list[ConsumerRecord[Any, Any]] = []
        while len(records) < CAREFUL_RECORDS:
            try:
                polled = await self._poll(where, wait_ms=CAREFUL_MS, most=1)
            except (KafkaError, ConsumerStoppedError):
                raise
            except Exception:  # noqa: BLE001  this is the one
                return [*records, await self._stand_in(where)]
            if not polled:
                break
            records += polled[where]
        return records

    async def _stand_in(self, where: TopicPartition) -> ConsumerRecord[Any, Any]:
        client: Any = self
        offset = await client.position(where)
        client.seek(where, offset + 1)
        return ConsumerRecord(
            where.topic, where.partition, offset, 0, 0, None, None, None, -1, -1, ()
        )

    async def _poll(self, *where: TopicPartition, wait_ms: int, most: int | None) -> Polled:
        found: Polled = await super().getmany(*where, timeout_ms=wait_ms, max_records=most)
        return found
