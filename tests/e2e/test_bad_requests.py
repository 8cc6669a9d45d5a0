"""A bad request to any service is a 4xx that says what is wrong, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from uuid import UUID, uuid4

import httpx
import pytest
from pymongo import MongoClient

from rjhub.organisations import HOUSING
from tests.support_casework import Case, Desk
from tests.support_hub import Hub
from tests.support_requests import (
    SERVICES,
    STORES,
    Call,
    Json,
    about,
    nothing_recorded,
    opened,
    recorded,
    writing,
)
from tests.support_tokens import BAD, HubIssuer

NAME = "Zebedee Quillfeather"
LARGEST = 64 * 1024
MALFORMED = (b"", b"{", b'{"setting": ', b"\xff\xfe", b"[" * 30_000)
WRONG: tuple[object, ...] = (None, 2**70, [[]], {"name": NAME})
NO_KEYS = ("", NAME, "07700900461", f"{NAME}-{uuid4()}")
NO_TOKENS = {"none": "", "an empty one": "Bearer", "basic": "Basic amFuZTpjYW5hcnk="}


@pytest.fixture(scope="module")
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


@pytest.fixture(scope="module")
async def case(desk: Desk) -> Case:
    return await opened(desk)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def call(service: str, case: Case) -> Call:
    return writing(case)[service]


def said(answer: httpx.Response, status: int) -> Json:
    """What the problem says; it has the agreed form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: Json = answer.json()
    assert found["correlation_id"] == answer.headers["x-correlation-id"]
    assert NAME not in answer.text
    return found


async def test_malformed_json_is_told_so(hub: Hub, desk: Desk, case: Case, call: Call) -> None:
    async with nothing_recorded(hub, desk, case):
        for content in MALFORMED:
            answer = await call.send(desk, content=content)
            assert "not well-formed JSON" in said(answer, 400)["detail"]


async def test_a_field_of_another_type_is_named_with_what_is_right(
    hub: Hub, desk: Desk, case: Case, call: Call
) -> None:
    body = call.body or {}
    async with nothing_recorded(hub, desk, case):
        for field, wrong in product(body, WRONG):
            answer = await call.send(desk, json={**body, field: wrong})
            (error,) = said(answer, 422)["errors"]
            assert error["field"].startswith(f"body.{field}")
            assert error["right"].startswith(("must ", "is needed"))


async def test_a_place_that_only_looks_like_one_is_named(desk: Desk, case: Case) -> None:
    call = writing(case)["reporting"]
    for position in (f"referral-{'-' * 36}@1", f"referral-{case.id}@0"):
        answer = await call.send(desk, json={**(call.body or {}), "position": position})
        (error,) = said(answer, 422)["errors"]
        assert error["field"] == "body.position"
        assert "<stream>@<version>" in error["right"]


async def test_a_body_of_more_than_64_kilobytes_is_told_the_limit(
    hub: Hub, desk: Desk, case: Case, call: Call
) -> None:
    async with nothing_recorded(hub, desk, case):
        answer = await call.send(desk, content=b" " * (LARGEST + 1))
        assert str(LARGEST) in said(answer, 413)["detail"]


async def test_no_token_and_no_bad_one_admits_anybody(
    hub: Hub, desk: Desk, case: Case, call: Call
) -> None:
    issuer = HubIssuer(hub.folder)
    bad = {kind: f"Bearer {sign(issuer)}" for kind, sign in BAD.items()}
    async with nothing_recorded(hub, desk, case):
        for kind, header in {**bad, **NO_TOKENS}.items():
            headers = {"Authorization": header.encode("latin-1")}
            answer = await call.send(desk, headers=headers)
            assert answer.status_code == 401, kind
            assert "oken" in said(answer, 401)["detail"]
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_good_token_of_the_same_issuer_is_admitted(
    hub: Hub, desk: Desk, case: Case
) -> None:
    token = HubIssuer(hub.folder).token()
    answer = await about(case.id)["reporting"].send(
        desk, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200


async def test_an_unknown_case_and_one_of_another_organisation_are_the_same_404(
    hub: Hub, desk: Desk, case: Case, service: str
) -> None:
    async with nothing_recorded(hub, desk, case):
        theirs = await about(case.id)[service].of("referrer", HOUSING).send(desk)
        unknown = await about(str(uuid4()))[service].send(desk)
        told = [said(one, 404) for one in (theirs, unknown)]
        assert told[0]["detail"] == told[1]["detail"] != ""


@pytest.mark.parametrize("service", ["referral", "consent", "facilitation"])
async def test_a_repeated_key_with_another_body_is_told_so_and_the_first_answer_stands(
    hub: Hub, desk: Desk, service: str
) -> None:
    call = writing(await opened(desk))[service]
    key = {"Idempotency-Key": str(uuid4())}
    first = await call.send(desk, headers=key)
    assert first.status_code in (200, 201), first.text
    stood = recorded(hub)
    later = {**(call.body or {}), "happened_at": "2026-01-05T10:00:00Z"}
    other = await call.send(desk, headers=key, json=later)
    assert "new uuid for another request" in said(other, 422)["detail"]
    again = await call.send(desk, headers=key)
    assert again.json() == {**first.json(), "repeated": True}
    assert recorded(hub) == stood


@pytest.mark.parametrize("service", ["referral", "consent", "facilitation"])
async def test_a_key_that_carries_a_name_is_refused(
    hub: Hub, desk: Desk, case: Case, call: Call
) -> None:
    async with nothing_recorded(hub, desk, case):
        for key in NO_KEYS:
            answer = await call.send(desk, headers={"Idempotency-Key": key})
            assert "Nothing else may stand in it" in said(answer, 400)["detail"]


async def test_ids_that_carry_a_name_are_replaced_in_answer_and_record(
    hub: Hub, desk: Desk
) -> None:
    case = await opened(desk)
    named = {"X-Correlation-Id": NAME, "traceparent": f"00-{NAME}-01"}
    for name in ("referral", "consent", "facilitation"):
        answer = await writing(case)[name].send(desk, headers=named)
        assert answer.is_success, answer.text
        commit = _commit(hub, answer.json())
        assert commit["correlation"] == answer.headers["x-correlation-id"]
        assert UUID(commit["correlation"]).version == 4
        assert commit["traceparent"] == answer.headers["traceparent"]
        assert NAME not in commit["traceparent"]


def _commit(hub: Hub, answer: Json) -> Json:
    place = {"stream": answer["stream"], "version": answer["version"]}
    with MongoClient[Json](hub.file.mongo) as client:
        found = [client[name].commits.find_one(place) for name in STORES]
    return next(one for one in found if one)


async def test_an_unknown_query_parameter_address_or_method_is_told_so(
    hub: Hub, desk: Desk, case: Case, call: Call
) -> None:
    async with nothing_recorded(hub, desk, case):
        query = await replace(call, path=f"{call.path}?name={NAME}").send(desk)
        address = await replace(call, path=f"/{NAME}").send(desk)
        method = await replace(call, method="DELETE", body=None).send(desk)
        assert "unknown query parameter" in said(query, 400)["detail"]
        assert "no such address" in said(address, 404)["detail"]
        assert method.headers["allow"] == "POST"
        said(method, 405)
