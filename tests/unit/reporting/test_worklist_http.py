"""Work lists over HTTP: whose cases, in which order, and page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import Position
from contracts.facilitation.ids import FacilitatorId
from contracts.fields import OrganisationId, Role
from contracts.referral_course import CaseHeld, CloseCode, HoldReason
from kernel.clock import FixedClock
from kernel.project.memory import MemoryDocuments
from kernel.project.port import Document, Parked, Why, Written
from kernel.rebuild.views import Live
from kernel.testing.spec import an_id
from services.reporting.app import SERVICE
from services.reporting.projections.to_do.project import TO_DO
from tests.support_http import HOUSING, HUB, POLICE, Service, small_service
from tests.unit.reporting.quarter import FIRST, case, closed
from tests.unit.reporting.story import ACCEPTED, SCREENED, Story, document
from tests.unit.reporting.test_to_do import ASSIGNED

NOW = FIRST + timedelta(days=4)
ME = FacilitatorId(an_id("me"))
MINE = ASSIGNED.model_copy(update={"facilitator_id": ME})
ON_HOLD = CaseHeld(reason=HoldReason.OTHER, review_at=NOW + timedelta(days=5))
FAR_OFF = CaseHeld(reason=HoldReason.OTHER, review_at=NOW + timedelta(days=50))


def cases() -> Iterable[Story]:
    yield case("new")
    yield case("held", SCREENED, ON_HOLD)
    yield case("far off", SCREENED, FAR_OFF)
    yield case("mine", SCREENED, ACCEPTED, MINE)
    yield case("over", closed(CloseCode.UNSAFE))
    housing = Story(case=an_id("housing"), now=FIRST)
    event = case("housing").told[0].event
    housing.tell("referral", event, controller=OrganisationId(HOUSING))
    yield housing


@pytest.fixture(scope="module")
def worked_on() -> list[Document]:
    return [replace(document(TO_DO, one.told), id=one.case, revision=0) for one in cases()]


@pytest.fixture
async def reporting(worked_on: list[Document]) -> Service:
    documents = MemoryDocuments()
    assert set(await documents.write(TO_DO.view, worked_on)) == {Written()}
    service = await small_service(
        lambda surface: replace(
            surface,
            name="reporting",
            routes=SERVICE.routes,
            documents=documents,
            live=Live(SERVICE.projections),
            clock=FixedClock(NOW),
        ),
    )
    service.documents = documents
    return service


async def page(
    service: Service, query: str = "", role: Role = Role.COORDINATOR, org: UUID = HUB, sub: str = ""
) -> dict[str, Any]:
    claims = {"sub": sub} if sub else {}
    async with service.client(role=role.value, org=str(org), **claims) as client:
        answer = await client.get(f"/worklist{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def items(service: Service, query: str = "", **who: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await page(service, query, **who))["items"]
    return found


def of(found: list[dict[str, Any]], name: str) -> list[tuple[str, str]]:
    return [(one["urgency"], one["rule"]["id"]) for one in found if one["case"] == str(an_id(name))]


async def test_what_is_overdue_due_or_blocked_is_listed_with_its_rule(reporting: Service) -> None:
    found = await items(reporting)
    assert of(found, "new") == [("overdue", "DUE-01"), ("due", "DUE-02")]
    assert of(found, "held") == [("due", "DUE-02"), ("due", "DUE-04"), ("blocked", "REF-26")]
    assert of(found, "mine") == [("due", "DUE-02"), ("blocked", "CON-17")]
    assert found[0]["rule"]["words"] == "A referral is screened within two working days."
    assert found[0]["due_at"] == "2026-03-05T00:00:00Z"
    assert (found[0]["status"], found[0]["setting"]) == ("requested", "family")


async def test_the_most_pressing_comes_first(reporting: Service) -> None:
    found = await items(reporting)
    order = [(one["urgency"], one["due_at"]) for one in found]
    by_urgency = ["overdue", "due", "blocked"]
    assert order == sorted(order, key=lambda one: (by_urgency.index(one[0]), one[1] or ""))


async def test_what_is_far_off_is_not_listed_yet(reporting: Service) -> None:
    assert of(await items(reporting), "far off") == [("due", "DUE-02"), ("blocked", "REF-26")]


async def test_a_case_that_is_over_is_not_listed(reporting: Service) -> None:
    assert of(await items(reporting), "over") == []


async def test_a_facilitator_sees_their_own_cases_alone(reporting: Service) -> None:
    for org in (HUB, POLICE):
        mine = await items(reporting, role=Role.FACILITATOR, org=org, sub=str(ME))
        assert {one["case"] for one in mine} == {str(an_id("mine"))}
    assert await items(reporting, role=Role.FACILITATOR, sub=str(an_id("somebody else"))) == []


async def test_a_coordinator_sees_the_cases_that_their_organisation_answers_for(
    reporting: Service,
) -> None:
    housing = {str(an_id("housing"))}
    everybody = {one["case"] for one in await items(reporting)}
    assert housing < everybody
    assert {one["case"] for one in await items(reporting, org=HOUSING)} == housing
    assert {one["case"] for one in await items(reporting, org=POLICE)} == everybody - housing


async def test_a_list_may_be_asked_for_what_is_overdue(reporting: Service) -> None:
    found = await items(reporting, "?urgency=overdue")
    assert {one["urgency"] for one in found} == {"overdue"}
    assert {one["case"] for one in found} == {str(an_id("new")), str(an_id("housing"))}


async def test_it_comes_page_by_page(reporting: Service) -> None:
    whole = await items(reporting)
    pages = [await page(reporting, "?limit=4")]
    while cursor := pages[-1]["next"]:
        pages.append(await page(reporting, f"?limit=4&cursor={cursor}"))
    assert [one for part in pages for one in part["items"]] == whole
    assert len({one["id"] for one in whole}) == len(whole)


async def test_who_does_no_casework_has_no_list(reporting: Service) -> None:
    for role in (Role.ANALYST, Role.OFFICER, Role.REFERRER, Role.OPERATIONS):
        async with reporting.client(role=role.value, org=str(HUB)) as client:
            assert (await client.get("/worklist")).status_code == 403


async def test_a_case_whose_first_event_waits_to_be_repaired_is_not_listed(
    reporting: Service,
) -> None:
    lost = an_id("lost")
    parked = Parked(1, Why.UNDECODABLE, "", Position(f"referral-{lost}", 1), NOW)
    await reporting.documents.write(TO_DO.view, [Document(lost, parked=parked)])
    assert of(await items(reporting), "lost") == []
