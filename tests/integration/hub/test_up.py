"""`rjhub up`: engines and services start, and end; services are stand-ins here."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
from kafka.admin import KafkaAdminClient
from pymongo import MongoClient

from contracts.envelope import Topic
from contracts.fields import Role
from rjhub.leftovers import end_leftovers, started
from rjhub.organisations import HUB, ORGANISATIONS, POLICE, organisation_id
from tests.integration.hub.standin import running, start
from tests.support import eventually
from tests.support_hub import Hub, alive


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


def test_it_says_where_everything_is(hub: Hub) -> None:
    for place in (*hub.file.services.values(), hub.file.kafka, hub.file.mongo):
        assert place in hub.said


def test_the_hub_file_is_for_its_owner_only(hub: Hub) -> None:
    assert (hub.folder / "hub.json").stat().st_mode & 0o777 == 0o600
    assert hub.folder.stat().st_mode & 0o777 == 0o700


def test_every_role_of_every_organisation_has_a_token_for_a_day(hub: Hub) -> None:
    keys = jwt.PyJWKSet.from_json((hub.folder / "keys" / "jwks.json").read_text())
    for organisation, roles in ORGANISATIONS.items():
        for role in roles:
            token = hub.file.token(role, organisation)
            kid = jwt.get_unverified_header(token)["kid"]
            claims = jwt.decode(token, keys[kid], ["EdDSA"], audience="rjhub")
            assert claims["org"] == str(organisation_id(organisation))
            assert claims["role"] == role
            assert claims["exp"] - claims["iat"] == 24 * 3600


def test_no_private_key_is_published(hub: Hub) -> None:
    assert '"d"' not in (hub.folder / "keys" / "jwks.json").read_text()


def test_topics_stand_and_the_database_takes_writes(hub: Hub) -> None:
    with KafkaAdminClient(bootstrap_servers=hub.file.kafka) as admin:
        assert set(Topic.ALL) <= set(admin.list_topics())
    with MongoClient[dict[str, int]](hub.file.mongo, w="majority") as client:
        client.a.b.insert_one({"n": 1})


async def test_ctrl_c_ends_everything(own_hub: Hub) -> None:
    children = own_hub.children
    assert len(alive(children)) == 6
    assert own_hub.end(signal.SIGINT) == 0
    assert alive(children) == []
    assert not (own_hub.folder / "children.json").exists()


async def test_tokens_of_the_run_before_are_still_good(own_hub: Hub) -> None:
    token = own_hub.file.token(Role.OFFICER, POLICE)
    own_hub.end()
    again = start(own_hub.folder)
    await again.ready()
    try:
        keys = jwt.PyJWKSet.from_json((again.folder / "keys" / "jwks.json").read_text())
        assert jwt.decode(token, keys.keys[0], ["EdDSA"], audience="rjhub")["role"] == "officer"
        assert again.file.token(Role.COORDINATOR, HUB)
    finally:
        again.end()


def test_a_process_that_only_has_the_recorded_id_is_left_alone(tmp_path: Path) -> None:
    record = tmp_path / "children.json"
    record.write_text(f'{{"consent": {{"pid": {os.getpid()}, "started": "another boot/1"}}}}')
    assert end_leftovers(record) == []
    assert started(os.getpid())


async def test_told_to_end_while_it_starts_it_leaves_nothing_behind(tmp_path: Path) -> None:
    hub = start(tmp_path / "hub")
    await eventually(lambda: hub.children["broker"])
    children = hub.children
    assert hub.end() == 0
    assert alive(children) == []
    assert "is ready after" not in hub.said
