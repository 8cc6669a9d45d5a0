"""Reading the log on Kafka without a group: what is asked for is answered, or said not to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka.errors import NoError, OffsetOutOfRangeError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords

from kernel.kafka.session import Address, Session, ask_metadata, identity_in
from kernel.log import LogIdentity, LogUnavailable, Partition, Record

FETCH_BYTES = 1 << 20
# A broker sends no less than a whole batch, if there is one.
ONE_BATCH = 1
# How long a broker may look for a record before it says that there is none.
SOON_MS = 5
PATIENTLY_MS = 500
NOBODY = LATEST = -1


class KafkaReader:
    """A LogReader; it takes nothing from end offsets, and it connects anew by itself.

    Where a partition ends is the high watermark that comes with a fetch: that is right also on
    brokers whose list of end offsets is not.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._session: Session | None = None
        self._opening = asyncio.Lock()

    async def identity(self) -> LogIdentity:
        """Cluster id and topic ids as they are now. Raises LogUnavailable."""
        async with self._asking() as session:
            return identity_in(await ask_metadata(session, self._address))

    async def at(self, partition: Partition, offset: int) -> Record | None:
        """The record at an offset, or None where there is none. Raises LogUnavailable."""
        found = await self._surely(partition, offset, PATIENTLY_MS)
        return found[0] if found and found[0].offset == offset else None

    async def read(self, partition: Partition, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from an offset on; an empty list at the end.

        Raises LogUnavailable.
        """
        return (await self._surely(partition, offset, SOON_MS))[:limit]

    async def end(self, partition: Partition, start: int) -> int:
        """Where the next record will stand; `start` is an offset that is not beyond that.

        Raises LogUnavailable, also where no record could stand at `start`.
        """
        await self._know_the_end(partition)
        async with self._asking() as session:
            fetched = await _ask(session, partition, start, SOON_MS, ONE_BATCH)
        if fetched.end is None:
            raise LogUnavailable(f"end of {partition}: no record can stand at {start}")
        return fetched.end

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._drop(self._session)

    async def _surely(self, partition: Partition, offset: int, wait_ms: int) -> list[Record]:
        """What is there from an offset on; nothing only where nothing is.

        A new leader that does not know yet how far the others have followed shows nothing beyond
        that, although what was acknowledged is there: then LogUnavailable is raised.
        """
        found = await self._fetch(partition, offset, wait_ms)
        if not found:
            await self._know_the_end(partition)
            found = await self._fetch(partition, offset, SOON_MS)
        return found

    async def _fetch(self, partition: Partition, offset: int, wait_ms: int) -> list[Record]:
        async with self._asking() as session:
            fetched = await _ask(session, partition, offset, wait_ms, FETCH_BYTES)
            return list(_records(partition, offset, fetched.data))

    async def _know_the_end(self, partition: Partition) -> None:
        question = OffsetRequest(NOBODY, 0, [(partition.topic, [(partition.number, LATEST)])])
        what = f"end of {partition}"
        async with self._asking() as session:
            answer = await session.ask(session.leader(partition), question, what)
            error = for_code(answer.topics[0][1][0][1])
            if error is not NoError:
                raise LogUnavailable(f"{what}: {error.__name__}")

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Session]:
        session = await self._ready()
        try:
            yield session
        except LogUnavailable:
            await self._drop(session)
            raise

    async def _ready(self) -> Session:
        async with self._opening:
            if self._session is None:
                self._session = await Session.open(self._address)
            return self._session

    async def _drop(self, session: Session) -> None:
        if self._session is session:
            self._session = None
        await session.retire()


class Fetched(NamedTuple):
    """What a broker has from an offset on, and where it ends; None where the offset is beyond."""

    data: bytes
    end: int | None


async def _ask(
    session: Session, partition: Partition, offset: int, wait_ms: int, most: int
) -> Fetched:
    where = (partition.topic, [(partition.number, offset, most)])
    question = FetchRequest(wait_ms, 1, most, 0, [where])
    answer = await session.ask(session.leader(partition), question, f"fetch from {partition}")
    return _fetched(answer, partition)


def _fetched(answer: Any, partition: Partition) -> Fetched:
    parts = [one for topic, found in answer.topics for one in found if topic == partition.topic]
    if not parts:
        raise LogUnavailable(f"fetch from {partition}: an answer without the partition")
    error = for_code(parts[0][1])
    if error is OffsetOutOfRangeError:
        return Fetched(b"", None)
    if error is not NoError:
        raise LogUnavailable(f"fetch from {partition}: {error.__name__}")
    return Fetched(parts[0][-1] or b"", parts[0][2])


def _records(partition: Partition, start: int, data: bytes) -> Iterator[Record]:
    """The records from an offset on; a batch may begin before it, and the last may be cut off."""
    batches = MemoryRecords(data)
    while batches.has_next():
        batch = batches.next_batch()
        if not isinstance(batch, DefaultRecordBatch) or not batch.validate_crc():
            raise LogUnavailable(f"fetch from {partition}: the data arrived damaged")
        if batch.is_control_batch:
            continue
        for one in batch:
            if one.offset >= start:
                yield _record(partition, one)


def _record(partition: Partition, one: Any) -> Record:
    headers = tuple((name, value or b"") for name, value in one.headers)
    return Record(partition, one.offset, bytes(one.key or b""), headers, bytes(one.value or b""))
