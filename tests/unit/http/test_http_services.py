"""Every route of every service: guarded, described, with an example that is right."""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from kernel.http import can
from kernel.http.examples import example_of
from kernel.http.guard import unguarded
from kernel.http.routes import CommandRoute, Route
from kernel.http.surface import Surface, secrets_needed
from rjhub.addresses import SERVICES
from tests.support_http import Service, as_query, small_service

ROUTES: dict[str, tuple[Route, ...]] = {
    name: importlib.import_module(f"services.{name}.http").ROUTES for name in SERVICES
}
COMMANDS = [row for rows in ROUTES.values() for row in rows if isinstance(row, CommandRoute)]


@pytest.fixture(params=SERVICES, scope="module")
async def service(request: pytest.FixtureRequest) -> Service:
    def change(surface: Surface) -> Surface:
        routes = ROUTES[request.param]
        secrets = dict.fromkeys(secrets_needed(routes), b"-" * 32)
        return replace(surface, name=request.param, routes=routes, secrets=secrets)

    return await small_service(change)


def _addresses(service: Service) -> list[tuple[str, str]]:
    rows = service.surface.routes
    return [(row.method, row.path.replace("{", "").replace("}", "")) for row in rows]


async def test_every_route_of_every_service_states_a_policy(service: Service) -> None:
    assert unguarded(service.app) == []


async def test_no_route_answers_without_a_token(service: Service) -> None:
    async with service.client(token="") as client:
        answers = [await client.request(*one) for one in _addresses(service)]
    assert {one.status_code for one in answers} <= {401}


async def test_every_route_is_in_openapi_with_its_roles(service: Service) -> None:
    async with service.client(token="") as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
        assert (await client.get("/docs")).status_code == 200
    for row in service.surface.routes:
        assert paths[row.path][row.method.lower()]["x-roles"] == sorted(row.policy.roles)


async def test_every_place_that_a_command_says_it_made_can_be_asked(service: Service) -> None:
    async with service.client(token="") as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    asked = {re.sub(r"{\w+}$", "", path) for path, methods in paths.items() if "get" in methods}
    opening = {
        path: answer
        for path, methods in paths.items()
        if (answer := methods.get("post", {}).get("responses", {}).get("201"))
    }
    named = {path for path, answer in opening.items() if "Location" in answer["headers"]}
    assert named == {path for path in opening if f"{path}/" in asked}


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.name)
def test_the_example_of_a_command_is_a_right_body(row: CommandRoute) -> None:
    body = TypeAdapter(row.body).validate_json(json.dumps(example_of(row.body)), strict=True)
    assert isinstance(body, row.body)


async def test_an_unknown_record_is_a_404_on_every_command(service: Service) -> None:
    rows = [one for one in service.surface.routes if isinstance(one, CommandRoute) and one.subject]
    for row in rows:
        role = min(row.policy.roles)
        async with service.client(role=role) as client:
            path = row.path.replace(f"{{{row.subject}}}", str(uuid4()))
            headers = {"Idempotency-Key": str(uuid4())}
            answer = await client.post(path, json=example_of(row.body), headers=headers)
        assert answer.status_code == 404, row.path


async def test_every_command_about_a_record_can_be_tried(service: Service) -> None:
    routes = [one for one in service.app.routes if isinstance(one, APIRoute)]
    rows = [one for one in service.surface.routes if isinstance(one, CommandRoute)]
    for row, path in ((row, path) for row in rows if (path := can.path_of(row))):
        ways = [one for one in routes if one.path == path]
        asked = {method: one.openapi_extra or {} for one in ways for method in one.methods or ()}
        assert asked["POST"]["x-roles"] == sorted(row.policy.roles)
        assert asked["GET"]["x-roles"] == asked["POST"]["x-roles"]
        async with service.client(role=min(row.policy.roles)) as client:
            one = path.replace(f"{{{row.subject}}}", str(uuid4()))
            tried = [await client.post(one, json=example_of(row.body))]
            tried.append(await client.get(one, params=as_query(example_of(row.body))))
        assert {one.status_code for one in tried} == {404}, [one.text for one in tried]
