"""The in-memory log does what a broker does, and fails as brokers were seen to fail."""

import pytest

from contracts.envelope import Topic
from kernel.log import LogUnavailable, Outgoing, Partition, RecordRefused
from kernel.relay.memory import LogFault, MemoryLog, scripted

HERE = Partition(Topic.CASE, 3)


def outgoing(*names: str) -> list[Outgoing]:
    return [Outgoing(b"key", (("ce_id", name.encode()),), b"{}") for name in names]


def names(log: MemoryLog, partition: Partition = HERE) -> list[str]:
    return [dict(one.headers)["ce_id"].decode() for one in log.records(partition)]


async def test_what_was_sent_is_read_back_in_order() -> None:
    log = MemoryLog()
    assert await log.writer().send(HERE, outgoing("a", "b")) == [0, 1]
    assert await log.writer().send(HERE, outgoing("c")) == [2]
    assert [one.offset for one in await log.read(HERE, 1, 10)] == [1, 2]
    last = await log.at(HERE, 2)
    assert last is not None
    assert last.headers == (("ce_id", b"c"),)
    assert await log.at(HERE, 3) is None
    assert await log.read(HERE, 3, 10) == []


async def test_a_lost_log_is_another_log_and_empty() -> None:
    log = MemoryLog()
    before = await log.identity()
    log.append(HERE, outgoing("a"))
    log.lose()
    after = await log.identity()
    assert before.of(Topic.CASE) != after.of(Topic.CASE)
    assert names(log) == []


async def test_a_topic_made_anew_has_another_id_and_a_deleted_one_has_none() -> None:
    log = MemoryLog()
    before = await log.identity()
    log.recreate(Topic.OFFER)
    log.drop_topic(Topic.FEEDBACK)
    after = await log.identity()
    assert before.of(Topic.CASE) == after.of(Topic.CASE)
    assert before.of(Topic.OFFER) != after.of(Topic.OFFER)
    assert after.of(Topic.FEEDBACK) == ""
    with pytest.raises(LogUnavailable):
        await log.writer().send(Partition(Topic.FEEDBACK, 0), outgoing("a"))


async def test_an_old_producer_never_writes_to_another_log() -> None:
    log = MemoryLog()
    writer = log.writer()
    log.lose()
    with pytest.raises(LogUnavailable):
        await writer.send(HERE, outgoing("a"))
    await writer.replace()
    assert await writer.send(HERE, outgoing("a")) == [0]


async def test_a_broker_that_lost_its_data_may_acknowledge_what_it_never_writes() -> None:
    log = MemoryLog()
    log.acknowledges_strangers = True
    writer = log.writer()
    log.lose()
    assert await writer.send(HERE, outgoing("a")) == [0]
    assert names(log) == []


@pytest.mark.parametrize(
    ("fault", "written"),
    [
        (LogFault.AWAY, []),
        (LogFault.REPLY_LOST, ["a", "b"]),
        (LogFault.TORN, ["a"]),
    ],
)
async def test_a_failed_send_says_so_whatever_was_written(
    fault: LogFault, written: list[str]
) -> None:
    log = MemoryLog(faults=scripted(fault))
    with pytest.raises(LogUnavailable):
        await log.writer().send(HERE, outgoing("a", "b"))
    assert names(log) == written


async def test_a_false_acknowledgement_writes_nothing() -> None:
    log = MemoryLog(faults=scripted(None, LogFault.FALSE_ACK))
    writer = log.writer()
    assert await writer.send(HERE, outgoing("a")) == [0]
    assert await writer.send(HERE, outgoing("b")) == [1]
    assert names(log) == ["a"]


async def test_a_refused_record_harms_no_neighbour() -> None:
    log = MemoryLog()
    log.refuses = lambda one: "too large" if ("ce_id", b"b") in one.headers else None
    with pytest.raises(RecordRefused) as refused:
        await log.writer().send(HERE, outgoing("a", "b"))
    assert refused.value.index == 1
    assert names(log) == []
    assert await log.writer().send(HERE, outgoing("a")) == [0]


async def test_where_no_record_could_stand_no_end_is_found() -> None:
    """A broker answers so whoever stands beyond an end that was lost."""
    log = MemoryLog()
    log.append(HERE, outgoing("a", "b", "c"))
    log.lose_tail(HERE, 2)
    assert await log.end(HERE, 1) == 1
    with pytest.raises(LogUnavailable):
        await log.end(HERE, 2)


async def test_a_lost_tail_leaves_the_identity_as_it_was() -> None:
    log = MemoryLog()
    log.append(HERE, outgoing("a", "b", "c"))
    before = await log.identity()
    log.lose_tail(HERE, 2)
    assert await log.identity() == before
    assert names(log) == ["a"]


async def test_a_log_that_is_away_answers_nothing() -> None:
    log = MemoryLog()
    log.away = True
    for call in (
        log.identity(),
        log.at(HERE, 0),
        log.read(HERE, 0, 1),
        log.end(HERE, 0),
        log.writer().send(HERE, outgoing("a")),
        log.writer().replace(),
    ):
        with pytest.raises(LogUnavailable):
            await call
