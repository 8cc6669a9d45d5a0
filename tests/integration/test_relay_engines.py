"""The relay on a real database and a real broker."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from contracts.envelope import PARTITIONS, Topic
from kernel.log import Partition
from kernel.mongo import connect
from kernel.relay.pace import Pace
from tests.support import eventually
from tests.support_relay import broken_promises, case_in, commit
from tests.support_relay_engines import EngineService, places, records, running

CASE = case_in(3)
HERE = Partition(Topic.CASE, 3)


@pytest.fixture
async def service(mongo_url: str, database: str, hub_broker: str) -> AsyncIterator[EngineService]:
    client = connect(mongo_url)
    service = EngineService(client[database], hub_broker)
    await service.commits.ensure_indexes()
    yield service
    await service.close()
    await client.close()


async def test_every_commit_reaches_the_broker_in_order(service: EngineService) -> None:
    async with running(service.relay()):
        for version in range(1, 11):
            await service.add(*(commit(case_in(lane), version) for lane in range(PARTITIONS)))
        await eventually(lambda: _none_left(service))
    for lane in range(PARTITIONS):
        found = await places(service.reader, Partition(Topic.CASE, lane))
        assert found == [f"consent@{version}" for version in range(1, 11)]


async def test_the_json_text_is_copied_as_it_is(service: EngineService) -> None:
    text = '{"a":  1.50, "b":"ü"}'
    await service.add(commit(CASE, 1, data=text))
    async with running(service.relay()):
        await eventually(lambda: _none_left(service))
    (record,) = await records(service.reader, HERE)
    assert record.value == text.encode()
    assert record.key == str(CASE).encode()


async def test_an_appended_commit_is_on_the_log_at_once(service: EngineService) -> None:
    """The doorbell, not the sweep, wakes the relay."""
    slow = Pace(beat=2, sweep=60, look=60, ring=1)
    async with running(service.relay(pace=slow)):
        await service.add(commit(CASE, 1))
        await eventually(lambda: _none_left(service))
        began = time.monotonic()
        for version in range(2, 12):
            await service.add(commit(CASE, version))
            await eventually(lambda: _none_left(service), every=0.002)
        assert (time.monotonic() - began) / 10 < 0.25


async def test_two_replicas_share_the_work_and_hand_over(service: EngineService) -> None:
    one, two = service.relay("one"), service.relay("two")
    async with running(one, two):
        await eventually(lambda: (one.health().lanes, two.health().lanes) == (8, 8), 20)
        for version in range(1, 21):
            await service.add(*(commit(case_in(lane), version) for lane in range(PARTITIONS)))
            if version == 10:
                one.stop()
        await eventually(lambda: two.health().lanes == PARTITIONS, 20)
        await eventually(lambda: _none_left(service), 20)
    for lane in range(PARTITIONS):
        here = Partition(Topic.CASE, lane)
        assert broken_promises(await records(service.reader, here)) == []
        assert set(await places(service.reader, here)) == {f"consent@{n}" for n in range(1, 21)}


async def test_a_commit_too_large_for_the_log_parks_its_stream_only(
    service: EngineService,
) -> None:
    other = case_in(3, nth=1)
    large = commit(CASE, 2, data=f'"{"x" * 950_000}"')
    await service.add(commit(CASE, 1), large, commit(CASE, 3), commit(other, 1))
    relay = service.relay()
    async with running(relay):
        await eventually(lambda: relay.health().parked == 1)
        await eventually(lambda: _pending_are(service, 2))
    assert sorted(await places(service.reader, HERE)) == ["consent@1", "consent@1"]
    (parked,) = await service.outbox.parked()
    assert (parked.commit, "900000" in parked.reason) == (large.id, True)


async def _none_left(service: EngineService) -> bool:
    return await service.pending() == 0


async def _pending_are(service: EngineService, count: int) -> bool:
    return await service.pending() == count
