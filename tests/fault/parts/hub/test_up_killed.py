"""`rjhub up` keeps engines and services alive, and outlives a crash of its own; stand-ins serve."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from pymongo import MongoClient

from contracts.envelope import Topic
from tests.integration.hub.standin import running, start
from tests.support import eventually
from tests.support_hub import Hub, alive, get


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """One hub for the tests that leave it running."""
    async with running(tmp_path_factory.mktemp("a hub with a space") / ".rjhub") as hub:
        yield hub


@pytest.fixture
async def own_hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub that the test ends."""
    async with running(tmp_path / ".rjhub") as hub:
        yield hub


async def test_a_killed_service_is_started_again_on_its_port(hub: Hub) -> None:
    address, before = hub.file.services["consent"], hub.pid("consent")
    hub.send("consent", signal.SIGKILL)
    await eventually(lambda: f"consent ended by SIGKILL; started again on {address}\n" in hub.said)
    assert int(get(address)) == hub.pid("consent") != before


async def test_a_killed_database_is_started_again_with_its_data(hub: Hub) -> None:
    with MongoClient[dict[str, int]](hub.file.mongo, w="majority", journal=True) as client:
        client.a.kept.insert_one({"_id": 1})
        hub.send("mongod", signal.SIGKILL)
        await eventually(lambda: "mongod ended by SIGKILL; started again on" in hub.said, 20)
        assert client.a.kept.find_one() == {"_id": 1}


async def test_a_database_that_is_killed_again_does_not_recover_the_same_again(hub: Hub) -> None:
    with MongoClient[dict[str, Any]](hub.file.mongo, w="majority", journal=True) as client:
        client.a.kept.insert_one({"_id": 2})
        written = _replica_set(client)["optimes"]["lastCommittedOpTime"]["ts"]
        said = hub.said.count("mongod ended by SIGKILL; started again on")
        hub.send("mongod", signal.SIGKILL)
        await eventually(
            lambda: hub.said.count("mongod ended by SIGKILL; started again on") > said, 20
        )
        assert _replica_set(client)["lastStableRecoveryTimestamp"] >= written


def _replica_set(client: MongoClient[dict[str, Any]]) -> dict[str, Any]:
    return client.admin.command("replSetGetStatus")


async def test_a_killed_broker_is_started_again_with_its_topics(hub: Hub) -> None:
    hub.send("broker", signal.SIGKILL)
    await eventually(lambda: "broker ended by SIGKILL; started again on" in hub.said, 20)
    assert "topics made again" in hub.said
    with KafkaAdminClient(bootstrap_servers=hub.file.kafka) as admin:
        assert set(Topic.ALL) <= set(admin.list_topics())


async def test_a_service_that_keeps_ending_is_said_with_the_end_of_its_log(hub: Hub) -> None:
    for _ in range(3):  # its first life may have been a long one
        pid = hub.pid("facilitation")
        hub.die("facilitation")
        await eventually(partial(hub.has_another, "facilitation", pid))
        await eventually(lambda: get(hub.file.services["facilitation"]))
    assert "facilitation keeps ending (2 times, now with exit code 3); next try in" in hub.said
    assert "facilitation.log:\ndying as asked" in hub.said


async def test_a_stopped_child_ends_too(own_hub: Hub) -> None:
    children = own_hub.children
    for name in ("referral", "broker"):
        own_hub.send(name, signal.SIGSTOP)
    assert own_hub.end() == 0
    assert alive(children) == []


async def test_what_a_crash_left_running_is_ended_and_the_data_and_ports_are_kept(
    own_hub: Hub,
) -> None:
    with MongoClient[dict[str, int]](own_hub.file.mongo, w="majority") as client:
        client.a.b.insert_one({"_id": 1})
    left, ports = own_hub.children, own_hub.file.ports
    own_hub.crash()
    assert len(alive(left)) == 6
    os.kill(left["consent"]["pid"], signal.SIGSTOP)

    again = start(own_hub.folder)
    await again.ready()
    try:
        assert "Ended what a crashed hub had left running" in again.said
        assert alive(left) == []
        assert again.file.ports == ports
        with MongoClient[dict[str, int]](again.file.mongo) as client:
            assert client.a.b.find_one() == {"_id": 1}
    finally:
        again.end()


async def test_a_reader_that_went_away_does_not_stop_it(tmp_path: Path) -> None:
    folder, (there, here) = tmp_path / "hub", os.pipe()
    hub = start(folder, output=Path(f"/dev/fd/{here}"))
    os.close(here)
    os.close(there)
    try:
        await eventually((folder / "hub.json").exists, 20)
        pid = hub.pid("consent")
        hub.send("consent", signal.SIGKILL)
        await eventually(lambda: hub.has_another("consent", pid))
    finally:
        hub.process.send_signal(signal.SIGTERM)
        hub.process.wait(20)
    assert not (folder / "children.json").exists()
