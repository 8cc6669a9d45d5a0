"""The hub in containers with `deploy/compose.secure.yml`: it works, and only who may is let in."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from kafka import KafkaConsumer
from kafka.errors import KafkaError

from contracts.envelope import Topic
from kernel.kafka.access import by_password
from rjhub.addresses import SERVICES
from rjhub.gateway import behind_gateway
from tests.compose.stack import BASE, DEMO, ROOT, SOON, Stack, a_stack, killed
from tests.support import eventually
from tests.support_casework import Case, Desk
from tests.support_readers import READERS, Listener, Read, assert_as_promised, assert_understood
from tests.support_rights import PROBES, Door, Probe, read, write

pytestmark = pytest.mark.timeout(900)

SECURE = "deploy/compose.secure.yml"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    stack = replace(a_stack("secure"), files=(BASE, SECURE, DEMO, SOON))
    try:
        stack.up("--build")
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="module")
def passwords(stack: Stack) -> dict[str, str]:
    """Of each service by its own file, and of the analyst as operations staff hand it over."""
    own = {one: stack.compose("exec", "-T", one, "cat", "/keys/kafka-password") for one in SERVICES}
    return {**own, "analyst": stack.compose("run", "--rm", "-T", "analyst", "kafka-password")}


@pytest.fixture(scope="module")
def ca(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("handed") / "kafka-ca.pem"
    file.write_text(stack.compose("run", "--rm", "-T", "analyst", "kafka-ca.pem") + "\n")
    return file


@pytest.fixture(scope="module")
async def case(stack: Stack) -> AsyncIterator[Case]:
    """One that was played through the gateway; reporting tells it by what it read from the log."""
    async with httpx.AsyncClient(timeout=30) as http:
        case = await Desk(behind_gateway(stack.address), http).refer()
        await case.accept()
        assert await case.ask()
        yield case


def test_nobody_holds_the_authority_and_each_service_only_its_own_password(
    stack: Stack, passwords: dict[str, str]
) -> None:
    assert len(set(passwords.values())) == len(passwords)
    for name in SERVICES:
        mounted = stack.inspect(stack.containers(name)[0])["Mounts"]
        assert not [one for one in mounted if "authority" in one["Name"]]
        environment = stack.inspect(stack.containers(name)[0])["Config"]["Env"]
        assert not [one for one in environment if passwords[name] in one]


@pytest.mark.parametrize("by", READERS.values(), ids=READERS)
async def test_an_analyst_reads_the_case_from_outside(
    stack: Stack, case: Case, passwords: dict[str, str], ca: Path, by: Read
) -> None:
    told = {
        "security.protocol": "sasl_ssl",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "analyst",
        "sasl.password": passwords["analyst"],
        "ssl.ca.location": str(ca),
    }
    found = by(Listener(stack.bootstrap, told), [Topic.CASE])
    of_the_case = [one for one in found if one.headers["ce_subject"] == case.id]
    assert len(of_the_case) >= 3
    for one in of_the_case:
        assert_as_promised(one)
        assert_understood(one)


async def test_the_sample_subscriber_comes_in_with_its_options(
    stack: Stack, case: Case, passwords: dict[str, str], ca: Path, tmp_path: Path
) -> None:
    options, seen = tmp_path / "options.json", tmp_path / "seen.sqlite"
    told = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "analyst",
        "sasl_plain_password": passwords["analyst"],
        "ssl_cafile": str(ca),
    }
    options.write_text(json.dumps(told))
    script = [sys.executable, ROOT / "examples/subscriber.py", stack.bootstrap, seen, options]
    process = await asyncio.create_subprocess_exec(*map(str, script))
    try:
        await eventually(lambda: counted(seen), 30)
    finally:
        process.kill()
        await process.wait()


def counted(seen: Path) -> int:
    with closing(sqlite3.connect(seen)) as store:
        try:
            found = store.execute("SELECT n FROM counts WHERE type = 'rj.ReferralRequested.v1'")
            return int((found.fetchone() or (0,))[0])
        except sqlite3.OperationalError:
            return 0


@pytest.mark.parametrize("probe", [one for one in PROBES if one.what.startswith("rj.")], ids=str)
async def test_who_comes_from_outside_may_do_what_the_design_says_and_nothing_else(
    stack: Stack, case: Case, passwords: dict[str, str], ca: Path, probe: Probe
) -> None:
    door = Door(stack.bootstrap, by_password(probe.user, passwords[probe.user], ca))
    assert await asyncio.to_thread(probe.tried, door) is probe.may


def test_a_subscriber_of_its_own_is_let_in_by_what_operations_staff_run(
    stack: Stack, case: Case, ca: Path
) -> None:
    run = (
        "run",
        "--rm",
        "--no-deps",
        "-T",
        "settle",
        "python",
        "-m",
        "rjhub.stack",
        "subscriber",
        "figures",
    )
    password = stack.compose(*run)
    own = Door(stack.bootstrap, by_password("subscriber-figures", password, ca))
    assert Probe("figures", read, Topic.CASE, may=True).tried(own)
    assert not Probe("figures", write, Topic.CASE, may=False).tried(own)
    stack.compose(*run, "--remove")
    with pytest.raises(KafkaError):
        KafkaConsumer(**own.told(), bootstrap_timeout_ms=2000)


async def test_a_broker_that_was_killed_comes_back_with_its_users(stack: Stack, case: Case) -> None:
    await asyncio.to_thread(killed, stack, "kafka")
    await eventually(lambda: asyncio.to_thread(all_well, stack), 120, every=2)
    async with httpx.AsyncClient(timeout=30) as http:
        later = await Desk(behind_gateway(stack.address), http).refer()
        await later.accept()
        assert await later.ask()


def all_well(stack: Stack) -> bool:
    return all(health(stack, one) == ["healthy"] for one in ("kafka", *SERVICES))


def health(stack: Stack, service: str) -> list[str]:
    return [stack.inspect(one)["State"]["Health"]["Status"] for one in stack.containers(service)]
