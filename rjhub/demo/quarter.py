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
LAST_DAY_TO_REFER = {True: 28, False: 60}
"""Of a case that gets to an activity, and of one that does not: each ends within the quarter."""
DAYS_TO_MEET = 14
FACILITATORS = 3


class Course(StrEnum):
    """How far a case gets."""

    MEETING = "meeting"
    LETTER = "letter"
    MESSAGES = "messages"
    LETTER_AFTER_CANCELLED_MEETING = "letter_after_cancelled_meeting"
    LETTER_AFTER_STOPPED_MEETING = "letter_after_stopped_meeting"
    DECLINED_AT_SCREENING = "declined_at_screening"
    ENDS_BEFORE_QUORUM = "ends_before_quorum"


ARRANGES_A_MEETING = frozenset(
    {
        Course.MEETING,
        Course.LETTER_AFTER_CANCELLED_MEETING,
        Course.LETTER_AFTER_STOPPED_MEETING,
    }
)
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
    CloseCode.VICTIM_WITHDREW: 8,
    CloseCode.OFFENDER_WITHDREW: 6,
    CloseCode.UNSAFE: 4,
    CloseCode.INELIGIBLE: 3,
    CloseCode.NO_RESPONSIBILITY: 3,
    CloseCode.DUPLICATE: 3,
    CloseCode.TRANSFERRED: 2,
    CloseCode.OTHER: 1,
}
DECLINED: dict[CloseCode, int] = {
    CloseCode.INELIGIBLE: 6,
    CloseCode.UNSAFE: 3,
    CloseCode.NO_RESPONSIBILITY: 3,
}
"""Not taken on after the screening, by what was found."""
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
    lead: int
    """Which of the facilitators leads it, where it is led at all."""
    meets: int
    """The day for which a meeting is arranged, where one is: no facilitator has two on one day."""

    @property
    def gets_to_an_activity(self) -> bool:
        """Whether people meet in it, or exchange."""
        return self.course in COURSES


def quarter(seed: int = SEED) -> tuple[Planned, ...]:
    """The cases in the order in which they are referred."""
    chance = Random(seed)  # noqa: S311  a plan, not a secret
    ways = [
        (chance.randint(0, LAST_DAY_TO_REFER[course in COURSES]), chance.random(), course, end)
        for course, end in _ways()
    ]
    meetings = Diary()
    return tuple(
        Planned(
            number=number,
            day=day,
            setting=_drawn(chance, SETTINGS),
            source=_drawn(chance, SOURCES),
            course=course,
            end=end,
            **meetings.led(number, day, course),
        )
        for number, (day, _, course, end) in enumerate(sorted(ways), start=1)
    )


def small_quarter(cases: int, seed: int = SEED) -> tuple[Planned, ...]:
    """So many cases of the quarter, of every course and end there is room for."""
    whole = quarter(seed)
    courses = {one.course: one for one in reversed(whole)}
    ends = {(one.course, one.end): one for one in reversed(whole)}
    chosen = dict.fromkeys([*courses.values(), *ends.values(), *whole])
    return tuple(sorted([*chosen][:cases], key=lambda one: one.number))


class Diary:
    """Who leads which case, and whose meetings are when."""

    def __init__(self) -> None:
        self._last = [-1] * FACILITATORS

    def led(self, number: int, day: int, course: Course) -> dict[str, int]:
        """The lead of a case, who has the earliest day free where a meeting is to be arranged."""
        if course not in ARRANGES_A_MEETING:
            return {"lead": number % FACILITATORS, "meets": -1}
        lead = min(range(FACILITATORS), key=self._last.__getitem__)
        self._last[lead] = max(day + DAYS_TO_MEET, self._last[lead] + 1)
        return {"lead": lead, "meets": self._last[lead]}


def _ways() -> Iterator[tuple[Course, CloseCode]]:
    yield from _to_an_activity()
    yield from _counted(Course.ENDS_BEFORE_QUORUM, ENDS)
    yield from _counted(Course.DECLINED_AT_SCREENING, DECLINED)


def _to_an_activity() -> Iterator[tuple[Course, CloseCode]]:
    for course, count in COURSES.items():
        for place in range(count):
            agreed = place % 3 != 2
            yield course, _COMPLETED[agreed]


_COMPLETED = {True: CloseCode.COMPLETED_AGREEMENT, False: CloseCode.COMPLETED_NO_AGREEMENT}


def _counted(course: Course, table: dict[CloseCode, int]) -> Iterator[tuple[Course, CloseCode]]:
    for end, count in table.items():
        for _ in range(count):
            yield course, end


def _drawn(chance: Random, weights: dict[T, int]) -> T:
    return chance.choices(list(weights), list(weights.values()))[0]
