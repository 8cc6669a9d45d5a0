"""What a figure is: which cases it is about, from when on, and which of them count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.terms import Setting
from services.reporting.kpi.practice import PRACTICE
from services.reporting.projections.milestones.query import Mark, Milestones

DECLINED = "declined"
"""The code of a referral that was not taken on: there was no case to be closed."""


class Unit(StrEnum):
    """What the value of a figure is."""

    CASES = "cases"
    """How many there are."""
    PERCENT = "%"
    """The share of those that count."""
    DAYS = "days"
    """The median time between two steps; `p90` is what nine of ten do not exceed."""


Begins = Callable[[Milestones, datetime], Mark | None]
Counts = Callable[[Milestones], Mark | None]


@dataclass(frozen=True)
class Figure:
    """A question: `begins` is the event of the denominator, `counts` that of the numerator.

    `of` names the cases of the denominator and `counted` those of the numerator: what bears one
    name in several figures is the same cases, since none skips a step of the way.
    """

    name: str
    words: str
    unit: Unit
    of: str
    begins: Begins
    counted: str
    counts: Counts
    by_code: bool = False
    """Whether it is also told by the code with which the cases were closed."""
    part_of: str | None = None
    """Cases of which these are those that are old enough: in a month that is over, all of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case in a figure: in its denominator, and where `counted`, in its numerator."""

    case: UUID
    setting: Setting
    month: str
    began: Mark
    counted: Mark | None

    @property
    def code(self) -> str | None:
        """How a case ended that counts because it did."""
        return (self.counted.code or DECLINED) if self.counted else None

    @property
    def days(self) -> float:
        """The time between the two events; what was dated before its beginning took none."""
        if self.counted is None:
            raise ValueError("it has not come that far")
        return max(0.0, (self.counted.at - self.began.at).total_seconds() / 86_400)


def entry(figure: Figure, case: Milestones, now: datetime) -> Entry | None:
    """The case as the figure sees it; None where the figure is not about it."""
    began = figure.begins(case, now)
    if began is None:
        return None
    month = PRACTICE.month(began.at)
    return Entry(case.case, case.setting, month, began, figure.counts(case))
