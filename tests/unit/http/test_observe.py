"""Logs and ids: what is seen of a request, and what never is."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog

from kernel.observe import logs
from kernel.observe.ids import correlation_of, read_uuid, traceparent_of
from tests.support_http import Service, key, small_service

ID = "5d1c4f0e-6a55-4c0b-9b0e-2f6a1d3c7e10"
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


class Lines:
    """The log lines written since it was made."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (json.loads(line) for line in self.text.splitlines())


@pytest.fixture
def lines() -> Iterator[Lines]:
    root, stream = logging.getLogger(), io.StringIO()
    before, processors = (list(root.handlers), root.level), structlog.get_config()
    logs.configure("doors", "info", stream)
    yield Lines(stream)
    root.handlers, root.level = list(before[0]), before[1]
    structlog.configure(**processors)


@pytest.fixture
async def service() -> Service:
    return await small_service()


def test_a_correlation_id_of_our_form_is_kept() -> None:
    assert correlation_of([ID]) == UUID(ID)


@pytest.mark.parametrize(
    "sent",
    [
        [],
        ["jane.canary"],
        [ID, ID],
        [f"{{{ID}}}"],
        [ID.replace("-", "")],
        ["00000000-0000-0000-0000-007700900123"],
        ["5d1c4f0e-6a55-1c0b-9b0e-2f6a1d3c7e10"],
        [f"{ID}\n"],
    ],
    ids=["none", "name", "two", "braces", "no dashes", "a number", "of time and place", "newline"],
)
def test_a_correlation_id_that_is_not_of_our_form_is_replaced(sent: list[str]) -> None:
    assert str(correlation_of(sent)) not in sent
    assert correlation_of(sent) != correlation_of(sent)


def test_a_trace_of_w3c_form_is_kept() -> None:
    assert traceparent_of([TRACE]) == TRACE


@pytest.mark.parametrize(
    "sent",
    ["jane", TRACE.upper(), TRACE + "-x", TRACE.replace("a", "0"), TRACE.replace("b", "0"), ""],
)
def test_a_trace_that_is_not_of_w3c_form_is_replaced(sent: str) -> None:
    replaced = traceparent_of([sent])
    assert replaced != sent
    assert traceparent_of([replaced]) == replaced


def test_a_uuid_is_read_in_its_usual_form_only() -> None:
    assert read_uuid(ID) == read_uuid(ID.upper()) == UUID(ID)
    assert read_uuid(f"urn:uuid:{ID}") is None


async def test_ids_are_answered_back(service: Service) -> None:
    async with service.client() as client:
        kept = await client.get("/doors", headers={"X-Correlation-Id": ID, "traceparent": TRACE})
        made = await client.get("/doors", headers={"X-Correlation-Id": "jane.canary"})
    assert (kept.headers["x-correlation-id"], kept.headers["traceparent"]) == (ID, TRACE)
    assert read_uuid(made.headers["x-correlation-id"])


async def test_a_request_is_one_json_line_with_its_correlation_id(
    service: Service, lines: Lines
) -> None:
    door = uuid4()
    async with service.client() as client:
        await client.get(f"/doors/{door}", headers={"X-Correlation-Id": ID})
    (line,) = lines
    assert line["milliseconds"] >= 0
    assert {name: line[name] for name in line if name not in {"time", "milliseconds", "org"}} == {
        "event": "request",
        "service": "doors",
        "level": "info",
        "logger": "http",
        "correlation_id": ID,
        "method": "GET",
        "route": "/doors/{door}",
        "path_door": str(door),
        "status": 404,
        "role": "coordinator",
    }


async def test_nothing_personal_that_is_sent_is_logged(service: Service, lines: Lines) -> None:
    async with service.client() as client:
        token = client.headers["authorization"]
        await client.get("/doors/jane.canary", params={"name": "canary"})
        await client.get("/canary/jane")
        await client.post("/doors", json={"colour": "canary"}, headers=key())
        await client.post(
            "/doors",
            json={"colour": "red", "canary": 1},
            headers={
                "Idempotency-Key": "jane.canary",
                "X-Correlation-Id": "jane.canary",
                "traceparent": "canary",
                "After": "canary",
                "User-Agent": "canary",
            },
        )
        await client.get("/broken")
    assert len(list(lines)) >= 6
    assert "canary" not in lines.text.lower()
    assert token.partition(" ")[2] not in lines.text


async def test_an_unexpected_error_is_logged_with_its_place_but_not_its_words(
    service: Service, lines: Lines
) -> None:
    async with service.client() as client:
        answer = await client.get("/broken")
    found = next(one for one in lines if one["event"] == "unexpected error")
    assert found["error"][0]["class"] == "RuntimeError"
    assert found["error"][0]["at"][-1].endswith(" break_down")
    assert found["correlation_id"] == answer.headers["x-correlation-id"]


async def test_health_and_metrics_do_not_fill_the_log(service: Service, lines: Lines) -> None:
    async with service.client() as client:
        await client.get("/health/ready")
        await client.get("/metrics")
    assert list(lines) == []


def test_what_libraries_log_has_the_same_form(lines: Lines) -> None:
    logging.getLogger("some.library").warning("full: %s", 80)
    logging.getLogger("aiokafka.consumer").info("joined the group again")
    (line,) = lines
    assert (line["event"], line["level"], line["logger"]) == ("full: 80", "warning", "some.library")
    assert line["service"] == "doors"


def test_the_cause_of_an_error_is_logged_without_its_words(lines: Lines) -> None:
    try:
        try:
            int("jane canary")
        except ValueError as cause:
            raise KeyError("jane canary") from cause
    except KeyError:
        logging.getLogger("some.library").exception("failed")
    (line,) = lines
    assert [one["class"] for one in line["error"]] == ["KeyError", "ValueError"]
    assert "canary" not in lines.text


async def test_an_error_of_a_lost_task_is_logged_without_its_words(lines: Lines) -> None:
    async def fail() -> None:
        raise ValueError("jane canary")

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    found = next(one for one in lines if "never retrieved" in one["event"])
    assert found["error"][0]["class"] == "ValueError"
    assert "canary" not in lines.text
