"""A request of several commands can be tried, and may have other services asked and heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.envelope import Position
from contracts.fields import OrganisationId, Role
from kernel.commands import Accepted
from kernel.decider import Refused
from kernel.http import Order, allow, post
from kernel.http.surface import Surface, read_addresses
from kernel.http.trial import Trial
from kernel.peers.memory import MemoryPeers, Peer
from kernel.settings import WrongSettings
from tests.support_http import (
    DOOR,
    HOUSING,
    NOW,
    BuildDoor,
    Colour,
    OpenDoor,
    Service,
    key,
    small_service,
)


class EnterRoom(OpenDoor):
    """Open a door and go in."""


async def enter(body: EnterRoom, order: Order) -> Accepted | Refused:
    return await would_enter(body, order.trial) or await order.execute(
        DOOR, order.subject, OpenDoor(), as_system=True
    )


async def would_enter(body: EnterRoom, trial: Trial) -> Refused | None:
    decided = await trial.run(DOOR, trial.subject, OpenDoor(), as_system=True)
    return decided if isinstance(decided, Refused) else None


async def ask_next_door(body: EnterRoom, order: Order) -> Accepted | Refused:
    """Have the neighbour open theirs, hear of it, then open one's own."""
    path, after = f"/doors/{order.subject}/opening", (Position(f"door-{order.subject}", 1),)
    told = await order.tell("neighbour", path, OpenDoor(), key=uuid4(), after=after)
    if isinstance(told, Refused):
        return told
    await order.heard(told.position)
    return await order.execute(DOOR, order.subject, OpenDoor())


MAY = allow(Role.COORDINATOR)
OPENING = post("/doors/{door}/entry", EnterRoom, MAY, DOOR, through=enter, tries=would_enter)
NEIGHBOURLY = post(
    "/doors/{door}/call", EnterRoom, MAY, DOOR, through=ask_next_door, asks=("neighbour",)
)


@pytest.fixture
async def doors() -> Service:
    def change(surface: Surface) -> Surface:
        return replace(surface, routes=(*surface.routes[:2], OPENING))

    return await small_service(change)


async def built(doors: Service, **claims: Any) -> str:
    async with doors.client(**claims) as client:
        body = BuildDoor(colour=Colour.RED).model_dump(mode="json", exclude_none=True)
        return str((await client.post("/doors", json=body, headers=key())).json()["subject"])


async def test_a_request_of_several_commands_can_be_tried(doors: Service) -> None:
    door = await built(doors)
    async with doors.client() as client:
        before = (await client.get(f"/doors/{door}/can/EnterRoom")).json()
        entered = await client.post(f"/doors/{door}/entry", json={}, headers=key())
        after = (await client.post(f"/doors/{door}/can/EnterRoom", json={})).json()
    assert before == {"can": True}
    assert entered.status_code == 200
    assert not after["can"]
    assert [one["rule"] for one in after["unmet"]] == ["DOOR-01"]
    assert len(await doors.commits.load(f"door-{door}")) == 2


async def test_it_can_be_tried_as_of_a_moment(doors: Service) -> None:
    door = await built(doors)
    async with doors.client() as client:
        await client.post(f"/doors/{door}/entry", json={}, headers=key())
        then = {"as_of": (NOW - timedelta(days=1)).isoformat()}
        before_it_was_built = await client.get(f"/doors/{door}/can/EnterRoom", params=then)
    assert before_it_was_built.status_code == 404


async def test_what_was_known_at_a_moment_is_told(doors: Service) -> None:
    door = await built(doors)
    commands = doors.surface.commands
    (commit,) = await doors.commits.load(f"door-{door}")
    now = Trial(commit.subject, None, commands)  # type: ignore[arg-type]
    then = replace(now, as_of=NOW - timedelta(days=1))
    assert (await now.state(DOOR, commit.subject)).owner is not None
    assert (await then.state(DOOR, commit.subject)).owner is None


async def test_a_row_that_cannot_be_tried_is_not_offered() -> None:
    doors = await small_service(lambda one: replace(one, routes=(NEIGHBOURLY,)))
    async with doors.client() as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    assert "/doors/{door}/call" in paths
    assert not [path for path in paths if "/can/" in path]


async def test_a_step_may_be_taken_as_the_system(doors: Service) -> None:
    door = await built(doors)
    async with doors.client(org=str(OrganisationId(HOUSING))) as client:
        entered = await client.post(f"/doors/{door}/entry", json={}, headers=key())
    assert entered.status_code == 200
    (_, opened) = await doors.commits.load(f"door-{door}")
    assert (opened.role, opened.org) == (Role.SYSTEM, HOUSING)


async def test_another_service_is_asked_and_heard_before_one_goes_on() -> None:
    neighbour = await small_service()
    peers = MemoryPeers({"neighbour": Peer(neighbour.surface.routes, neighbour.surface.commands)})
    doors = await small_service(
        lambda one: replace(one, routes=(*one.routes[:1], NEIGHBOURLY), peers=peers)
    )
    door = await built(doors)
    for commit in await doors.commits.load(f"door-{door}"):
        await neighbour.commits.insert([commit])
    async with doors.client() as client:
        answer = await client.post(f"/doors/{door}/call", json={}, headers=key())
    assert answer.status_code == 200
    (letter,) = peers.sent
    assert letter.after == (Position(f"door-{door}", 1),)
    assert letter.authorization == answer.request.headers["authorization"]
    assert ((Position(f"door-{door}", 2),), ()) in doors.waited


def test_a_service_without_the_address_of_whom_it_asks_does_not_start() -> None:
    class Settings:
        service_urls = {"other": "http://other"}

    with pytest.raises(WrongSettings, match=r"RJHUB_SERVICE_URLS.*neighbour"):
        read_addresses(Settings(), (NEIGHBOURLY,))  # type: ignore[arg-type]
    assert read_addresses(Settings(), (OPENING,)) == {}  # type: ignore[arg-type]
