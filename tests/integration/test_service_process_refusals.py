"""What keeps a service from starting: it ends by a code, with words on what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from pymongo import MongoClient

from rjhub import child
from rjhub.child import Running, answers, free_port
from rjhub.engines import mongod
from tests.engines import chosen
from tests.support_service import Site, site

pytestmark = pytest.mark.timeout(180)  # a few seconds each on two cores that nobody else uses


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Site]:
    """A place without engines."""
    with site(tmp_path / "hub") as found:
        yield found


async def test_wrong_missing_and_unknown_settings_are_named_at_once(bare: Site) -> None:
    wrong = bare.start("referral", kafka=None, http_port="http", mongo_uri="mongodb://db")
    assert await wrong.ended() == 2
    for line in (
        "RJHUB_KAFKA: is missing; right is: host:port",
        "RJHUB_HTTP_PORT: .*; right is: port to listen on, 1 to 65535",
        "RJHUB_MONGO_URI: is not a setting; did you mean RJHUB_MONGO_URL?",
    ):
        assert re.search(f"^{line.replace('?', '[?]')}", wrong.said, re.MULTILINE), wrong.said


async def test_what_only_a_start_shows_to_be_wrong_is_named_too(bare: Site, mongo_url: str) -> None:
    key = bare.folder.path / "secrets" / "consent" / "request-hash.key"
    key.unlink()
    taken = int(mongo_url.partition("127.0.0.1:")[2].partition("/")[0])
    stranger = mongo_url.replace("//", "//nobody:canary@")
    started = {
        rf"RJHUB_HTTP_PORT: .* port {taken}: .*; right is": bare.start("referral", http_port=taken),
        r"RJHUB_MONGO_URL: .* its credentials; right are": bare.start(
            "facilitation", mongo_url=stranger
        ),
        rf"RJHUB_SECRETS_DIR: {key}: .*; right is": bare.start("consent"),
        r"RJHUB_CRASH_AT: nowhere is no crash point": bare.start("reporting", crash_at="nowhere:1"),
    }
    for words, one in started.items():
        assert await one.ended() == 2, one.said
        assert re.search(words, one.said), one.said
        assert "Traceback" not in one.said
        assert "canary" not in one.said


@pytest.mark.skipif(chosen.EMBEDDED, reason="the embedded broker takes any session timeout")
async def test_a_session_timeout_that_the_broker_refuses_is_named(tmp_path: Path) -> None:
    with site(tmp_path / "hub", "mongod", "broker") as place:
        refused = place.start("referral", session_timeout_ms=60_000)
        assert await refused.ended() == 2, refused.said
        assert "RJHUB_SESSION_TIMEOUT_MS: the broker refuses it; right is" in refused.said
        assert "Traceback" not in refused.said


@pytest.fixture
def standalone(tmp_path: Path) -> Iterator[Running]:
    """A database that is no replica set."""
    port = free_port()
    spec = mongod(tmp_path / "data", port)
    argv = [one for one in spec.argv() if one not in {"--replSet", "rs0"}]
    running = child.start(replace(spec, argv=lambda: argv, ready=partial(answers, port)))
    yield running
    running.kill()


async def test_a_database_that_is_no_replica_set_is_refused_with_what_to_do(
    bare: Site, standalone: Running
) -> None:
    plain = standalone.url.partition("?")[0]
    for url in (standalone.url, plain):
        bare.replica("referral", mongo_url=url)
    for one in bare.processes:
        assert await one.ended() == 3, one.said
        assert re.search(r"^MongoDB is no .*: start mongod with --replSet", one.said, re.MULTILINE)
        assert "Traceback" not in one.said
    with MongoClient[dict[str, object]](plain) as client:
        assert not [name for name in client.list_database_names() if name.startswith("rj")]
