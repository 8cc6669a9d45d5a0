"""The compose file alone, as it is before anybody has set anything: nothing of development."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.envelope import Topic
from contracts.fields import Role
from rjhub.addresses import SERVICES
from rjhub.client import Client, position
from rjhub.hubfile import Reach
from rjhub.organisations import HUB, organisation_id
from rjhub.stack.keys import ISSUER_KEY_ID
from rjhub.tokens import ISSUER, KEY_ID, Bearer, signed
from tests.compose.stack import BASE, Stack, a_stack
from tests.support_casework import REFERRAL
from tests.support_readers import READERS, Listener, Read, assert_as_promised, assert_understood

pytestmark = pytest.mark.timeout(300)

ISSUER_HERE = "urn:rjhub:hub"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """With nothing of the tests either: its health is asked as seldom as it is elsewhere."""
    stack = replace(a_stack("plain"), files=(BASE,))
    try:
        stack.up("--build")
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="module")
async def coordinator(stack: Stack) -> AsyncIterator[Client]:
    """Calls with the token that operations staff make where there is no other issuer."""
    async with httpx.AsyncClient(timeout=30) as http:
        yield calling(stack, http, stack.compose("run", "--rm", "-T", "token", "coordinator"))


@pytest.fixture(scope="module")
async def referral(coordinator: Client) -> httpx.Response:
    answer = await coordinator.tell("referral", "/cases", REFERRAL)
    assert answer.is_success, answer.text
    return answer


def calling(stack: Stack, http: httpx.AsyncClient, token: str) -> Client:
    services = {name: f"{stack.address}/{name}" for name in SERVICES}
    return Client(Reach(services=services, tokens={HUB: {"coordinator": token}}), http)


async def test_a_token_of_the_hub_makes_a_referral_and_reads_it(
    coordinator: Client, referral: httpx.Response
) -> None:
    told = await coordinator.ask("reporting", "/cases", after=position(referral))
    assert told.is_success, told.text
    assert [one["case"] for one in told.json()["items"]] == [referral.json()["subject"]]


@pytest.mark.parametrize("by", READERS.values(), ids=READERS)
async def test_whoever_is_on_this_machine_reads_the_referral_on_the_log(
    stack: Stack, coordinator: Client, referral: httpx.Response, by: Read
) -> None:
    """With clients of their own; reporting tells it by what it read there."""
    assert (await coordinator.ask("reporting", "/cases", after=position(referral))).is_success
    (found,) = by(Listener(stack.bootstrap), [Topic.CASE])
    assert (found.type, found.key) == ("rj.ReferralRequested.v1", referral.json()["subject"])
    assert_as_promised(found)
    assert_understood(found)


@pytest.mark.parametrize(("issuer", "kid"), [(ISSUER_HERE, ISSUER_KEY_ID), (ISSUER, KEY_ID)])
async def test_a_token_that_another_signed_lets_nobody_in(
    stack: Stack, issuer: str, kid: str
) -> None:
    bearer = Bearer(organisation_id(HUB), Role.COORDINATOR, uuid4())
    key = Ed25519PrivateKey.generate()
    forged = signed(key, bearer, datetime.now(UTC), issuer=issuer, kid=kid)
    async with httpx.AsyncClient(timeout=30) as http:
        stranger = calling(stack, http, forged)
        for answer in (
            await stranger.ask("reporting", "/cases"),
            await stranger.tell("referral", "/cases", REFERRAL),
        ):
            assert answer.status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("name", SERVICES)
async def test_there_is_no_clock_to_move(coordinator: Client, name: str, method: str) -> None:
    clock, later = coordinator.file.services[name] + "/dev/clock", {"now": "2099-01-01T00:00:00Z"}
    headers = coordinator.file.headers("coordinator")
    answer = await coordinator.http.request(method, clock, headers=headers, json=later)
    assert answer.status_code == httpx.codes.NOT_FOUND


def test_no_key_is_handed_out(stack: Stack) -> None:
    assert httpx.get(f"{stack.address}/dev/signing.pem").status_code == httpx.codes.NOT_FOUND
