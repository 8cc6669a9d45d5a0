"""The guard: no route without a policy, the token before anything else, pages and questions."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from contracts.envelope import Position
from contracts.fields import Role
from kernel.http import allow, allow_all_but, allow_hub, get, post
from kernel.http.app import application
from kernel.http.guard import Unguarded, unguarded
from kernel.http.policy import OPEN
from kernel.http.routes import WrongRoute
from tests.support_http import (
    DOOR,
    HOUSING,
    HUB,
    POLICE,
    BuildDoor,
    Colour,
    OpenDoor,
    Service,
    WelcomeForm,
    key,
    small_service,
)


@pytest.fixture
async def service() -> Service:
    return await small_service()


async def _forgotten() -> dict[str, str]:
    return {"secret": "everything"}


def test_every_route_states_a_policy_or_is_open_by_name(service: Service) -> None:
    assert unguarded(service.app) == []
    assert {"/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs"} == OPEN


def test_a_route_without_a_policy_is_found(service: Service) -> None:
    service.app.add_api_route("/forgotten", _forgotten)
    service.app.add_route("/plain", _forgotten)  # type: ignore[arg-type]
    service.app.mount("/mounted", FastAPI())
    assert unguarded(service.app) == ["/forgotten", "/plain", "/mounted"]


def test_an_open_address_is_open_for_reading_only(service: Service) -> None:
    service.app.add_api_route("/docs", _forgotten, methods=["POST"])
    assert unguarded(service.app) == ["/docs"]


def test_a_service_with_a_route_without_a_policy_does_not_start(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(app: FastAPI, _: object) -> None:
        app.add_api_route("/forgotten", _forgotten)

    monkeypatch.setattr("kernel.http.app.add_system_routes", add)
    with pytest.raises(Unguarded, match="/forgotten"):
        application(service.surface)


async def test_a_route_added_without_a_policy_admits_nobody(service: Service) -> None:
    service.app.add_api_route("/forgotten", _forgotten)
    async with service.client() as client:
        answer = await client.get("/forgotten")
    assert answer.status_code == 403
    assert "everything" not in answer.text


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.SYSTEM])
async def test_a_route_admits_the_roles_it_names_and_no_other(service: Service, role: Role) -> None:
    async with service.client(role=role) as client:
        answer = await client.post("/doors", json={"colour": "red"}, headers=key())
    assert answer.status_code == (201 if role in {Role.COORDINATOR, Role.OFFICER} else 403)


async def test_a_route_of_the_hub_admits_no_other_organisations_staff(service: Service) -> None:
    @get("/hall", allow_hub(Role.COORDINATOR))
    async def hall() -> None:
        return None

    service.app = application(replace(service.surface, routes=(hall,)))
    async with (
        service.client() as hub,
        service.client(role="officer") as other_role,
        service.client(org=str(POLICE)) as police,
    ):
        answers = [await one.get("/hall") for one in (hub, other_role, police)]
    assert [one.status_code for one in answers] == [200, 403, 403]
    assert "coordinator of the hub" in answers[2].json()["detail"]


async def test_without_a_token_nothing_of_a_request_is_looked_at(service: Service) -> None:
    async with service.client(token="") as client:
        answers = [
            await client.post("/doors", content=b"{", headers={"Content-Type": "text/plain"}),
            await client.get("/doors/jane", params={"limit": "jane"}),
            await client.get("/doors", headers={"After": "jane"}),
        ]
    assert [one.status_code for one in answers] == [401, 401, 401]
    assert service.waited == []


async def test_nobody_calls_as_the_system() -> None:
    with pytest.raises(ValueError, match="system"):
        allow(Role.SYSTEM)
    with pytest.raises(ValueError, match="at least one role"):
        allow()
    assert not allow_all_but(Role.ANALYST).admits(Role.SYSTEM)
    assert not allow_all_but(Role.ANALYST).admits(Role.ANALYST)


def test_a_row_that_cannot_be_served_is_refused_where_it_is_written() -> None:
    anyone = allow(Role.COORDINATOR)
    with pytest.raises(WrongRoute, match="one subject"):
        post("/doors/{door}/keys/{key}", OpenDoor, anyone, DOOR)
    with pytest.raises(WrongRoute, match="through"):
        post("/welcomes", WelcomeForm, anyone, DOOR)
    with pytest.raises(WrongRoute, match="opens no stream"):
        post("/doors", OpenDoor, anyone, DOOR)
    assert post("/doors", BuildDoor, anyone, DOOR).subject is None


async def test_a_question_is_answered_to_those_who_see_the_record(service: Service) -> None:
    door = uuid4()
    await service.show(door, Colour.RED, POLICE)
    async with (
        service.client() as hub,
        service.client(org=str(POLICE), role="officer") as police,
        service.client(org=str(HOUSING), role="officer") as housing,
    ):
        seen = [await one.get(f"/doors/{door}") for one in (hub, police, housing)]
        unknown = await housing.get(f"/doors/{uuid4()}")
    assert [one.status_code for one in seen] == [200, 200, 404]
    assert seen[0].json() == {"door": str(door), "colour": "red"}
    assert seen[2].json()["detail"] == unknown.json()["detail"]
    assert unknown.status_code == 404


async def test_a_question_waits_for_what_after_names_in_the_read_models_it_reads(
    service: Service,
) -> None:
    door = uuid4()
    await service.show(door, Colour.RED, HUB)
    async with service.client() as client:
        await client.get(f"/doors/{door}", headers={"After": f"door-{door}@1"})
        await client.get(f"/doors/{door}")
    assert service.waited == [((Position(f"door-{door}", 1),), ("doors",))]


async def test_pages_follow_each_other_and_the_last_one_says_so(service: Service) -> None:
    doors = sorted(UUID(int=n) for n in range(1, 6))
    for door in doors:
        await service.show(door, Colour.RED, HUB)
    seen: list[str] = []
    cursor: dict[str, str | None] = {}
    async with service.client() as client:
        for _ in range(3):
            page = (await client.get("/doors", params={"limit": 2, **cursor})).json()
            seen += [one["door"] for one in page["items"]]
            cursor = {"cursor": page["next"]}
    assert seen == [str(one) for one in doors]
    assert cursor == {"cursor": None}


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 101}, {"limit": "many"}, {"cursor": "jane"}]
)
async def test_a_page_has_a_cap(service: Service, params: dict[str, str]) -> None:
    async with service.client() as client:
        answer = await client.get("/doors", params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"query.{next(iter(params))}"


async def test_an_unknown_query_parameter_is_not_ignored(service: Service) -> None:
    async with service.client() as client:
        answer = await client.get("/doors", params={"color": "red", "jane": "canary"})
    assert answer.status_code == 400
    assert "colour, cursor, limit" in answer.json()["detail"]
    assert "jane" not in answer.text


async def test_the_read_models_a_question_reads_may_be_several(service: Service) -> None:
    @get("/both", allow(Role.COORDINATOR), reads=("doors", "walls"))
    async def both() -> None:
        return None

    app = application(replace(service.surface, routes=(both,)))
    service.app = app
    async with service.client() as client:
        assert (await client.get("/both", headers={"After": f"door-{uuid4()}@1"})).is_success
    assert [reads for _, reads in service.waited] == [("doors", "walls")]
