"""Who sees which case over HTTP, and how much of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.envelope import Event, Position
from contracts.facilitation.ids import FacilitatorId
from contracts.fields import Role
from contracts.referral import ReferralDeclined
from contracts.terms import Setting
from kernel.project.memory import MemoryDocuments
from kernel.project.port import Document, Parked, Why, Written
from kernel.rebuild.views import Live
from kernel.testing.spec import CASE, NOW, an_id
from services.reporting.app import SERVICE
from services.reporting.projections.case_status.project import CASE_STATUS
from services.reporting.projections.timeline.project import TIMELINE
from tests.support_http import HOUSING, HUB, POLICE, Service, small_service
from tests.unit.reporting.story import SCREENED, Story, agreed_and_lost, document, requested
from tests.unit.reporting.test_case_status import ASSIGNED, FACILITATOR, UNASSIGNED

CASE_PATH, TIMELINE_PATH = f"/cases/{CASE}", f"/cases/{CASE}/timeline"
READS = sorted(set(Role) - {Role.SYSTEM, Role.ANALYST, Role.POLICE_FEED, Role.OPERATIONS})
# A facilitator sees the cases they work on, and no other of their organisation.
OF_ORGANISATION = [one for one in READS if one is not Role.FACILITATOR]


def new(story: Story) -> dict[str, Document]:
    """What each view holds of it."""
    return {one.view: document(one, story.told) for one in SERVICE.projections}


async def keep(documents: MemoryDocuments, found: dict[str, Document]) -> None:
    for view, one in found.items():
        before = await documents.get(view, one.id)
        kept = replace(one, revision=before.revision if before else 0)
        assert await documents.write(view, [kept]) == [Written()]


@pytest.fixture(scope="module")
def lost() -> dict[str, Document]:
    return new(agreed_and_lost())


@pytest.fixture
async def reporting(lost: dict[str, Document]) -> Service:
    documents = MemoryDocuments()
    service = await small_service(
        lambda surface: replace(
            surface,
            name="reporting",
            routes=SERVICE.routes,
            documents=documents,
            live=Live(SERVICE.projections),
        ),
    )
    service.documents = documents
    await keep(documents, lost)
    return service


async def ask(
    service: Service, path: str, role: Role, org: UUID = HUB, who: UUID | None = None
) -> httpx.Response:
    claims = {"sub": str(who)} if who else {}
    async with service.client(role=role.value, org=str(org), **claims) as client:
        return await client.get(path)


async def told(
    service: Service, path: str, role: Role, org: UUID = HUB, who: UUID | None = None
) -> Any:
    answer = await ask(service, path, role, org, who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_case_is_shown_with_what_people_said(reporting: Service) -> None:
    case = await told(reporting, CASE_PATH, Role.COORDINATOR)
    assert case["status"] == "accepted"
    assert case["participants"] == {"victim": 1, "offender": 1, "supporter": 1}
    said = {one["role"]: {it["said"] for it in one["answers"]} for one in case["consents"]}
    assert said == {"victim": {"withdrawn"}, "offender": {"yes"}, "supporter": set()}
    assert case["agreed_methods"] == []
    assert case["versions"][f"consent-{CASE}"] == 9


async def test_the_hub_and_the_organisations_of_a_case_see_it_and_no_others(
    reporting: Service,
) -> None:
    statuses = {HUB: 200, POLICE: 200, HOUSING: 404}
    for role, path, org in product(OF_ORGANISATION, (CASE_PATH, TIMELINE_PATH), statuses):
        assert (await ask(reporting, path, role, org)).status_code == statuses[org]


async def test_who_does_no_casework_sees_no_case(reporting: Service) -> None:
    apart = (Role.ANALYST, Role.POLICE_FEED, Role.OPERATIONS)
    for role, path in product(apart, ("/cases", CASE_PATH, TIMELINE_PATH)):
        assert (await ask(reporting, path, role)).status_code == 403


async def test_only_who_oversees_a_case_or_works_on_it_sees_what_single_people_said(
    reporting: Service,
) -> None:
    for role, org in product(OF_ORGANISATION, (HUB, POLICE)):
        staff = role in (Role.COORDINATOR, Role.SUPERVISOR)
        case = await told(reporting, CASE_PATH, role, org)
        assert (case["consents"] is not None) is staff
        entries = (await told(reporting, TIMELINE_PATH, role, org))["items"]
        assert any("took back" in one["words"] for one in entries) is staff
        assert any("took back" in (one["cause"] or "") for one in entries) is staff


async def test_an_organisation_that_is_no_controller_does_not_see_what_people_said(
    reporting: Service,
) -> None:
    story = Story(case=an_id("other case"))
    story.tell("referral", requested(organisation=HOUSING), controller=POLICE)
    await keep(reporting.documents, new(story))
    path = f"/cases/{story.case}"
    assert (await told(reporting, path, Role.SUPERVISOR, HOUSING))["consents"] is None
    assert (await told(reporting, path, Role.SUPERVISOR, POLICE))["consents"] is not None


def worked_on(*later: Event) -> Story:
    """A case that the police answer for and a facilitator of the housing association works on."""
    story = agreed_and_lost()
    for event in (ASSIGNED.model_copy(update={"organisation": HOUSING}), *later):
        story.tell("facilitation", event)
    return story


async def works_on_it(service: Service, org: UUID, who: UUID) -> bool:
    """Whether this facilitator sees the case, with who said what; address by address the same."""
    listed = (await told(service, "/cases", Role.FACILITATOR, org, who))["items"]
    answers = [
        await ask(service, path, Role.FACILITATOR, org, who) for path in (CASE_PATH, TIMELINE_PATH)
    ]
    if not listed:
        assert [one.status_code for one in answers] == [404, 404]
        return False
    case, timeline = (one.json() for one in answers)
    assert [one["case"] for one in listed] == [str(CASE)]
    assert case["consents"] is not None
    assert any("took back" in one["words"] for one in timeline["items"])
    return True


async def test_a_facilitator_sees_the_cases_they_work_on_and_no_other(reporting: Service) -> None:
    await keep(reporting.documents, new(worked_on()))
    assert await works_on_it(reporting, HOUSING, FACILITATOR)
    for org in (HUB, POLICE, HOUSING):
        assert not await works_on_it(reporting, org, an_id("a colleague"))


async def test_a_facilitator_of_the_hub_sees_the_cases_they_work_on_and_no_other(
    reporting: Service,
) -> None:
    story, colleague = agreed_and_lost(), an_id("a colleague")
    story.tell("facilitation", ASSIGNED.model_copy(update={"organisation": HUB}))
    await keep(reporting.documents, new(story))
    assert await works_on_it(reporting, HUB, FACILITATOR)
    assert not await works_on_it(reporting, HUB, colleague)
    for query in ("?status=accepted", "?setting=post_court"):
        page = await told(reporting, f"/cases{query}", Role.FACILITATOR, HUB, colleague)
        assert page["items"] == []


async def test_an_organisation_whose_facilitator_was_taken_off_sees_the_case_no_longer(
    reporting: Service,
) -> None:
    await keep(reporting.documents, new(worked_on(UNASSIGNED)))
    for role, path in product(READS, (CASE_PATH, TIMELINE_PATH)):
        assert (await ask(reporting, path, role, HOUSING, FACILITATOR)).status_code == 404
    assert (await told(reporting, "/cases", Role.OFFICER, HOUSING))["items"] == []
    assert not await works_on_it(reporting, HOUSING, FACILITATOR)
    assert not await works_on_it(reporting, POLICE, FACILITATOR)


async def test_it_still_sees_it_while_another_of_its_facilitators_works_on_it(
    reporting: Service,
) -> None:
    other = FacilitatorId(an_id("a colleague"))
    co = ASSIGNED.model_copy(update={"organisation": HOUSING, "facilitator_id": other})
    await keep(reporting.documents, new(worked_on(co, UNASSIGNED)))
    assert await works_on_it(reporting, HOUSING, other)
    assert not await works_on_it(reporting, HOUSING, FACILITATOR)


async def test_who_asked_for_a_case_or_answers_for_it_sees_it_without_a_facilitator(
    reporting: Service,
) -> None:
    theirs = ASSIGNED.model_copy(update={"organisation": POLICE})
    story = agreed_and_lost()
    story.tell("facilitation", theirs, UNASSIGNED)
    await keep(reporting.documents, new(story))
    for path in (CASE_PATH, TIMELINE_PATH):
        assert (await ask(reporting, path, Role.OFFICER, POLICE)).status_code == 200


async def test_an_unknown_case_is_not_found(reporting: Service) -> None:
    other = an_id("unknown")
    for path in (f"/cases/{other}", f"/cases/{other}/timeline"):
        assert (await ask(reporting, path, Role.COORDINATOR)).status_code == 404


async def test_a_case_whose_first_event_waits_to_be_repaired_is_not_found(
    reporting: Service,
) -> None:
    case = an_id("parked")
    parked = Parked(1, Why.UNDECODABLE, "", Position(f"referral-{case}", 1), NOW)
    for view in (CASE_STATUS.view, TIMELINE.view):
        await reporting.documents.write(view, [Document(case, parked=parked)])
    for path in (f"/cases/{case}", f"/cases/{case}/timeline"):
        assert (await ask(reporting, path, Role.COORDINATOR)).status_code == 404
    listed = await told(reporting, "/cases", Role.COORDINATOR)
    assert [one["case"] for one in listed["items"]] == [str(CASE)]


async def test_a_case_that_stands_still_says_so(reporting: Service) -> None:
    story = Story(case=an_id("stuck"))
    story.tell("referral", requested())
    kept = document(CASE_STATUS, story.told)
    parked = Parked(1, Why.FAILING, "", Position(f"referral-{story.case}", 2), NOW)
    await reporting.documents.write(CASE_STATUS.view, [replace(kept, revision=0, parked=parked)])
    assert (await told(reporting, f"/cases/{story.case}", Role.COORDINATOR))["parked"] is True


class TestWorkList:
    DECLINED = ReferralDeclined(reasons=(), signposted_to=())

    async def cases(self, service: Service, query: str = "", org: UUID = HUB) -> set[str]:
        page = await told(service, f"/cases{query}", Role.OFFICER, org)
        assert page["next"] is None
        return {one["case"] for one in page["items"]}

    async def add(self, service: Service, name: str, *events: Event, **fields: Any) -> str:
        story = Story(case=an_id(name))
        for event in (requested(**fields), *events):
            story.tell("referral", event, controller=fields.get("organisation", POLICE))
        await keep(service.documents, new(story))
        return str(story.case)

    async def test_the_work_list_holds_open_cases_or_those_of_one_status(
        self, reporting: Service
    ) -> None:
        screening = await self.add(reporting, "screening", SCREENED)
        declined = await self.add(reporting, "declined", SCREENED, self.DECLINED)
        assert await self.cases(reporting) == {str(CASE), screening}
        assert await self.cases(reporting, "?status=declined") == {declined}
        assert await self.cases(reporting, "?status=screening") == {screening}

    async def test_the_work_list_holds_the_cases_of_one_setting(self, reporting: Service) -> None:
        family = await self.add(reporting, "family", setting=Setting.FAMILY)
        assert await self.cases(reporting, "?setting=family") == {family}
        assert await self.cases(reporting, "?setting=family&status=accepted") == set()

    async def test_the_work_list_holds_ones_own_cases_only(self, reporting: Service) -> None:
        housing = await self.add(reporting, "housing", organisation=HOUSING)
        assert await self.cases(reporting, org=HOUSING) == {housing}
        assert await self.cases(reporting, org=POLICE) == {str(CASE)}
        assert await self.cases(reporting) == {str(CASE), housing}

    async def test_the_work_list_comes_page_by_page(self, reporting: Service) -> None:
        names = {await self.add(reporting, f"case {one}") for one in range(4)} | {str(CASE)}
        pages: list[Any] = [await told(reporting, "/cases?limit=2", Role.OFFICER)]
        while cursor := pages[-1]["next"]:
            pages.append(await told(reporting, f"/cases?limit=2&cursor={cursor}", Role.OFFICER))
        listed = [[one["case"] for one in page["items"]] for page in pages]
        assert [len(one) for one in listed] == [2, 2, 1]
        assert set().union(*listed) == names

    async def test_the_work_list_refuses_what_it_does_not_know(self, reporting: Service) -> None:
        for name, value in (("status", "sleeping"), ("setting", "prison"), ("limit", "101")):
            answer = await ask(reporting, f"/cases?{name}={value}", Role.COORDINATOR)
            assert answer.status_code == 422
            assert [one["field"] for one in answer.json()["errors"]] == [f"query.{name}"]


async def test_a_timeline_comes_page_by_page(reporting: Service) -> None:
    whole = await told(reporting, TIMELINE_PATH, Role.COORDINATOR)
    assert whole["next"] is None
    first = await told(reporting, f"{TIMELINE_PATH}?limit=10", Role.COORDINATOR)
    rest = await told(reporting, f"{TIMELINE_PATH}?cursor={first['next']}", Role.COORDINATOR)
    assert len(first["items"]) == 10
    assert first["items"] + rest["items"] == whole["items"]
    exact = await told(reporting, f"{TIMELINE_PATH}?limit=17", Role.COORDINATOR)
    assert (len(exact["items"]), exact["next"]) == (17, None)


async def test_a_timeline_has_no_page_behind_an_event_that_is_not_in_it(
    reporting: Service,
) -> None:
    answer = await ask(reporting, f"{TIMELINE_PATH}?cursor={an_id('?')}", Role.COORDINATOR)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.cursor"


async def test_a_reader_may_wait_for_what_they_wrote(reporting: Service) -> None:
    place = Position(f"referral-{CASE}", 4)
    async with reporting.client() as client:
        for path in (CASE_PATH, TIMELINE_PATH, "/cases"):
            await client.get(path, headers={"After": str(place)})
    asked = [((place,), (name,)) for name in ("case_status", "timeline", "case_status")]
    assert reporting.waited == asked
