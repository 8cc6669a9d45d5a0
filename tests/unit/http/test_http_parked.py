"""Operations see all that waits, page by page, and give up what nobody can read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from kernel.http import parked
from tests.support_consume import CONSUMER, World
from tests.support_folds import partition_of, step, undecodable, unreadable, walk
from tests.support_http import Service, small_service
from tests.support_rebuild import Hub

HERE = partition_of(step(1).envelope)


@pytest.fixture
async def world() -> World:
    """Two records that nobody can read, and an event that holds its document."""
    world = World()
    world.publish(unreadable(HERE), undecodable(step(1)), unreadable(HERE))
    await (await world.start()).drain()
    return world


@pytest.fixture
async def service(world: World) -> Service:
    return await small_service(lambda surface: replace(surface, parking=world.parking))


async def ask(service: Service, method: str, path: str, **body: Any) -> httpx.Response:
    async with service.client(role="operations") as client:
        return await client.request(method, path, json=body or None)


async def listed(service: Service) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await ask(service, "GET", f"/parked?cursor={cursor}")).json()
        found += page["items"]
        cursor = page["next"]
    return found


@pytest.mark.parametrize("most", [1, 2, 3, 1000])
async def test_all_that_waits_is_listed_however_long_a_page_is(
    service: Service, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(parked, "MOST_LISTED", most)
    assert sorted(one["why"] for one in await listed(service)) == [
        "undecodable event",
        "unreadable envelope",
        "unreadable envelope",
    ]


async def test_a_record_that_nobody_can_read_is_given_up_by_its_id(service: Service) -> None:
    first, second = [one["id"] for one in await listed(service) if one["document"] is None]
    driven = await ask(service, "POST", "/parked/drive")
    assert driven.json()["unreadable"] == 2
    given_up = {"record": first, "reason": "malformed"}
    dropped = await ask(service, "POST", "/parked/drop-record", **given_up)
    assert (dropped.status_code, dropped.json()["unreadable"]) == (200, 1)
    assert second in {one["id"] for one in await listed(service)}
    assert first not in {one["id"] for one in await listed(service)}
    again = await ask(service, "POST", "/parked/drop-record", **given_up)
    assert again.status_code == 404


async def test_what_nobody_can_read_counts_as_parked() -> None:
    process = await Hub().start(walk())
    assert process.feeding.parked({CONSUMER: 2, "walk__1": 1}) == {"walk": 1, CONSUMER: 2}
