"""Why can't I? A command is tried without being carried out, now or as of a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from contracts.fields import Role
from kernel.clock import FixedClock
from kernel.commands import Commands
from kernel.http import can, post
from kernel.http.examples import example_of
from kernel.http.policy import allow
from kernel.http.routes import CommandRoute
from kernel.http.surface import Surface
from kernel.store.gather import EventStore
from services.facilitation import http as facilitation
from tests.support_http import (
    DOOR,
    HOUSING,
    HUB,
    NOW,
    POLICE,
    BuildDoor,
    Service,
    as_query,
    decode,
    key,
    small_service,
)
from tests.support_http import ROUTES as DOOR_ROUTES

PAINT = post("/doors/{door}/painting", BuildDoor, allow(Role.COORDINATOR), DOOR)
UNMET = {
    "rule": "DOOR-01",
    "words": "Only a door that is shut can be opened.",
    "source": "common sense",
    "needs": "shut it first",
}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def service(clock: FixedClock) -> Service:
    def change(surface: Surface) -> Surface:
        return replace(surface, routes=(*DOOR_ROUTES, PAINT), clock=clock)

    service = await small_service(change)
    commands = Commands(EventStore(service.commits), clock, "/rj/doors", decode, HUB)
    return Service(
        service.issuer,
        replace(service.surface, commands=commands),
        service.commits,
        service.documents,
        service.waited,
    )


async def _built(client: httpx.AsyncClient) -> str:
    built = await client.post("/doors", json={"colour": "red"}, headers=key())
    return f"/{built.headers['location']}"


async def test_it_says_yes_and_records_nothing(service: Service) -> None:
    async with service.client() as client:
        door = await _built(client)
        answer = await client.get(f"{door}/can/OpenDoor")
    assert (answer.status_code, answer.json()) == (200, {"can": True})
    assert len(service.commits.durable()) == 1


async def test_it_says_no_with_every_rule_and_what_would_satisfy_it(service: Service) -> None:
    async with service.client() as client:
        door = await _built(client)
        await client.post(f"{door}/opening", json={}, headers=key())
        asked = await client.get(f"{door}/can/OpenDoor")
        sent = await client.post(f"{door}/can/OpenDoor", json={})
    assert (asked.status_code, asked.json()) == (200, {"can": False, "unmet": [UNMET]})
    assert sent.json() == asked.json()


async def test_it_answers_for_a_past_moment(service: Service, clock: FixedClock) -> None:
    async with service.client() as client:
        door = await _built(client)
        clock.move(NOW + timedelta(hours=1))
        await client.post(f"{door}/opening", json={}, headers=key())

        async def could(minutes: int) -> object:
            as_of = (NOW + timedelta(minutes=minutes)).isoformat()
            answer = await client.get(f"{door}/can/OpenDoor", params={"as_of": as_of})
            return answer.json()["can"] if answer.status_code == 200 else answer.status_code

        assert [await could(minutes) for minutes in (-1, 0, 59, 60, 61)] == [
            404,
            True,
            True,
            False,
            422,
        ]


@pytest.mark.parametrize("as_of", ["yesterday", "2026-11-22T09:30:00", "Jane Canary"])
async def test_a_moment_is_written_with_its_zone(service: Service, as_of: str) -> None:
    async with service.client() as client:
        door = await _built(client)
        answer = await client.get(f"{door}/can/OpenDoor", params={"as_of": as_of})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.as_of"
    assert "Jane" not in answer.text


async def test_a_commands_fields_are_query_parameters_or_the_body(service: Service) -> None:
    async with service.client() as client:
        door = await _built(client)
        by_query = await client.get(f"{door}/can/BuildDoor?colour=green&width=2")
        by_body = await client.post(f"{door}/can/BuildDoor", json={"colour": "green", "width": 2})
    assert by_query.json() == by_body.json() == {"can": True}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "query.colour"),
        ("colour=Jane", "query.colour"),
        ("colour=red&width=wide", "query.width"),
        ("colour=red&width=-1", "query.width"),
        ("colour=red&weight=1001", "query.weight"),
    ],
)
async def test_a_field_that_is_not_right_is_named_and_not_repeated(
    service: Service, query: str, field: str
) -> None:
    async with service.client() as client:
        door = await _built(client)
        answer = await client.get(f"{door}/can/BuildDoor?{query}")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert "Jane" not in answer.text


async def test_an_unknown_field_is_refused(service: Service) -> None:
    async with service.client() as client:
        door = await _built(client)
        by_query = await client.get(f"{door}/can/OpenDoor?name=Jane")
        by_body = await client.post(f"{door}/can/OpenDoor", json={"name": "Jane"})
    assert (by_query.status_code, by_body.status_code) == (400, 422)
    assert "Jane" not in by_query.text + by_body.text


async def test_it_is_asked_by_whoever_may_send_the_command(service: Service) -> None:
    async with service.client() as client:
        door = await _built(client)
    async with (
        service.client(role="analyst") as analyst,
        service.client(role="officer", org=str(POLICE)) as police,
        service.client(token="") as nobody,
    ):
        answers = [await one.get(f"{door}/can/OpenDoor") for one in (analyst, police, nobody)]
    assert [one.status_code for one in answers] == [403, 404, 401]


async def test_an_unknown_record_and_one_of_another_organisation_are_the_same_404(
    service: Service,
) -> None:
    async with service.client(role="officer", org=str(POLICE)) as police:
        door = await _built(police)
    async with service.client(role="officer", org=str(HOUSING)) as housing:
        foreign = await housing.get(f"{door}/can/OpenDoor")
        unknown = await housing.get(f"/doors/{uuid4()}/can/OpenDoor")
    assert foreign.json()["detail"] == unknown.json()["detail"]


async def test_what_came_before_is_waited_for(service: Service) -> None:
    async with service.client() as client:
        door = await _built(client)
        at = f"door-{door.removeprefix('/doors/')}@1"
        await client.get(f"{door}/can/OpenDoor", headers={"After": at})
    assert [(str(one), reads) for (one,), reads in service.waited] == [(at, ())]


def test_only_a_command_about_a_record_is_tried() -> None:
    asked = {row.name: can.path_of(row) for row in DOOR_ROUTES if isinstance(row, CommandRoute)}
    assert asked == {
        "BuildDoor": None,
        "OpenDoor": "/doors/{door}/can/OpenDoor",
        "WelcomeForm": None,
    }


async def test_a_nested_field_that_is_no_json_is_named() -> None:
    rows = (one for one in facilitation.ROUTES if isinstance(one, CommandRoute))
    (row,) = (one for one in rows if one.name == "ReachAgreement")
    service = await small_service(lambda surface: replace(surface, routes=(row,)))
    async with service.client(role=min(row.policy.roles)) as client:
        path = (can.path_of(row) or "").replace(f"{{{row.subject}}}", str(uuid4()))
        asked = as_query(example_of(row.body)) | {"items": "{"}
        answer = await client.get(path, params=asked)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "query.items", "right": "must be JSON"}]
