"""A made-up person's name, e-mail and telephone, sent wherever one can write, are kept nowhere."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import chain
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest

from rjhub.organisations import ORGANISATIONS, actor_id, organisation_id
from tests.support import eventually
from tests.support_canary import EMAIL, NAME, PHONE, SOUGHT, WORDS, everything, places
from tests.support_casework import Case, Desk
from tests.support_hub import Hub, get
from tests.support_requests import about, writing
from tests.support_sweep import Operation, Sending, operations, tainted, tainted_elsewhere
from tests.support_tokens import HubIssuer

PERSON = {"name": NAME, "email": EMAIL, "phone_number": PHONE}
# What passes a case on: each holds its id once the case has gone through the whole hub.
PASSES_ON = {"log", "collection", "topic"}
NO_HTTP = (
    f"{WORDS}\r\n\r\n",
    f"QUILLFEATHER /{PHONE} HTTP/1.1\r\nHost: {EMAIL}\r\n\r\n",
    f"GET /{EMAIL} HTTP/1.1\r\nHost: {WORDS}\r\nQuillfeather: {WORDS}\r\n\r\n",
    f"GET /{EMAIL} HTTP/9.9\r\n{WORDS}\r\n\r\n",
    f"POST /cases HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{WORDS}\r\n",
    f"POST /cases HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n{WORDS}",
    f"GET /{EMAIL} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: {WORDS}\r\n\r\n",
)


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    """Somebody who writes the words into every header and every token that they send."""
    headers = {"X-Correlation-Id": WORDS, "traceparent": WORDS, "User-Agent": WORDS, "From": EMAIL}
    desk = Desk(_with_a_person_in_each_token(hub), httpx.AsyncClient(timeout=30, headers=headers))
    yield desk
    await desk.http.aclose()


def _with_a_person_in_each_token(hub: Hub) -> Any:
    issuer = HubIssuer(hub.folder)
    tokens = {
        name: {
            role.value: issuer.token(
                sub=str(actor_id(name, role)),
                org=str(organisation_id(name)),
                role=role.value,
                **PERSON,
            )
            for role in roles
        }
        for name, roles in ORGANISATIONS.items()
    }
    return hub.file.model_copy(update={"tokens": tokens})


async def test_no_word_of_a_person_is_kept_anywhere(hub: Hub, desk: Desk) -> None:
    case = await _gone_through_the_hub(desk)
    marks = {one.rpartition(".")[2] for of in desk.file.tokens.values() for one in of.values()}
    statuses = await _swept(desk, case)
    statuses += await _called_with_odd_tokens(hub, desk, case)
    await _spoken_to_without_http(desk)
    assert set(statuses) <= {200, 201, *range(400, 500), 504}, statuses
    assert statuses[422] > 100
    await eventually(lambda: {k for k, _ in places(everything(hub), case.id)} >= PASSES_ON, 20)
    kept = list(everything(hub))
    assert {"metrics"} <= {kind for kind, _ in places(kept, "/cases/{case}")}
    assert places(kept, *SOUGHT, *marks) == set()


async def _gone_through_the_hub(desk: Desk) -> Case:
    """A case that is referred, taken on, agreed to, stopped and told, all by tainted requests."""
    case = await desk.refer(incident_reference=f"Quillfeather/{PHONE}")
    await case.accept()
    for who in ("victim", "offender"):
        await case.consent(who, "letter")
    await case.withdraw("victim")
    await case.ask("/timeline")
    return case


async def _swept(desk: Desk, case: Case) -> Counter[int]:
    """Every operation of every service, tainted in every place; what the answers were."""
    found = [one async for one in _operations(desk, case)]
    assert {one.service for one in found} == set(desk.file.services)
    sendings = list(chain.from_iterable(_tainted(desk, found)))
    answers = [await _sent(desk, one) for one in sendings]
    assert not [one for one in answers if "uillfeather" in one.text or PHONE in one.text]
    return Counter(one.status_code for one in answers)


async def _operations(desk: Desk, case: Case) -> AsyncIterator[Operation]:
    for service, url in desk.file.services.items():
        described = (await desk.http.get(f"{url}/openapi.json")).json()
        for one in operations(service, described, desk.file, case.id):
            yield one


def _tainted(desk: Desk, found: Iterable[Operation]) -> Iterator[Iterable[Sending]]:
    elsewhere: set[tuple[str, str]] = set()
    for one in found:
        url = desk.file.services[one.service]
        yield tainted(one, url, WORDS)
        if (one.service, one.method) not in elsewhere:
            elsewhere.add((one.service, one.method))
            yield tainted_elsewhere(one, url, WORDS)


async def _sent(desk: Desk, one: Sending) -> httpx.Response:
    return await desk.http.request(one.method, one.url, headers=one.headers, content=one.content)


async def _called_with_odd_tokens(hub: Hub, desk: Desk, case: Case) -> Counter[int]:
    """Tokens of the hub's own issuer with the words in each claim, and in the token's head."""
    issuer = HubIssuer(hub.folder)
    claims = ("sub", "org", "role", "iss", "aud", "jti", "nbf", *PERSON)
    odd = [issuer.token(**{name: WORDS}) for name in claims]
    key = issuer.private[issuer.kid]
    odd += [jwt.encode(issuer.claims(), key, "EdDSA", {"kid": WORDS}), WORDS]
    odd += [jwt.encode(issuer.claims(), key, "EdDSA", {"kid": issuer.kid, "typ": WORDS})]
    calls = [*writing(case).values(), *about(str(uuid4())).values()]
    headers = [{"Authorization": f"Bearer {one}"} for one in odd]
    answers = [await call.send(desk, headers=one) for call in calls for one in headers]
    return Counter(one.status_code for one in answers)


async def _spoken_to_without_http(desk: Desk) -> None:
    """What is no HTTP at all; each service goes on."""
    for url in desk.file.services.values():
        for text in NO_HTTP:
            await _spoken(httpx.URL(url), text.encode())
        assert '"live"' in get(f"{url}/health/live")


async def _spoken(url: httpx.URL, text: bytes) -> None:
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(text)
    writer.write_eof()
    async with asyncio.timeout(5):
        await reader.read()
    writer.close()
