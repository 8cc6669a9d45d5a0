"""Figures over HTTP: who sees which numbers, and the cases behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.envelope import Position
from contracts.fields import Role
from contracts.referral_course import CloseCode, ContactOutcome
from contracts.terms import Setting
from kernel.clock import FixedClock
from kernel.project.memory import MemoryDocuments
from kernel.project.port import Document, Parked, Why, Written
from kernel.rebuild.views import Live
from kernel.testing.spec import an_id
from services.reporting.app import SERVICE
from services.reporting.kpi.figures import FIGURES
from services.reporting.projections.milestones.project import MILESTONES
from tests.support_http import HUB, POLICE, Service, small_service
from tests.unit.reporting.quarter import (
    DECLINED,
    FIRST,
    NOW,
    agreed,
    case,
    closed,
    contacted,
    kept,
    met,
)
from tests.unit.reporting.story import ACCEPTED, SCREENED, Story

STAFF = (Role.COORDINATOR, Role.SUPERVISOR)
NO_CONTACT = closed(CloseCode.NO_CONTACT)
QUARTER = (
    *(agreed(f"agreed {n}", setting=Setting.POST_COURT) for n in range(7)),
    *(case(f"open {n}", setting=Setting.POST_COURT, days=40) for n in range(8)),
    *(case(f"gone {n}", NO_CONTACT, setting=Setting.FAMILY) for n in range(3)),
    *(case(f"unsafe {n}", closed(CloseCode.UNSAFE), setting=Setting.FAMILY) for n in range(6)),
)

ENDED = (
    *(case(f"unscreened {n}", closed(CloseCode.NO_CONTACT)) for n in range(9)),
    *(case(f"unsafe {n}", closed(CloseCode.UNSAFE)) for n in range(3)),
    *(case(f"declined {n}", SCREENED, DECLINED) for n in range(8)),
    *(case(f"no {n}", SCREENED, ACCEPTED, closed(CloseCode.VICTIM_DECLINED)) for n in range(10)),
    *(agreed(f"gone {n}", closed(CloseCode.VICTIM_WITHDREW)) for n in range(11)),
    *(agreed(f"met {n}", met(), closed(CloseCode.COMPLETED_NO_AGREEMENT)) for n in range(12)),
)


def new(stories: Iterable[Story]) -> list[Document]:
    return [replace(kept(one), revision=0) for one in stories]


async def service_with(found: list[Document]) -> Service:
    documents = MemoryDocuments()
    assert set(await documents.write(MILESTONES.view, found)) <= {Written()}
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


@pytest.fixture(scope="module")
def quarter() -> list[Document]:
    return new(QUARTER)


@pytest.fixture
async def reporting(quarter: list[Document]) -> Service:
    return await service_with(quarter)


async def ask(service: Service, path: str, role: Role, org: UUID = HUB) -> httpx.Response:
    async with service.client(role=role.value, org=str(org)) as client:
        return await client.get(path)


async def told(
    service: Service, path: str, role: Role = Role.COORDINATOR, org: UUID = HUB
) -> dict[str, Any]:
    answer = await ask(service, path, role, org)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def figure(
    service: Service, name: str, query: str = "", role: Role = Role.COORDINATOR, org: UUID = HUB
) -> dict[str, Any]:
    (one,) = (await told(service, f"/figures/{name}{query}", role, org))["figures"]
    found: dict[str, Any] = one
    return found


async def test_every_figure_is_told_with_its_numbers(reporting: Service) -> None:
    answer = await told(reporting, "/figures")
    assert [one["name"] for one in answer["figures"]] == [one.name for one in FIGURES]
    assert answer["as_of"] == NOW.isoformat().replace("+00:00", "Z")
    take_up = next(one for one in answer["figures"] if one["name"] == "take_up")
    assert (take_up["numerator"], take_up["denominator"]) == (7, 24)
    assert (take_up["value"], take_up["unit"], take_up["suppressed"]) == (29.2, "%", False)
    assert take_up == await figure(reporting, "take_up")


async def test_a_figure_is_told_by_setting_and_by_month(reporting: Service) -> None:
    found = await figure(reporting, "referrals")
    by_setting = {name: one["value"] for name, one in found["by_setting"].items()}
    assert by_setting == dict.fromkeys(Setting, 0) | {"post_court": 15, "family": 9}
    by_month = {name: one["value"] for name, one in found["by_month"].items()}
    assert by_month == {"2026-03": 16, "2026-04": 8}


async def test_a_figure_may_be_asked_of_one_setting_and_one_month(reporting: Service) -> None:
    found = await figure(reporting, "take_up", "?setting=post_court&month=2026-03")
    assert (found["numerator"], found["denominator"], found["value"]) == (7, 7, 100.0)
    assert set(found["by_setting"]) == {"post_court"}
    assert set(found["by_month"]) == {"2026-03"}
    none = await figure(reporting, "take_up", "?month=2025-01")
    assert (none["numerator"], none["denominator"], none["value"]) == (0, 0, None)


async def test_a_figure_of_endings_is_told_by_code(reporting: Service) -> None:
    found = await figure(reporting, "endings")
    assert found["by_code"] == {"no_contact": 3, "unsafe": 6}
    assert (await figure(reporting, "take_up"))["by_code"] is None


async def test_a_time_has_a_ninth_decile_and_a_plain_number_no_denominator() -> None:
    stories = [case("one", contacted(ContactOutcome.REACHED, FIRST))]
    service = await service_with(new(stories))
    found = await figure(service, "time_to_contact")
    assert (found["unit"], found["value"], found["p90"]) == ("days", 0.0, 0.0)
    assert (await figure(service, "referrals"))["denominator"] is None


async def test_without_cases_a_share_is_null() -> None:
    found = await figure(await service_with([]), "take_up")
    assert (found["numerator"], found["denominator"], found["value"]) == (0, 0, None)


class TestWithoutCases:
    """Whoever sees no cases sees no small cells."""

    @pytest.mark.parametrize(
        ("role", "org"),
        [
            (Role.ANALYST, HUB),
            (Role.ANALYST, POLICE),
            (Role.PROVIDER_MANAGER, HUB),
            (Role.COORDINATOR, POLICE),
        ],
    )
    async def test_small_cells_are_left_out(
        self, reporting: Service, role: Role, org: UUID
    ) -> None:
        found = await figure(reporting, "referrals", "", role, org)
        assert (found["numerator"], found["value"], found["suppressed"]) == (24, 24, False)
        assert found["by_setting"]["school_college"] == {
            "numerator": None,
            "denominator": None,
            "value": None,
            "p90": None,
            "suppressed": True,
        }

    async def test_no_number_below_five_is_told_whatever_is_asked(self, reporting: Service) -> None:
        for query in ("", "?setting=family", "?month=2026-04", "?setting=family&month=2026-03"):
            answer = await told(reporting, f"/figures{query}", Role.ANALYST)
            for one in answer["figures"]:
                every = (one, *one["by_setting"].values(), *one["by_month"].values())
                counts = {cell[name] for cell in every for name in ("numerator", "denominator")}
                assert all(count is None or count >= 5 for count in counts), one["name"]
                assert all(cell["value"] is None for cell in every if cell["suppressed"])

    async def test_codes_are_told_of_the_whole_alone(self) -> None:
        ended = await service_with(new(ENDED))
        whole = await figure(ended, "endings", "", Role.ANALYST)
        assert whole["by_code"]["unsafe"] is None
        assert whole["by_code"]["victim_withdrew"] == 11
        part = await figure(ended, "endings", "?setting=family", Role.ANALYST)
        assert part["by_code"] is None

    @pytest.mark.parametrize("query", ["", "?setting=family", "?month=2026-03"])
    async def test_what_one_figure_hides_no_other_one_tells(self, query: str) -> None:
        """Of fifteen cases three were declined, which the accepted ones would tell."""
        stories = (
            *(agreed(f"agreed {n}") for n in range(12)),
            *(case(f"declined {n}", SCREENED, DECLINED) for n in range(3)),
        )
        service = await service_with(new(stories))
        answer = await told(service, f"/figures{query}", Role.ANALYST)
        found = {one["name"]: one for one in answer["figures"]}
        assert (found["acceptance"]["numerator"], found["acceptance"]["denominator"]) == (None, 15)
        for name in ("dual_consent", "attrition_before_consent", "time_to_consent"):
            alone = await figure(service, name, query, Role.ANALYST)
            assert found[name] == alone
            assert (alone["denominator"], alone["value"], alone["suppressed"]) == (None, None, True)
            assert (await figure(service, name, query))["denominator"] == 12

    async def test_what_is_hidden_does_not_depend_on_what_is_asked(
        self, reporting: Service
    ) -> None:
        whole = await figure(reporting, "take_up", "", Role.ANALYST)
        for setting in Setting:
            part = await figure(reporting, "take_up", f"?setting={setting}", Role.ANALYST)
            told_as = {name: part[name] for name in whole["by_setting"][setting]}
            assert told_as == whole["by_setting"][setting]

    async def test_no_case_is_shown(self, reporting: Service) -> None:
        for role, org in ((Role.ANALYST, HUB), (Role.COORDINATOR, POLICE)):
            answer = await ask(reporting, "/figures/take_up/cases", role, org)
            assert answer.status_code == 403


class TestCases:
    """The cases behind a figure."""

    async def all(self, service: Service, name: str, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            path = f"/figures/{name}/cases?limit=17{cursor}{query}"
            page = await told(service, path, Role.SUPERVISOR)
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    @pytest.mark.parametrize("one", FIGURES, ids=lambda one: one.name)
    async def test_they_add_up_to_it(self, reporting: Service, one: Any) -> None:
        cases = await self.all(reporting, one.name)
        found = await figure(reporting, one.name)
        assert len({case["case"] for case in cases}) == len(cases)
        assert found["denominator"] in (None, len(cases))
        assert found["numerator"] == sum(1 for case in cases if case["counted"])

    async def test_they_are_those_of_one_setting_and_month(self, reporting: Service) -> None:
        cases = await self.all(reporting, "take_up", "&setting=post_court&month=2026-04")
        assert {case["case"] for case in cases} == {str(an_id(f"open {n}")) for n in range(8)}
        assert {(case["setting"], case["month"]) for case in cases} == {("post_court", "2026-04")}

    async def test_they_name_the_events_behind_the_numbers(self, reporting: Service) -> None:
        story = agreed("agreed 0")
        cases = {one["case"]: one for one in await self.all(reporting, "take_up")}
        began, counted = story.told[0].envelope, story.told[-1].envelope
        found = cases[str(story.case)]
        assert found["began"]["event"] == str(began.id)
        assert (found["counted"]["stream"], found["counted"]["version"]) == (counted.stream, 1)

    async def test_they_say_how_each_ended(self, reporting: Service) -> None:
        codes = [one["code"] for one in await self.all(reporting, "endings") if one["counted"]]
        assert sorted(codes) == ["no_contact"] * 3 + ["unsafe"] * 6


async def test_what_does_not_exist_is_not_found_and_what_is_wrong_is_named(
    reporting: Service,
) -> None:
    for path in ("/figures/happiness", "/figures/happiness/cases"):
        assert (await ask(reporting, path, Role.COORDINATOR)).status_code == 404
    for name, value in (("month", "2026-13"), ("month", "march"), ("setting", "prison")):
        answer = await ask(reporting, f"/figures?{name}={value}", Role.COORDINATOR)
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == [f"query.{name}"]


async def test_who_has_no_use_for_figures_is_refused(reporting: Service) -> None:
    for role in (Role.OFFICER, Role.POLICE_FEED, Role.REFERRER, Role.FACILITATOR):
        assert (await ask(reporting, "/figures", role)).status_code == 403


async def test_a_case_that_stands_still_is_counted_as_far_as_it_is_told(
    reporting: Service,
) -> None:
    story = case("stuck", SCREENED)
    parked = Parked(1, Why.FAILING, "", Position(f"referral-{story.case}", 3), NOW)
    lost = Document(an_id("lost"), parked=parked)
    documents = [replace(kept(story), revision=0, parked=parked), lost]
    await reporting.documents.write(MILESTONES.view, documents)
    answer = await told(reporting, "/figures/referrals")
    assert (answer["parked"], answer["figures"][0]["value"]) == (2, 25)


async def test_a_reader_may_wait_for_what_they_wrote(reporting: Service) -> None:
    place = Position(f"referral-{an_id('one')}", 4)
    async with reporting.client() as client:
        await client.get("/figures", headers={"After": str(place)})
    assert reporting.waited == [((place,), ("milestones",))]
