"""Figures and work lists of a running hub follow what happens in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rjhub.client import Json
from tests.support_casework import Case, Desk, agreed
from tests.support_hub import Hub


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


async def ask(desk: Desk, path: str, after: str = "", role: str = "coordinator") -> Json:
    answer = await desk.ask("reporting", path, after=after, role=role)
    assert answer.is_success, answer.text
    found: Json = answer.json()
    return found


async def take_up(desk: Desk, after: str = "") -> Json:
    (figure,) = (await ask(desk, "/figures/take_up?setting=criminal_investigation", after))[
        "figures"
    ]
    found: Json = figure
    return found


async def test_a_figure_follows_a_case_and_drills_down_to_it(desk: Desk) -> None:
    before = await take_up(desk)
    case = await agreed(desk)
    after = await take_up(desk, case.at)
    grown = [after[name] - before[name] for name in ("numerator", "denominator")]
    assert grown == [1, 1]
    cases = await ask(desk, "/figures/take_up/cases?limit=100")
    found = next(one for one in cases["items"] if one["case"] == case.id)
    assert found["counted"]["stream"] == f"consent-{case.id}"


async def test_an_analyst_sees_figures_and_no_small_cell(desk: Desk) -> None:
    case = await desk.refer(setting="school_college", stage="not_criminal")
    figures = (await ask(desk, "/figures", case.at, "analyst"))["figures"]
    cells = [cell for one in figures for cell in (one, *one["by_setting"].values())]
    assert all(cell["numerator"] is None or cell["numerator"] >= 5 for cell in cells)


async def test_a_new_case_is_on_the_work_list_until_it_is_screened(desk: Desk) -> None:
    case = await desk.refer()
    assert "DUE-01" in await listed(desk, case)
    await case.accept()
    rules = await listed(desk, case)
    assert "DUE-01" not in rules
    assert "CON-17" in rules


async def listed(desk: Desk, case: Case) -> set[str]:
    found, page = list[Json](), await ask(desk, "/worklist?limit=100", case.at)
    found += page["items"]
    while page["next"]:
        page = await ask(desk, f"/worklist?limit=100&cursor={page['next']}")
        found += page["items"]
    return {one["rule"]["id"] for one in found if one["case"] == case.id}
