"""The quarter that is played is the published one, and its days pass in order."""

from __future__ import annotations

from collections import Counter

import pytest

from contracts.referral_course import CloseCode
from rjhub.demo.days import Days
from rjhub.demo.quarter import Course, quarter, small_quarter


def test_the_quarter_is_the_published_one() -> None:
    courses = Counter(one.course for one in quarter())
    to_an_activity = courses.total() - courses[Course.ENDS_BEFORE_QUORUM]
    assert (courses.total(), to_an_activity, courses[Course.MEETING]) == (186, 53, 11)


def test_every_close_code_is_met() -> None:
    assert {one.end for one in quarter()} == set(CloseCode)


def test_the_same_seed_is_the_same_quarter() -> None:
    assert quarter() == quarter() != quarter(seed=1)


def test_a_small_quarter_has_every_course() -> None:
    small = small_quarter(20)
    assert (len(small), {one.course for one in small}) == (20, set(Course))


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
