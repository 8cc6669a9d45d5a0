"""The quarter that is played: 186 cases as a provider published it, spread by a fixed seed.

The published figures (Remedi, one quarter): 186 referred, 53 opted in, 11 direct, 42 indirect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

from contracts.referral import SourceType
from contracts.referral_course import CloseCode
from contracts.terms import Setting

T = TypeVar("T")

SEED = 186
DAYS = 91
LAST_DAY_TO_REFER = 42


class Course(StrEnum):
    """How far a case gets."""

    MEETING = "meeting"
    LETTER = "letter"
    MESSAGES = "messages"
    LETTER_AFTER_CANCELLED_MEETING = "letter_after_cancelled_meeting"
    LETTER_AFTER_STOPPED_MEETING = "letter_after_stopped_meeting"
    ENDS_BEFORE_QUORUM = "ends_before_quorum"


COURSES: dict[Course, int] = {
    Course.MEETING: 11,
    Course.LETTER: 23,
    Course.MESSAGES: 15,
    Course.LETTER_AFTER_CANCELLED_MEETING: 3,
    Course.LETTER_AFTER_STOPPED_MEETING: 1,
}
ENDS: dict[CloseCode, int] = {
    CloseCode.VICTIM_DECLINED: 38,
    CloseCode.OFFENDER_DECLINED: 29,
    CloseCode.NO_CONTACT: 24,
    CloseCode.INELIGIBLE: 9,
    CloseCode.VICTIM_WITHDREW: 8,
    CloseCode.UNSAFE: 7,
    CloseCode.OFFENDER_WITHDREW: 6,
    CloseCode.NO_RESPONSIBILITY: 6,
    CloseCode.DUPLICATE: 3,
    CloseCode.TRANSFERRED: 2,
    CloseCode.OTHER: 1,
}
SETTINGS: dict[Setting, int] = {
    Setting.POST_COURT: 30,
    Setting.COMMUNITY_RESOLUTION: 22,
    Setting.POLICE_CAUTION: 14,
    Setting.CRIMINAL_INVESTIGATION: 10,
    Setting.ASB_NEIGHBOUR: 12,
    Setting.SCHOOL_COLLEGE: 8,
    Setting.FAMILY: 4,
}
SOURCES: dict[SourceType, int] = {
    SourceType.OFFICER_IN_CHARGE: 45,
    SourceType.VICTIM_SERVICE: 20,
    SourceType.PROBATION: 15,
    SourceType.YOUTH_JUSTICE_SERVICE: 12,
    SourceType.SELF: 8,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One case: when it is referred (a day of the quarter, from 0), and what becomes of it."""

    number: int
    day: int
    setting: Setting
    source: SourceType
    course: Course
    end: CloseCode


def quarter(seed: int = SEED) -> tuple[Planned, ...]:
    """The cases in the order in which they are referred."""
    chance = Random(seed)  # noqa: S311  a plan, not a secret
    ways = [*_to_an_activity(), *_before_quorum()]
    chance.shuffle(ways)
    days = sorted(chance.randint(0, LAST_DAY_TO_REFER) for _ in ways)
    return tuple(
        Planned(
            number=number,
            day=day,
            setting=_drawn(chance, SETTINGS),
            source=_drawn(chance, SOURCES),
            course=course,
            end=end,
        )
        for number, (day, (course, end)) in enumerate(zip(days, ways, strict=True), start=1)
    )


def small_quarter(cases: int, seed: int = SEED) -> tuple[Planned, ...]:
    """So many cases of the quarter, of every course and end there is room for."""
    whole = quarter(seed)
    kinds = {(one.course, one.end): one for one in reversed(whole)}
    chosen = [*kinds.values(), *(one for one in whole if one not in kinds.values())][:cases]
    return tuple(sorted(chosen, key=lambda one: one.number))


def _to_an_activity() -> Iterator[tuple[Course, CloseCode]]:
    for course, count in COURSES.items():
        for place in range(count):
            agreed = place % 3 != 2
            yield course, _COMPLETED[agreed]


_COMPLETED = {True: CloseCode.COMPLETED_AGREEMENT, False: CloseCode.COMPLETED_NO_AGREEMENT}


def _before_quorum() -> Iterator[tuple[Course, CloseCode]]:
    for end, count in ENDS.items():
        for _ in range(count):
            yield Course.ENDS_BEFORE_QUORUM, end


def _drawn(chance: Random, weights: dict[T, int]) -> T:
    return chance.choices(list(weights), list(weights.values()))[0]
