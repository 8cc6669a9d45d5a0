"""Each figure over a few cases whose answer is known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from contracts.envelope import Event
from contracts.referral_course import CloseCode, ContactOutcome
from contracts.terms import Setting
from services.reporting.kpi.figure import Unit
from services.reporting.kpi.figures import FIGURES
from services.reporting.kpi.tally import Cell, Place, table
from tests.unit.reporting.quarter import (
    DECLINED,
    FIRST,
    agreed,
    agreement,
    case,
    closed,
    contacted,
    delivered,
    entries,
    met,
    prepared,
    relayed,
    whole,
)
from tests.unit.reporting.story import ACCEPTED, REACHED, SCREENED, Story

DAY = timedelta(days=1)


def agreed_then(name: str, *events: Event) -> Story:
    return case(name, SCREENED, ACCEPTED, REACHED, *events)


def ratio(name: str, stories: Iterable[Story]) -> tuple[int, int]:
    cell = whole(name, list(stories))
    return cell.numerator, cell.denominator


def test_the_take_up_of_the_published_quarter() -> None:
    stories = [agreed(f"agreed {n}") for n in range(53)] + [case(f"other {n}") for n in range(133)]
    cell = whole("take_up", stories)
    assert (cell.numerator, cell.denominator, cell.percent) == (53, 186, 28.5)
    assert whole("referrals", stories).numerator == 186


def test_take_up_counts_a_case_that_agreed_once_and_lost_it() -> None:
    lost = case("lost", SCREENED, ACCEPTED, REACHED, closed(CloseCode.VICTIM_WITHDREW))
    assert ratio("take_up", [lost, case("open")]) == (1, 2)


def test_the_direct_share_of_the_published_quarter() -> None:
    direct = [agreed_then(f"direct {n}", met()) for n in range(11)]
    indirect = [agreed_then(f"indirect {n}", delivered()) for n in range(42)]
    cell = whole("direct_share", [*direct, *indirect, agreed("neither")])
    assert (cell.numerator, cell.denominator, cell.percent) == (11, 53, 20.8)


def test_a_case_with_both_kinds_of_activity_is_one_direct_case() -> None:
    stories = [agreed_then("both", relayed(), met(), met(), delivered())]
    assert ratio("direct_share", stories) == (1, 1)


def test_conversion_is_of_cases_that_have_had_the_time() -> None:
    stories = [agreed_then("came to it", met()), agreed("did not")]
    due, second = FIRST + 182 * DAY, timedelta(seconds=1)
    for now, found in ((due + second, (1, 2)), (due - second, (0, 0))):
        cell = whole("conversion", stories, now)
        assert (cell.numerator, cell.denominator) == found


def test_the_agreement_rate_is_of_cases_with_an_activity() -> None:
    stories = [
        agreed_then("agreed on something", met(), agreement()),
        agreed_then("on nothing", met()),
        agreed("no activity"),
    ]
    assert ratio("agreement_rate", stories) == (1, 2)


def test_the_times_from_step_to_step() -> None:
    reached = contacted(ContactOutcome.REACHED, FIRST + DAY)
    story = case(
        "one",
        reached,
        SCREENED,
        ACCEPTED,
        REACHED,
        prepared(),
        met(),
        closed(CloseCode.COMPLETED_NO_AGREEMENT),
    )
    days = {one.name: whole(one.name, [story]).median for one in FIGURES if one.unit is Unit.DAYS}
    assert days == {
        "time_to_contact": 1.0,
        "time_to_screening": 2.0,
        "time_to_consent": 1.0,
        "time_to_preparation": 4.0,
        "time_to_activity": 1.0,
        "time_to_close": 1.0,
    }


def test_acceptance_is_of_the_cases_screened() -> None:
    stories = [
        case("unscreened"),
        case("screened", SCREENED),
        case("declined", SCREENED, DECLINED),
        case("accepted", SCREENED, ACCEPTED),
    ]
    assert ratio("acceptance", stories) == (1, 3)


def test_dual_consent_is_of_the_cases_accepted() -> None:
    stories = [case("screened", SCREENED), case("accepted", SCREENED, ACCEPTED), agreed("agreed")]
    assert ratio("dual_consent", stories) == (1, 2)


ENDED = [
    case("a", closed(CloseCode.NO_CONTACT)),
    case("b", SCREENED, DECLINED),
    case("c", SCREENED, closed(CloseCode.UNSAFE)),
    case("d", SCREENED, ACCEPTED, closed(CloseCode.VICTIM_DECLINED)),
    case("e", SCREENED, ACCEPTED, REACHED, closed(CloseCode.VICTIM_WITHDREW)),
    case("f", SCREENED, ACCEPTED, REACHED, met(), closed(CloseCode.COMPLETED_AGREEMENT)),
    case("g", SCREENED, ACCEPTED, REACHED),
]


@pytest.mark.parametrize(
    ("name", "denominator", "codes"),
    [
        ("attrition_before_screening", 7, {"no_contact": 1}),
        ("attrition_before_acceptance", 6, {"declined": 1, "unsafe": 1}),
        ("attrition_before_consent", 4, {"victim_declined": 1}),
        ("attrition_before_activity", 3, {"victim_withdrew": 1}),
        (
            "endings",
            7,
            {
                "completed_agreement": 1,
                "no_contact": 1,
                "declined": 1,
                "unsafe": 1,
                "victim_declined": 1,
                "victim_withdrew": 1,
            },
        ),
    ],
)
def test_a_case_falls_away_at_the_stage_that_it_had_come_to(
    name: str, denominator: int, codes: dict[str, int]
) -> None:
    cell = whole(name, ENDED)
    assert (cell.denominator, cell.numerator) == (denominator, sum(codes.values()))
    assert cell.codes == codes


def test_a_figure_of_no_cases_has_no_value() -> None:
    for figure in FIGURES:
        cell = whole(figure.name, [])
        assert (cell.percent, cell.median, cell.p90) == (None, None, None)


def test_a_time_is_the_median_and_what_nine_of_ten_do_not_exceed() -> None:
    stories = [
        case(str(n), contacted(ContactOutcome.REACHED, FIRST + n * DAY)) for n in range(1, 11)
    ]
    cell = whole("time_to_contact", [*stories, case("never")])
    assert (cell.numerator, cell.denominator) == (10, 11)
    assert (cell.median, cell.p90) == (5.5, 9.0)


def test_what_happened_before_its_beginning_took_no_time() -> None:
    story = case("one", contacted(ContactOutcome.REACHED, FIRST - DAY))
    assert whole("time_to_contact", [story]).median == 0.0


def test_p90_of_few_is_the_time_of_one_of_them() -> None:
    assert Cell(days=(1.0,)).p90 == 1.0
    assert Cell(days=(1.0, 2.0, 30.0)).p90 == 30.0


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 4, 30, 22, 59, tzinfo=UTC), "2026-04"),
        (datetime(2026, 4, 30, 23, 0, tzinfo=UTC), "2026-05"),
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), "2026-11"),
    ],
)
def test_a_case_belongs_to_the_month_in_which_it_began_in_london(
    moment: datetime, month: str
) -> None:
    story = case("one", at=moment)
    assert [one.month for one in entries("referrals", [story])] == [month]


def test_each_case_stands_in_its_own_cell_the_margins_and_the_whole() -> None:
    stories = [
        agreed("a", setting=Setting.FAMILY),
        case("b", setting=Setting.FAMILY, days=40),
        case("c", setting=Setting.POST_COURT),
    ]
    cells = table(entries("take_up", stories))
    counts = {place: (one.numerator, one.denominator) for place, one in cells.items()}
    assert counts == {
        Place(): (1, 3),
        Place(Setting.FAMILY): (1, 2),
        Place(Setting.POST_COURT): (0, 1),
        Place(None, "2026-03"): (1, 2),
        Place(None, "2026-04"): (0, 1),
        Place(Setting.FAMILY, "2026-03"): (1, 1),
        Place(Setting.FAMILY, "2026-04"): (0, 1),
        Place(Setting.POST_COURT, "2026-03"): (0, 1),
    }


def test_every_figure_has_a_name_of_its_own_and_words() -> None:
    assert len({one.name for one in FIGURES}) == len(FIGURES)
    assert all(one.words for one in FIGURES)
