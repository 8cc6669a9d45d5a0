"""Working days of England and Wales."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.calendar import ENGLAND_AND_WALES, Calendar, add_working_days

LONDON = ZoneInfo("Europe/London")


def london(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (london(2026, 3, 2), 5, london(2026, 3, 9)),
        (london(2026, 3, 6), 1, london(2026, 3, 9)),
        (london(2026, 3, 7), 1, london(2026, 3, 9)),
        (london(2026, 3, 8), 2, london(2026, 3, 10)),
        (london(2026, 3, 7), 0, london(2026, 3, 7)),
    ],
    ids=["a week", "over a weekend", "from a Saturday", "from a Sunday", "no day"],
)
def test_weekends_do_not_count(start: datetime, n: int, end: datetime) -> None:
    assert add_working_days(start, n) == end


def test_easter_takes_two_days() -> None:
    assert add_working_days(london(2026, 4, 2), 1) == london(2026, 4, 7)


def test_christmas_on_a_weekend_is_made_up_for_on_the_next_working_days() -> None:
    assert add_working_days(london(2027, 12, 24), 1) == london(2027, 12, 29)


def test_new_year_follows_christmas() -> None:
    assert add_working_days(london(2025, 12, 24), 4) == london(2026, 1, 2)


def test_a_scottish_holiday_is_a_working_day_here() -> None:
    assert add_working_days(london(2025, 12, 31), 1) == london(2026, 1, 2)


def test_the_local_time_stays_when_the_clocks_go_forward() -> None:
    friday = london(2026, 3, 27).astimezone(UTC)
    monday = add_working_days(friday, 1)
    assert monday == london(2026, 3, 30)
    assert monday - friday == timedelta(days=3) - timedelta(hours=1)


def test_the_local_time_stays_when_the_clocks_go_back() -> None:
    friday = london(2026, 10, 23).astimezone(UTC)
    assert add_working_days(friday, 1) - friday == timedelta(days=3, hours=1)


def test_the_day_is_that_of_london_and_not_of_utc() -> None:
    sunday_in_utc_monday_in_london = datetime(2026, 6, 7, 23, 30, tzinfo=UTC)
    assert add_working_days(sunday_in_utc_monday_in_london, 1) == london(2026, 6, 9, 0).replace(
        minute=30
    )


def test_within_n_days_lasts_to_the_end_of_the_last() -> None:
    assert ENGLAND_AND_WALES.end_of_working_days(london(2026, 3, 6), 1) == london(2026, 3, 10, 0)


def test_a_day_closed_by_configuration_does_not_count() -> None:
    coronation = Calendar(closed=frozenset({date(2026, 3, 9)}))
    assert add_working_days(london(2026, 3, 6), 1, coronation) == london(2026, 3, 10)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        add_working_days(datetime(2026, 3, 2), 1)  # noqa: DTZ001


@pytest.mark.parametrize("n", [-1, 10_000])
def test_a_senseless_number_of_days_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="working days"):
        add_working_days(london(2026, 3, 2), n)


MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, st.integers(1, 60), st.integers(1, 60))
def test_days_add_up_and_end_on_a_working_day(moment: datetime, a: int, b: int) -> None:
    end = add_working_days(moment, a + b)
    assert add_working_days(add_working_days(moment, a), b) == end
    assert ENGLAND_AND_WALES.is_working_day(end.astimezone(LONDON).date())
