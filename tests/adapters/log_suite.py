"""What every log does for its writer and its reader; Kafka and the twin both pass."""

from __future__ import annotations

import asyncio

import pytest

from contracts.envelope import PARTITIONS, Topic
from kernel.log import LogReader, LogUnavailable, LogWriter, Outgoing, Partition, RecordRefused

HERE = Partition(Topic.CASE, 3)
THERE = Partition(Topic.CASE, 4)
ELSEWHERE = Partition("rj.nowhere", 3)


def a_record(name: str, size: int = 2) -> Outgoing:
    return Outgoing(b"key", (("ce_id", name.encode()), ("ce_empty", b"")), b"x" * size)


def some_records(*names: str) -> list[Outgoing]:
    return [a_record(name) for name in names]


async def names_on(reader: LogReader, partition: Partition = HERE, start: int = 0) -> list[str]:
    found: list[str] = []
    while records := await reader.read(partition, start, 1000):
        found += [dict(one.headers)["ce_id"].decode() for one in records]
        start = records[-1].offset + 1
    return found


class LogSuite:
    """Subclasses give the fixtures `writer` and `rival`, both connected, and `reader`."""

    async def test_what_was_sent_is_read_back_as_it_was(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        assert await writer.send(HERE, some_records("a", "b")) == [0, 1]
        first, second = await reader.read(HERE, 0, 10)
        assert (first.offset, second.offset) == (0, 1)
        assert (first.partition, first.key, first.value) == (HERE, b"key", b"xx")
        assert first.headers == (("ce_id", b"a"), ("ce_empty", b""))

    async def test_records_stand_in_the_order_in_which_they_were_sent(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        for name in ("a", "b", "c"):
            await writer.send(HERE, some_records(name, name * 2))
        assert await names_on(reader) == ["a", "aa", "b", "bb", "c", "cc"]

    async def test_reading_begins_and_ends_where_it_is_told(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        await writer.send(HERE, some_records("a", "b", "c", "d"))
        assert [one.offset for one in await reader.read(HERE, 1, 2)] == [1, 2]
        assert await reader.read(HERE, 4, 10) == []
        assert await reader.read(THERE, 0, 10) == []

    async def test_a_record_is_found_at_its_offset_and_nothing_behind_the_last(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        await writer.send(HERE, some_records("a", "b"))
        found = await reader.at(HERE, 1)
        assert found is not None
        assert dict(found.headers)["ce_id"] == b"b"
        assert await reader.at(HERE, 2) is None

    async def test_the_end_lies_behind_the_last_record_wherever_it_is_looked_for_from(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        """Whatever went in one batch: brokers were seen to count that as one."""
        assert await reader.end(HERE, 0) == 0
        await writer.send(HERE, some_records("a", "b", "c"))
        await writer.send(HERE, some_records("d"))
        assert [await reader.end(HERE, start) for start in range(5)] == [4] * 5
        assert await reader.end(THERE, 0) == 0

    async def test_two_writers_share_a_partition(
        self, writer: LogWriter, rival: LogWriter, reader: LogReader
    ) -> None:
        assert await writer.send(HERE, some_records("a")) == [0]
        assert await rival.send(HERE, some_records("b")) == [1]
        assert await writer.send(HERE, some_records("c")) == [2]
        assert await names_on(reader) == ["a", "b", "c"]

    async def test_all_partitions_can_be_written_at_once(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        every = [Partition(Topic.CASE, number) for number in range(PARTITIONS)]
        sends = (writer.send(one, some_records(str(one.number))) for one in every)
        assert await asyncio.gather(*sends) == [[0]] * PARTITIONS
        for one in every:
            assert await names_on(reader, one) == [str(one.number)]

    async def test_a_batch_larger_than_a_request_arrives_whole_and_in_order(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        batch = [a_record(str(number), size=300_000) for number in range(7)]
        assert await writer.send(HERE, batch) == list(range(7))
        assert await names_on(reader) == [str(number) for number in range(7)]

    async def test_a_record_that_is_too_large_is_refused_and_harms_no_neighbour(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        with pytest.raises(RecordRefused) as refused:
            await writer.send(HERE, [a_record("a"), a_record("b", size=950_000), a_record("c")])
        assert refused.value.index == 1
        assert await names_on(reader) == []
        assert await writer.send(HERE, some_records("a", "c")) == [0, 1]

    async def test_a_replaced_writer_goes_on(self, writer: LogWriter, reader: LogReader) -> None:
        await writer.send(HERE, some_records("a"))
        await writer.replace()
        assert await writer.send(HERE, some_records("b")) == [1]
        assert await names_on(reader) == ["a", "b"]

    async def test_a_topic_that_does_not_exist_takes_nothing(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        with pytest.raises(LogUnavailable):
            await writer.send(ELSEWHERE, some_records("a"))
        with pytest.raises(LogUnavailable):
            await reader.read(ELSEWHERE, 0, 1)
        with pytest.raises(LogUnavailable):
            await reader.end(ELSEWHERE, 0)
        with pytest.raises(LogUnavailable):
            await writer.send(Partition(Topic.CASE, PARTITIONS), some_records("a"))

    async def test_the_identity_stays_while_the_log_is_the_same(
        self, writer: LogWriter, reader: LogReader
    ) -> None:
        before = await reader.identity()
        await writer.send(HERE, some_records("a"))
        after = await reader.identity()
        assert before == after
        assert len({after.of(topic) for topic in Topic.ALL}) == len(Topic.ALL)
        assert after.of(ELSEWHERE.topic) == ""
