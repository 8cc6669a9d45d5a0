"""Operations see which view answers, have another one made, and take it or leave it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from kernel.rebuild.views import Live
from tests.support_folds import ALICE, step, walk
from tests.support_http import Service, small_service
from tests.support_rebuild import Hub, Process

OPERATIONS = {"role": "operations"}


@pytest.fixture
async def process() -> Process:
    hub = Hub()
    found = await hub.start(walk())
    hub.world.publish(step(1), step(2))
    await found.drain()
    return found


@pytest.fixture
async def service(process: Process) -> Service:
    return await small_service(lambda surface: replace(surface, feeding=process.feeding))


async def told(service: Service) -> Any:
    async with service.client(**OPERATIONS) as client:
        answer = await client.get("/rebuilds")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def ask(service: Service, what: str, **body: Any) -> httpx.Response:
    async with service.client(**OPERATIONS) as client:
        return await client.post(f"/rebuilds/{what}", json=body)


async def test_a_read_model_is_made_anew_and_answers(service: Service, process: Process) -> None:
    assert await told(service) == [
        {"read_model": "walk", "answers": "walk__1", "made": None, "kept": []}
    ]
    begun = await ask(service, "begin", read_model="walk")
    assert begun.json() == {"read_model": "walk", "view": "walk__1_2"}
    await process.step()
    assert [one["made"] for one in await told(service)] == ["walk__1_2"]
    await process.settle()
    assert await told(service) == [
        {"read_model": "walk", "answers": "walk__1_2", "made": None, "kept": ["walk__1"]}
    ]
    discarded = await ask(service, "discard", read_model="walk")
    assert discarded.json() == {"read_model": "walk", "views": ["walk__1"]}
    assert [one["kept"] for one in await told(service)] == [[]]


async def test_what_does_not_fit_is_refused_in_words(service: Service) -> None:
    for what in ("accept", "stop"):
        refused = await ask(service, what, read_model="walk")
        assert refused.status_code == 409
        assert refused.json()["detail"] == "walk__1 answers; nothing is being made."
    await ask(service, "begin", read_model="walk")
    again = await ask(service, "begin", read_model="walk")
    assert again.json()["detail"] == "walk__1_2 is being made already."
    stopped = await ask(service, "stop", read_model="walk")
    assert stopped.json() == {"read_model": "walk", "view": "walk__1"}


@pytest.mark.parametrize("what", ["begin", "accept", "stop", "discard"])
async def test_no_other_read_model_is_there_to_be_made(service: Service, what: str) -> None:
    assert (await ask(service, what, read_model="unknown")).status_code == 404
    wrong = await ask(service, what, read_model="Jane Doe")
    assert wrong.status_code == 422
    assert "Jane" not in wrong.text


async def test_what_has_no_view_yet_is_not_answered() -> None:
    service = await small_service(lambda surface: replace(surface, live=Live()))
    async with service.client() as client:
        answer = await client.get(f"/doors/{ALICE}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["detail"] == "What answers this is being made from the log."
