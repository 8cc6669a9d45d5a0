"""A small quarter is played on a running hub, and reporting tells what was played."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rjhub.demo.caller import Caller, calling
from rjhub.demo.play import play
from rjhub.demo.quarter import Course, Planned, small_quarter
from rjhub.demo.stories import Case
from tests.support_hub import Hub

pytestmark = pytest.mark.timeout(180)

PLAN = small_quarter(20)


@pytest.fixture(scope="module")
async def caller(hub: Hub) -> AsyncIterator[Caller]:
    async with calling(hub.file) as caller:
        yield caller


@pytest.fixture(scope="module")
async def cases(caller: Caller) -> list[Case]:
    return await play(caller, PLAN)


async def told(caller: Caller, case: Case, path: str = "") -> dict[str, object]:
    url = f"/cases/{case.id}{path}"
    answer = await caller.ask("reporting", url, role="supervisor", after=case.after)
    assert answer.is_success, answer.text
    found: dict[str, object] = answer.json()
    return found


def standing(plan: Planned) -> str:
    return "declined" if plan.course is Course.DECLINED_AT_SCREENING else "closed"


async def test_every_case_ends_as_planned(caller: Caller, cases: list[Case]) -> None:
    for case in cases:
        found = await told(caller, case)
        assert (case.plan, found["status"]) == (case.plan, standing(case.plan))
