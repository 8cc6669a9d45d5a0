"""aiokafka's consumer, which waits inside a poll and goes around records it cannot even unpack."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

import aiokafka.client
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, GroupCoordinatorNotAvailableError, KafkaError
from aiokafka.protocol.group import LeaveGroupRequest
from aiokafka.protocol.metadata import MetadataRequest

import kernel.kafka.connection  # noqa: F401  what a lost one says is mended for every client

# FastStream sleeps after an empty poll, so a poll waits for records itself, and the sleep is short;
# a poll that waits is over as soon as a record is there.
POLL_MS = 3_000
CAREFUL_MS = 50
CAREFUL_RECORDS = 1_000
# Once nothing has come for so long, a fetch waits longer: an idle service costs next to nothing.
# Not before: what has just been read is fetched again only after the fetch that is under way.
IDLE_SECONDS = 10.0

Polled = dict[TopicPartition, list[ConsumerRecord[Any, Any]]]

log = structlog.get_logger(__name__)


def _only_asking(topics: list[str] | None) -> MetadataRequest:
    """What aiokafka asks a broker, but without having it make the topics that it asks about.

    A consumer that is sooner there than whoever makes them would have them made for good, with
    as many partitions as the broker likes.
    """
    return MetadataRequest(topics, allow_auto_topic_creation=False)


def _not_yet(line: logging.LogRecord) -> bool:
    """A broker that has just begun has no coordinator for its first group: that is no error."""
    if any(isinstance(one, GroupCoordinatorNotAvailableError) for one in line.args or ()):
        line.levelno, line.levelname = logging.INFO, "INFO"
    return True


_aiokafka: Any = aiokafka.client
_aiokafka.MetadataRequest = _only_asking
LOG_OF_GROUPS = logging.getLogger("aiokafka.consumer.group_coordinator")
LOG_OF_GROUPS.addFilter(_not_yet)


class Polling(AIOKafkaConsumer):
    """A consumer that knows when it last went to a poll or came back, and asks less when idle.

    Where a task behind it has ended, its polls would bring nothing for ever and mostly say nothing
    (a request that times out on a replaced connection ends one): it says that it has stopped.

    A header whose name is not UTF-8 makes aiokafka raise at every poll, and lose what the poll had
    of other partitions. All are then set back, the record is found by reading one at a time, and
    an empty one stands for it.
    """

    polled_at: float = 0.0
    found_at: float = 0.0

    def __init__(self, idle_wait_ms: int, **options: Any) -> None:
        client: Any = super()
        client.__init__(**options)
        self._idle_wait_ms = idle_wait_ms
        self._expected: dict[TopicPartition, int] = {}
        self._seeks = 0
        self._fetched: dict[TopicPartition, tuple[int | None, float]] = {}

    @property
    def unfetched_for(self) -> float:
        """For how long the one partition was not fetched that has waited longest, in seconds.

        Polls come back all the while, and bring what other partitions have.
        """
        oldest = min((at for _, at in self._fetched.values()), default=self.polled_at)
        return self.polled_at - oldest

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """As aiokafka's."""
        self._expected[partition] = offset
        self._seeks += 1
        self._go(partition, offset)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Polled:
        """As aiokafka's, but it waits for records as long as it may."""
        if any(one.done() for one in self._behind()):
            raise ConsumerStoppedError
        self.polled_at = time.monotonic()
        try:
            found = await self._poll(*partitions, wait_ms=POLL_MS, most=max_records)
        except (KafkaError, ConsumerStoppedError):
            raise
        except Exception as wrong:  # noqa: BLE001  whatever unpacking may raise
            log.warning("cannot_be_unpacked", error=type(wrong).__name__)
            found = await self._around()
        self._expected |= {one: records[-1].offset + 1 for one, records in found.items()}
        self.polled_at = time.monotonic()
        self._note_fetches()
        self.found_at = self.polled_at if found else self.found_at or self.polled_at
        idle = self.polled_at - self.found_at > IDLE_SECONDS
        self._let_fetches_wait(self._idle_wait_ms if idle else self._fetch_max_wait_ms)
        return found

    async def stop(self) -> None:
        """As aiokafka's, which leaves its connections open where a task had ended."""
        client: Any = self._client
        await self._leave()
        if client._sync_task and client._sync_task.done():  # noqa: SLF001
            client._sync_task = None  # noqa: SLF001  it would raise here what it ended with
        try:
            await super().stop()  # type: ignore[no-untyped-call]
        finally:
            await client.close()

    async def _leave(self) -> None:
        """Leave the group by another connection: on its own one a broker hears nothing amid a join.

        aiokafka waits for the end of the join, which may take longer than whoever waits for it
        does; and it does not leave a first generation that is called 0, as tansu does. Both keep a
        member in the group that is gone, until its session is over.
        """
        coordinator: Any = self._coordinator
        if coordinator is None:
            return
        joining = coordinator._coordination_task  # noqa: SLF001
        joining.cancel()
        await asyncio.wait([joining])
        if coordinator.member_id and coordinator.coordinator_id is not None:
            leave: Any = LeaveGroupRequest(coordinator.group_id, coordinator.member_id)
            with suppress(KafkaError):
                await self._client.send(coordinator.coordinator_id, leave)
        coordinator.reset_generation()

    def _behind(self) -> tuple[asyncio.Task[None], ...]:
        """The tasks that fetch, that keep the group, and that learn who leads what."""
        client: Any = self._client
        fetcher: Any = self._fetcher
        coordinator: Any = self._coordinator
        return fetcher._fetch_task, coordinator._coordination_task, client._sync_task  # noqa: SLF001

    def _note_fetches(self) -> None:
        """By this machine's monotonic clock, for aiokafka notes them by one that may be set."""
        client: Any = super()
        fetcher: Any = self._fetcher
        before, now = self._fetched, self.polled_at
        self._fetched = {}
        for one in self._held():
            at = client.last_poll_timestamp(one)
            known = before.get(one)
            waits = known is not None and known[0] == at and one not in fetcher._records  # noqa: SLF001
            self._fetched[one] = known if known and waits else (at, now)

    def _let_fetches_wait(self, milliseconds: int) -> None:
        fetcher: Any = self._fetcher
        fetcher._fetch_max_wait_ms = milliseconds  # noqa: SLF001  read anew for each fetch

    async def _around(self) -> Polled:
        """What was sought meanwhile, at a rebalance, makes all that was read here worthless."""
        seeks = self._seeks
        self._back()
        found = {one: await self._carefully(one) for one in sorted(self._held())}
        if self._seeks != seeks:
            self._back()
            return {}
        return {one: records for one, records in found.items() if records}

    def _back(self) -> None:
        """Every partition to where its reader expects it."""
        for one in self._held() & self._expected.keys():
            self._go(one, self._expected[one])

    def _held(self) -> frozenset[TopicPartition]:
        client: Any = super()
        found: frozenset[TopicPartition] = client.assignment()
        return found

    def _go(self, where: TopicPartition, offset: int) -> None:
        client: Any = super()
        client.seek(where, offset)

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
        client: Any = super()
        offset = await client.position(where)
        self._go(where, offset + 1)
        return ConsumerRecord(
            where.topic, where.partition, offset, 0, 0, None, None, None, -1, -1, ()
        )

    async def _poll(self, *where: TopicPartition, wait_ms: int, most: int | None) -> Polled:
        found: Polled = await super().getmany(*where, timeout_ms=wait_ms, max_records=most)
        return found
