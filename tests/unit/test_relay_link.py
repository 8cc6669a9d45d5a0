"""The relay's connection: a send reaches the log whose identity was asked, or none."""

import asyncio

import pytest

from contracts.envelope import Position, Topic
from kernel.log import LogUnavailable, Outgoing, Partition
from kernel.relay.along import Along
from kernel.relay.link import Link
from kernel.relay.memory import LogFault, MemoryLog, scripted
from kernel.relay.plan import outgoing
from tests.support_relay import case_in, commit

CASE = case_in(3)
HERE = Partition(Topic.CASE, 3)
BATCH = [Outgoing(b"key", (), b"{}")]


async def test_what_was_meant_for_an_older_connection_is_not_sent_on_a_newer_one() -> None:
    """Another lane replaced the connection meanwhile, perhaps with one to another log."""
    log = MemoryLog()
    link = Link(log.writer(), log)
    before = await link.ready()
    link.broken(before)
    log.lose()
    await link.ready()
    with pytest.raises(LogUnavailable):
        await link.send(before, HERE, BATCH)
    assert log.records(HERE) == ()


async def test_a_broken_connection_is_not_used_until_the_identity_was_asked_again() -> None:
    log = MemoryLog()
    link = Link(log.writer(), log)
    generation = await link.ready()
    link.broken(generation)
    with pytest.raises(LogUnavailable):
        await link.send(generation, HERE, BATCH)
    assert await link.ready() == generation + 1


async def test_news_of_an_older_connection_does_not_break_the_newer_one() -> None:
    log = MemoryLog()
    link = Link(log.writer(), log)
    before = await link.ready()
    link.broken(before)
    now = await link.ready()
    link.broken(before)
    assert await link.ready() == now


async def test_lanes_that_wait_for_a_connection_share_one_vain_attempt() -> None:
    log = MemoryLog()
    attempts: list[str] = []

    async def count(where: str) -> None:
        if where == "log.replace":
            attempts.append(where)
            await asyncio.sleep(0)

    log.pause, log.away = count, True
    link = Link(log.writer(), log)
    tried = await asyncio.gather(*(link.ready() for _ in range(16)), return_exceptions=True)
    assert [type(one) for one in tried] == [LogUnavailable] * 16
    assert len(attempts) == 1


async def test_a_look_that_finds_another_log_breaks_the_connection() -> None:
    log = MemoryLog()
    link = Link(log.writer(), log)
    generation = await link.ready()
    await link.look([Topic.CASE])
    assert await link.ready() == generation
    log.recreate(Topic.OFFER)
    await link.look([Topic.CASE])
    assert await link.ready() == generation
    log.recreate(Topic.CASE)
    await link.look([Topic.CASE])
    assert await link.ready() == generation + 1


async def test_a_connection_without_an_identity_is_none() -> None:
    log = MemoryLog(faults=scripted(LogFault.AWAY, of="identity"))
    link = Link(log.writer(), log)
    with pytest.raises(LogUnavailable):
        await link.ready()
    with pytest.raises(LogUnavailable):
        await link.send(link.generation, HERE, BATCH)


async def test_a_version_with_a_gap_before_it_does_not_stand() -> None:
    log = MemoryLog()
    log.append(HERE, outgoing([commit(CASE, 1), commit(CASE, 3)]))
    along = Along(HERE, "/rj/referral")
    await along.read_on(log)
    assert along.stands(Position(f"consent-{CASE}", 1))
    assert not along.stands(Position(f"consent-{CASE}", 3))


async def test_records_that_are_not_of_our_envelope_say_nothing() -> None:
    log = MemoryLog()
    strange = Outgoing(b"k", (("ce_stream", b"\xff"), ("ce_version", b"many")), b"")
    log.append(HERE, [strange, *BATCH, *outgoing([commit(CASE, 1)])])
    along = Along(HERE, "/rj/consent")
    assert await along.read_on(log) == (3, {f"consent-{CASE}": 1})
    assert await along.read_on(log) == (0, {})
