"""`After` over HTTP: how long a question or a command waits for what it names."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import httpx

from kernel.http.surface import Surface
from kernel.run.waiting import Waiting
from kernel.testing.spec import CASE
from tests.process_world import World, rung
from tests.support_http import DOORS, Service, key, small_service
from tests.support_virtual import in_virtual_time

DOOR = uuid4()


async def _service(world: World) -> Service:
    """The small service, which really waits: for its own doors, and for the policies of a world."""

    def waits(given: Surface) -> Surface:
        projections = {DOORS.name: DOORS}
        waiter = Waiting(world.documents, projections, given.live, world.attendants, ["door"])
        return replace(given, waiter=waiter)

    return await small_service(waits)


async def _build(service: Service) -> httpx.Response:
    """A command that follows the first ring of the bell."""
    headers = {**key(), "After": f"bell-{CASE}@1"}
    async with service.client() as client:
        return await client.post("/doors", json={"colour": "red"}, headers=headers)


def _in_vain(answer: httpx.Response) -> bool:
    """Whether it is a 504 that says when to come back."""
    kind = answer.json()["type"]
    return (answer.status_code, kind) == (504, "urn:rjhub:problem:not-yet") and (
        int(answer.headers["retry-after"]) > 0
    )


def _seconds() -> float:
    return asyncio.get_running_loop().time()


@in_virtual_time
async def test_a_question_waits_five_seconds_for_what_is_never_folded() -> None:
    service = await _service(World())
    async with service.client() as client:
        answer = await client.get(f"/doors/{DOOR}", headers={"After": f"door-{DOOR}@1"})
    assert _in_vain(answer), answer.text
    assert _seconds() == 5


@in_virtual_time
async def test_a_command_waits_five_seconds_for_what_no_policy_hears_of() -> None:
    service = await _service(World())
    answer = await _build(service)
    assert _in_vain(answer), answer.text
    assert _seconds() == 5
    assert service.commits.durable() == []


@in_virtual_time
async def test_a_command_waits_five_seconds_for_what_a_policy_does_not_send() -> None:
    world = World()
    await world.fold(rung(0))
    service = await _service(world)
    answer = await _build(service)
    assert _in_vain(answer), answer.text
    assert _seconds() == 5
    assert service.commits.durable() == []


@in_virtual_time
async def test_a_gap_that_five_seconds_do_not_fill_is_said_to_be_parked() -> None:
    world = World()
    await world.fold(rung(1))
    answer = await _build(await _service(world))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:rjhub:problem:parked")
    assert _seconds() == 5


@in_virtual_time
async def test_a_command_is_carried_out_as_soon_as_the_policy_has_sent() -> None:
    world = World()
    await world.fold(rung(0))
    building = asyncio.create_task(_build(await _service(world)))
    await asyncio.sleep(4.5)
    assert not building.done()
    await world.loop.settle()
    assert (await building).status_code == 201
    assert _seconds() < 5
