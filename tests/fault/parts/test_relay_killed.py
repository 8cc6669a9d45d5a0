"""A relay, its broker or its database is killed or stopped: nothing is lost, order is kept."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.envelope import PARTITIONS, Position, Topic
from kernel.crash import Point
from kernel.log import LogUnavailable, Partition
from kernel.mongo import connect
from kernel.store.port import Commit
from rjhub.child import Running, free_port
from tests.engines.chosen import start_broker, start_mongod
from tests.engines.kafka import with_topics
from tests.support import eventually
from tests.support_relay import broken_promises, case_in, commit
from tests.support_relay_engines import EngineService, places, records, running

pytestmark = pytest.mark.timeout(180)  # under 15 s each on two cores that nobody else uses

CASE = case_in(3)
HERE = Partition(Topic.CASE, 3)
ROOT = Path(__file__).parents[3]

Child = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
async def service(mongo_url: str, database: str, hub_broker: str) -> AsyncIterator[EngineService]:
    client = connect(mongo_url)
    service = EngineService(client[database], hub_broker)
    await service.commits.ensure_indexes()
    yield service
    await service.close()
    await client.close()


@pytest.fixture
def child(mongo_url: str, database: str, hub_broker: str) -> Iterator[Child]:
    started: list[subprocess.Popen[bytes]] = []

    def start(*crash: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "tests.fault.parts.relay_child",
            mongo_url,
            database,
            hub_broker,
        ]
        started.append(subprocess.Popen([*command, *crash], cwd=ROOT))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


@pytest.mark.parametrize("point", ["after_send", "before_mark"])
async def test_a_relay_killed_between_send_and_mark_loses_nothing(
    service: EngineService, child: Child, point: Point
) -> None:
    await _add(service, range(1, 4))
    dead = child(point, "3")
    assert await asyncio.to_thread(dead.wait, 20) == -signal.SIGKILL
    await _add(service, range(4, 6))
    async with running(service.relay("next")):
        await eventually(lambda: _all_sent(service), 20)
    await _check(service, 5)


async def test_a_relay_stopped_for_longer_than_its_lease_does_no_harm(
    service: EngineService, child: Child
) -> None:
    stopped = child()
    await _add(service, range(1, 4))
    await eventually(lambda: _all_sent(service), 20)
    stopped.send_signal(signal.SIGSTOP)
    await _add(service, range(4, 7))
    other = service.relay("other")
    async with running(other):
        await eventually(lambda: other.health().lanes == PARTITIONS, 20)
        stopped.send_signal(signal.SIGCONT)
        await _add(service, range(7, 10))
        await eventually(lambda: other.health().lanes == PARTITIONS // 2, 20)
        await _add(service, range(10, 12))
        await eventually(lambda: _all_sent(service), 20)
    await _check(service, 11)


async def test_a_broker_that_comes_back_empty_gets_everything_after_its_causes(
    mongo_url: str,
) -> None:
    port = free_port()
    broker = _start_hub_broker(port)
    client = connect(mongo_url)
    names = [f"t{uuid4().hex[:20]}" for _ in range(2)]
    referral = EngineService(client[names[0]], broker.url, "referral")
    consent = EngineService(client[names[1]], broker.url, "consent")
    try:
        for one in (referral, consent):
            await one.commits.ensure_indexes()
        relays = [referral.relay(), consent.relay()]
        async with running(*relays):
            await _converse(referral, consent, range(1, 11))
            await eventually(lambda: _all_sent(referral, consent))
            broker.kill()
            await _converse(referral, consent, range(11, 16))
            await eventually(lambda: all(one.health().log_away for one in relays))
            broker = await asyncio.to_thread(_start_hub_broker, port)
            await _converse(referral, consent, range(16, 19))
            await eventually(lambda: _is_on_the_log(referral, 36), 30)
            await eventually(lambda: _all_sent(referral, consent), 20)
            await eventually(lambda: not any(one.health().log_away for one in relays))
        assert broken_promises(await records(referral.reader, HERE)) == []
    finally:
        for one in (referral, consent):
            await one.close()
            await client.drop_database(one.database.name)
        await client.close()
        broker.kill()


async def test_a_database_that_dies_and_returns_gets_its_commits_published(
    tmp_path: Path, hub_broker: str
) -> None:
    port = free_port()
    mongod = start_mongod(tmp_path / "data", port)
    client = connect(mongod.url)
    service = EngineService(client["rj"], hub_broker)
    try:
        await service.commits.ensure_indexes()
        relay = service.relay()
        async with running(relay):
            await _add(service, range(1, 4))
            await eventually(lambda: relay.health().lanes == PARTITIONS)
            mongod.kill()
            mongod = await asyncio.to_thread(start_mongod, tmp_path / "data", port)
            await _add(service, range(4, 7))
            await eventually(lambda: _all_sent(service), 30)
        await _check(service, 6)
    finally:
        await service.close()
        await client.close()
        mongod.kill()


async def _converse(referral: EngineService, consent: EngineService, rounds: range) -> None:
    """In one case, each commit of a service answers the other's last one."""
    for version in rounds:
        before = [Position(f"consent-{CASE}", version - 1)] if version > 1 else []
        await referral.add(commit(CASE, version, service="referral", causes=before))
        await consent.add(commit(CASE, version, causes=[Position(f"referral-{CASE}", version)]))


async def _add(service: EngineService, versions: range) -> None:
    for version in versions:
        await service.add(*_one_in_each_lane(version))


def _one_in_each_lane(version: int) -> list[Commit]:
    return [commit(case_in(lane), version) for lane in range(PARTITIONS)]


async def _check(service: EngineService, versions: int) -> None:
    """Every lane has every version, first occurrences in order."""
    for lane in range(PARTITIONS):
        here = Partition(Topic.CASE, lane)
        assert broken_promises(await records(service.reader, here)) == []
        found = set(await places(service.reader, here))
        assert found == {f"consent@{version}" for version in range(1, versions + 1)}


async def _all_sent(*services: EngineService) -> bool:
    return not any([await one.pending() for one in services])


async def _is_on_the_log(service: EngineService, count: int) -> bool:
    try:
        return len(set(await places(service.reader, HERE))) == count
    except LogUnavailable:
        return False


def _start_hub_broker(port: int) -> Running:
    broker = start_broker(port)
    with_topics(broker.url)
    return broker
