"""The quarter that is played is the published one, and its days pass in order."""

from __future__ import annotations

from collections import Counter

import pytest

from contracts.referral_course import CloseCode
from rjhub.demo.afterwards import SIX_WEEKS
from rjhub.demo.days import Days
from rjhub.demo.quarter import DAYS, Course, quarter, small_quarter


def test_the_quarter_is_the_published_one() -> None:
    courses = Counter(one.course for one in quarter())
    to_an_activity = sum(one.gets_to_an_activity for one in quarter())
    assert (courses.total(), to_an_activity, courses[Course.MEETING]) == (186, 53, 11)


def test_every_close_code_is_met() -> None:
    assert {one.end for one in quarter()} == set(CloseCode)


def test_the_same_seed_is_the_same_quarter() -> None:
    assert quarter() == quarter() != quarter(seed=1)


def test_a_small_quarter_has_every_course_and_every_end() -> None:
    small = small_quarter(20)
    assert (len(small), {one.course for one in small}) == (20, set(Course))
    assert {one.end for one in small} == set(CloseCode)


@pytest.mark.parametrize("seed", range(20))
def test_no_facilitator_has_two_meetings_on_a_day(seed: int) -> None:
    meetings = [(one.lead, one.meets) for one in quarter(seed) if one.meets >= 0]
    assert len(meetings) == len(set(meetings)) == 15


def test_every_case_that_gets_to_an_activity_ends_within_the_quarter() -> None:
    last = max(max(one.day + 11, one.meets + 3) for one in quarter() if one.gets_to_an_activity)
    assert last + SIX_WEEKS <= DAYS


async def test_a_day_comes_when_everybody_waits_for_a_later_one() -> None:
    happened: list[str] = []

    async def turn(day: int) -> None:
        happened.append(f"day {day}")

    days = Days(turn)

    async def story(name: str, *on: int) -> None:
        for day in on:
            await days.until(day)
            happened.append(f"{name} {day}")

    await days.play([story("a", 0, 5), story("b", 2, 5, 7)])
    assert happened == ["day 0", "a 0", "day 2", "b 2", "day 5", "a 5", "b 5", "day 7", "b 7"]


async def test_a_story_that_fails_is_told() -> None:
    async def turn(_: int) -> None: ...

    days = Days(turn)

    async def waits() -> None:
        await days.until(3)

    async def fails() -> None:
        raise LookupError("what was not expected")

    with pytest.RaisesGroup(LookupError):
        await days.play([waits(), fails()])
