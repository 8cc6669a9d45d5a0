"""A real broker with the settings of `deploy/compose.secure.yml`: who is let in, and to do what."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from kafka.admin import KafkaAdminClient

from contracts.envelope import Recorded, Topic
from kernel.kafka.access import Options, by_password
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.log import LogUnavailable, NotLetIn, Outgoing, Partition
from kernel.testing.spec import recorded
from rjhub.addresses import SERVICES
from rjhub.child import LOCALHOST
from rjhub.stack.certificates import issued, new_authority
from rjhub.stack.kafka import by_certificate
from tests.engines.secure import Secured
from tests.support import eventually
from tests.support_casework import Desk
from tests.support_folds import outgoing
from tests.support_readers import READERS, Read
from tests.support_rights import ELSEWHERE
from tests.support_service import Site, site
from tests.unit.reporting.story import requested

pytestmark = pytest.mark.timeout(180)  # broker and services take a while to start

CASE = Partition(Topic.CASE, 3)
RECORD = Outgoing(b"key", (), b"{}")


@pytest.fixture(scope="module")
def broker(secured_broker: Secured) -> Secured:
    return secured_broker


def address(broker: Secured, options: Options, *topics: str) -> Address:
    return Address(broker.bootstrap, topics or Topic.ALL, timeout=5, security=options)


async def connected(writer: KafkaWriter) -> bool:
    """A broker that has just started gives no producer id yet."""
    with suppress(LogUnavailable):
        await writer.replace()
        return True
    return False


async def test_a_service_writes_without_doubling_and_reads_back(broker: Secured) -> None:
    where = address(broker, broker.options("consent"))
    writer, reader = KafkaWriter(where), KafkaReader(where)
    await eventually(lambda: connected(writer), 30)
    (offset,) = await writer.send(CASE, [RECORD])
    found = await reader.at(CASE, offset)
    assert found is not None
    assert found.value == RECORD.value
    assert writer._connected is not None
    assert writer._connected.producer.id >= 0
    await writer.close()
    await reader.close()


async def refusal(where: Address) -> LogUnavailable:
    """Why a reader does not reach the log there."""
    reader = KafkaReader(where)
    with pytest.raises(LogUnavailable) as refused:
        await reader.identity()
    await reader.close()
    return refused.value


@pytest.mark.parametrize(("user", "password"), [("consent", "wrong"), ("nobody", "canary")])
async def test_a_wrong_password_and_an_unknown_user_are_said_so(
    broker: Secured, user: str, password: str
) -> None:
    refused = await refusal(address(broker, broker.options(user, password)))
    assert isinstance(refused, NotLetIn)
    assert str(refused) == (
        f"no connection to {broker.bootstrap} by SASL_SSL as {user}: "
        "the broker knows no such user with this password"
    )


async def test_a_broker_of_another_authority_is_not_told_the_password(
    broker: Secured, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(new_authority(datetime.now(UTC)).certificate_pem())
    options = by_password("consent", broker.password("consent"), other)
    refused = await refusal(address(broker, options))
    assert isinstance(refused, NotLetIn)
    assert "its certificate is not accepted: " in str(refused)


async def test_a_broker_under_another_name_is_not_told_the_password(broker: Secured) -> None:
    other = broker.bootstrap.replace(LOCALHOST, "localhost")
    refused = await refusal(Address(other, Topic.ALL, security=broker.options("consent")))
    assert isinstance(refused, NotLetIn)
    assert "localhost" in str(refused).partition("its certificate is not accepted: ")[2]


async def test_plain_text_to_an_encrypted_port_says_what_was_tried(broker: Secured) -> None:
    refused = await refusal(Address(broker.bootstrap, Topic.ALL, timeout=2))
    assert f"no connection to {broker.bootstrap} by PLAINTEXT: " in str(refused)


async def test_a_password_without_a_certificate_opens_nothing_among_the_brokers(
    broker: Secured,
) -> None:
    where = Address(broker.peers, Topic.ALL, timeout=3, security=broker.options("consent"))
    assert f"no connection to {broker.peers} by SASL_SSL as consent" in str(await refusal(where))


@pytest.mark.parametrize("signed", [False, True], ids=["no certificate", "another authority's"])
def test_who_has_no_certificate_of_the_hub_is_not_let_in_among_the_brokers(
    broker: Secured, tmp_path: Path, signed: bool
) -> None:
    context = ssl.create_default_context(cafile=broker.ca)
    if signed:
        now = datetime.now(UTC)
        pem = tmp_path / "mine.pem"
        pem.write_bytes(issued(new_authority(now), "settle", [], now).pem())
        context.load_cert_chain(pem)
    with pytest.raises(Exception, match=r"bootstrap|brokers|alert|closed"):
        KafkaAdminClient(
            bootstrap_servers=broker.peers,
            security_protocol="SSL",
            ssl_context=context,
            bootstrap_timeout_ms=3000,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("services") / "hub", "mongod") as found:
        yield found


async def test_services_work_as_users_of_the_broker(place: Site, broker: Secured) -> None:
    """What referral tells comes by the log to reporting, which may only read."""
    running = {one: place.start(one, **broker.settings(one)) for one in SERVICES}
    for process in running.values():
        await process.ready()
    async with httpx.AsyncClient(timeout=30) as http:
        case = await Desk(place.file, http).refer()
        await case.accept()
        assert await case.ask()
    for process in running.values():
        process.running.kill()


async def test_a_service_that_is_not_let_in_ends_and_says_what_would_be_right(
    place: Site, broker: Secured
) -> None:
    wrong = {**broker.settings("consent"), "kafka_user": "referral"}
    refused = place.replica("consent", **wrong)
    assert await refused.ended() == 2, refused.said
    words = f"^RJHUB_KAFKA: no connection to {broker.bootstrap} by SASL_SSL as referral: .*; right"
    assert re.search(words, refused.said, re.MULTILINE), refused.said
    assert "RJHUB_KAFKA_PASSWORD_FILE" in refused.said
    assert broker.password("consent") not in refused.said
    assert "Traceback" not in refused.said


@pytest.fixture(scope="module")
async def told(broker: Secured) -> Recorded:
    """An event on a topic that no probe writes to, by somebody who may write to every one."""
    event = recorded(requested(), stream=f"referral-{uuid4()}", version=1)
    trusted = by_certificate(broker.keys)
    writer = KafkaWriter(Address(broker.peers, Topic.ALL, security=trusted))
    await eventually(lambda: connected(writer), 30)
    await writer.send(Partition(Topic.FEEDBACK, 0), [outgoing(event)])
    await writer.close()
    return event


@pytest.mark.parametrize("by", READERS.values(), ids=READERS)
async def test_an_analyst_reads_with_any_client(broker: Secured, told: Recorded, by: Read) -> None:
    (one,) = by(broker.as_analyst(), [Topic.FEEDBACK])
    assert one.place == (told.envelope.stream, 1)


async def tail(broker: Secured, user: str) -> subprocess.CompletedProcess[str]:
    """`rjhub events tail` with the analyst's password, until there is one event."""
    let_in = ("--user", user, "--password-file", broker.keys / "kafka-password-analyst")
    where = ("--kafka", broker.bootstrap, *let_in, "--ca-file", broker.ca)
    command = [sys.executable, "-m", "rjhub", "events", "tail", *map(str, where)]
    return await asyncio.to_thread(
        subprocess.run,
        [*command, "--json", "--from-start", "-n", "1", "--type", "ReferralRequested"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_events_tail_comes_in_with_a_password(broker: Secured, told: Recorded) -> None:
    ended = await tail(broker, "analyst")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["type"] == told.envelope.type
    assert f"{broker.bootstrap} by SASL_SSL as analyst" in ended.stderr


async def test_events_tail_says_who_was_not_let_in(broker: Secured, told: Recorded) -> None:
    ended = await tail(broker, "consent")
    assert ended.returncode == 14
    assert "by SASL_SSL as consent: the broker knows no such user with this" in ended.stderr
    assert broker.password("analyst") not in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_what_may_not_be_read_or_written_is_named(broker: Secured) -> None:
    """A service would take a topic that it may not see for one that is not there."""
    options = broker.options("reporting")
    refused = await refusal(address(broker, options, Topic.CASE, ELSEWHERE))
    assert isinstance(refused, NotLetIn)
    assert f"no right to read {ELSEWHERE}" in str(refused)
    writer = KafkaWriter(address(broker, options))
    await writer.replace()
    with pytest.raises(NotLetIn, match=r"no right to write to rj\.case"):
        await writer.send(CASE, [RECORD])
    await writer.close()
