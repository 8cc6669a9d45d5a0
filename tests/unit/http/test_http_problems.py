"""Bad input is a 4xx that names the field and never repeats it; nothing is a 500 but our fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.http import limits
from kernel.http.limits import LARGEST_BODY
from kernel.http.validation import problem_of
from tests.support_http import Service, key, small_service

CANARY = "Jane Canary"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
async def service() -> Service:
    return await small_service()


async def _sent(service: Service, content: Any, **headers: str) -> httpx.Response:
    async with service.client() as client:
        return await client.post("/doors", content=content, headers={**key(), **JSON, **headers})


def _assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert said["type"].startswith("urn:rjhub:problem:")
    assert said["title"]
    assert said["detail"]
    assert said["correlation_id"] == answer.headers["x-correlation-id"]
    return said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{'colour': 'red'}",
        b"\xff\xfe",
        b'{"colour": "red"',
        b"nul",
        b"[" * 30_000,
        b"9" * 5_000,
        b'{"colour": \x00}',
    ],
    ids=["empty", "open", "quotes", "binary", "cut", "word", "deep", "long number", "nul"],
)
async def test_malformed_json_is_a_400(service: Service, content: bytes) -> None:
    _assert_problem(await _sent(service, content), 400)


@pytest.mark.parametrize(
    ("body", "field", "right"),
    [
        ({}, "body.colour", "is needed"),
        ({"colour": CANARY}, "body.colour", "must be 'red' or 'green'"),
        ({"colour": "red", "width": "1"}, "body.width", "must be a whole number"),
        ({"colour": "red", "width": -1}, "body.width", "must be greater than or equal to 0"),
        ({"colour": "red", CANARY: 1}, "body", "not known here"),
        ({"colour": "red", "happened_at": CANARY}, "body.happened_at", "RFC 3339"),
        ({"colour": "red", "happened_at": "2026-01-01T00:00:00"}, "body.happened_at", "zone"),
        ({"colour": "red", "happened_at": "1964-05-17T00:00:00Z"}, "body.happened_at", "2015"),
        ({"colour": "red", "weight": "7"}, "body.weight", "must be a whole number"),
        ({"colour": "red", "weight": True}, "body.weight", "must be a whole number"),
        ({"colour": "red", "happened_at": 1790000000}, "body.happened_at", "RFC 3339"),
        ([CANARY], "body", "must be a JSON object"),
        (CANARY, "body", "must be a JSON object"),
        (None, "body", "must be a JSON object"),
        ({"colour": {"name": CANARY}}, "body.colour", "must be 'red' or 'green'"),
        ({"colour": "red", "weight": 1e400}, "body.weight", ""),
    ],
)
async def test_a_wrong_field_is_named_with_what_is_right_and_not_repeated(
    service: Service, body: object, field: str, right: str
) -> None:
    answer = await _sent(service, json.dumps(body))
    said = _assert_problem(answer, 422)
    assert [one["field"] for one in said["errors"]] == [field]
    assert right in said["errors"][0]["right"]
    assert "Canary" not in answer.text
    assert "1964" not in answer.text


def test_words_of_a_rule_that_repeat_what_was_sent_are_replaced() -> None:
    echo = {"type": "value_error", "msg": f"Value error, {CANARY} is odd", "loc": ("name",)}
    for sent in (CANARY, {"name": [CANARY]}, {CANARY: 1}):
        (wrong,) = problem_of([{**echo, "input": sent}]).errors
        assert (wrong.field, wrong.right) == ("name", "is not of the right form")


async def test_a_path_that_is_no_id_is_named(service: Service) -> None:
    async with service.client() as client:
        answer = await client.post(f"/doors/{CANARY}/opening", json={}, headers=key())
    said = _assert_problem(answer, 422)
    assert said["errors"] == [{"field": "path.door", "right": "must be a uuid"}]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "", "application/x-www-form-urlencoded"]
)
async def test_a_body_that_is_no_json_is_a_415(service: Service, kind: str) -> None:
    _assert_problem(await _sent(service, b'{"colour": "red"}', **{"Content-Type": kind}), 415)


async def test_a_body_of_64_kilobytes_is_taken_and_one_byte_more_is_not(service: Service) -> None:
    body = b'{"colour": "red"}'
    assert (await _sent(service, body.ljust(LARGEST_BODY))).status_code == 201
    answer = await _sent(service, body.ljust(LARGEST_BODY + 1))
    assert "65536 bytes" in _assert_problem(answer, 413)["detail"]
    assert answer.headers["connection"] == "close"


async def test_a_body_without_a_length_is_counted_as_it_comes(service: Service) -> None:
    sent = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 8192
            yield b" " * 8192

    _assert_problem(await _sent(service, stream()), 413)
    assert sent < 1_000 * 8192


async def test_a_body_that_does_not_come_to_its_end_is_a_408(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PATIENCE_SECONDS", 0.05)

    async def stream() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    _assert_problem(await _sent(service, stream()), 408)


async def test_a_body_whose_sender_has_left_is_not_acted_upon(service: Service) -> None:
    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(_: Any) -> None:
        raise AssertionError("there is nobody to answer")

    messages: Iterator[dict[str, Any]] = iter(
        [
            {"type": "http.request", "body": b'{"colour": "red"}', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    token = service.issuer.token().encode()
    headers = [(name.lower().encode(), value.encode()) for name, value in {**key(), **JSON}.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/doors",
        "query_string": b"",
        "headers": [*headers, (b"authorization", b"Bearer " + token)],
    }
    before = service.commits.durable()
    await service.app(scope, receive, send)
    assert service.commits.durable() == before


async def test_an_address_that_does_not_exist_and_a_wrong_method_are_problems(
    service: Service,
) -> None:
    async with service.client() as client:
        unknown = await client.get(f"/{CANARY}")
        wrong = await client.delete("/doors")
        slash = await client.get("/doors/")
    _assert_problem(unknown, 404)
    assert "Canary" not in unknown.text
    _assert_problem(slash, 404)
    _assert_problem(wrong, 405)
    assert wrong.headers["allow"]


async def test_an_unexpected_error_is_a_500_without_details(service: Service) -> None:
    async with service.client() as client:
        answer = await client.get("/broken")
    _assert_problem(answer, 500)
    assert "Canary" not in answer.text
    assert "RuntimeError" not in answer.text


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_BODY = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("colour", "width", "weight", "happened_at", CANARY), _ANY),
)
_WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
_HEADERS = st.dictionaries(
    st.sampled_from(
        ["Idempotency-Key", "If-Match", "After", "X-Correlation-Id", "traceparent", "Content-Type"]
    ),
    _WORD | st.just(str(uuid4())) | st.just(f"door-{uuid4()}@1") | st.just(f'"door-{uuid4()}@1"'),
)
_PATHS = st.sampled_from(["/doors", "/welcomes", f"/doors/{uuid4()}/opening", "/doors/{}/opening"])
_FUZZ = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_FUZZ
@given(path=_PATHS, word=_WORD, body=_BODY | _ANY, headers=_HEADERS)
async def test_no_command_however_odd_is_ever_a_500(
    service: Service, path: str, word: str, body: object, headers: dict[str, str]
) -> None:
    async with service.client() as client:
        content = json.dumps(body).encode()
        answer = await client.post(
            path.format(quote(word, safe="")),
            content=content,
            headers={**key(), **JSON, **headers},
        )
    assert answer.status_code < 500
    assert answer.is_success or answer.headers["content-type"] == "application/problem+json"
    assert answer.is_success or "Canary" not in answer.text


@_FUZZ
@given(content=st.binary(max_size=200))
async def test_no_bytes_however_odd_are_ever_a_500(service: Service, content: bytes) -> None:
    assert (await _sent(service, content)).status_code in {400, 422}


@_FUZZ
@given(params=st.dictionaries(st.sampled_from(["limit", "cursor", "colour"]) | _WORD, _WORD))
async def test_no_query_however_odd_is_ever_a_500(service: Service, params: dict[str, str]) -> None:
    async with service.client() as client:
        answer = await client.get("/doors", params=params)
    assert answer.status_code in {200, 400, 422}
