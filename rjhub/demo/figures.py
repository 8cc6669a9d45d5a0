"""What a quarter comes to by its plan, and what reporting tells of it: the same, or it is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.referral_course import CloseCode
from contracts.terms import Setting
from rjhub.client import Json
from rjhub.demo.quarter import Course, Planned

DECLINED = "declined"
PUBLISHED: Mapping[str, float] = {"referrals": 186, "take_up": 28.5, "direct_share": 20.8}
"""Of the whole quarter, as the provider told it."""
NOT_SCREENED = {CloseCode.NO_CONTACT, CloseCode.DUPLICATE}

Has = Callable[[Planned], bool]


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases count, of how many; a plain number of cases is of nothing."""

    numerator: int
    denominator: int | None

    @property
    def value(self) -> float | None:
        """The number, or the share in per cent; nothing of nothing is no share."""
        if self.denominator is None:
            return self.numerator
        return round(100 * self.numerator / self.denominator, 1) if self.denominator else None

    def __sub__(self, other: Cell) -> Cell:
        """What was not there before."""
        of = None if self.denominator is None else self.denominator - (other.denominator or 0)
        return Cell(self.numerator - other.numerator, of)

    def __str__(self) -> str:
        """As it is printed."""
        if self.denominator is None:
            return str(self.numerator)
        share = "" if self.value is None else f" = {self.value} %"
        return f"{self.numerator}/{self.denominator}{share}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the whole, by setting, and where it is told so by how the cases ended."""

    name: str
    whole: Cell
    by_setting: Mapping[str, Cell]
    by_code: Mapping[str, int] = field(default_factory=dict)

    def __sub__(self, other: Figure) -> Figure:
        """What was not there before."""
        codes = {code: n - other.by_code.get(code, 0) for code, n in self.by_code.items()}
        return Figure(
            self.name,
            self.whole - other.whole,
            {one: cell - other.by_setting[one] for one, cell in self.by_setting.items()},
            {code: n for code, n in codes.items() if n},
        )


def reached_screening(one: Planned) -> bool:
    return one.end not in NOT_SCREENED


def accepted(one: Planned) -> bool:
    return reached_screening(one) and one.course is not Course.DECLINED_AT_SCREENING


def to_an_activity(one: Planned) -> bool:
    return one.gets_to_an_activity


def met(one: Planned) -> bool:
    return one.course is Course.MEETING


def agreed(one: Planned) -> bool:
    return one.end is CloseCode.COMPLETED_AGREEMENT


def every(_: Planned) -> bool:
    return True


def no(has: Has) -> Has:
    return lambda one: not has(one)


QUESTIONS: Mapping[str, tuple[Has | None, Has]] = {
    "referrals": (None, every),
    "acceptance": (reached_screening, accepted),
    "take_up": (every, to_an_activity),
    "dual_consent": (accepted, to_an_activity),
    "direct_share": (to_an_activity, met),
    "agreement_rate": (to_an_activity, agreed),
    "endings": (every, every),
    "attrition_before_screening": (every, no(reached_screening)),
    "attrition_before_acceptance": (reached_screening, no(accepted)),
    "attrition_before_consent": (accepted, no(to_an_activity)),
    "attrition_before_activity": (to_an_activity, no(every)),
}
"""The cases of a figure, and those of them that count; every case comes to its end."""
BY_CODE = tuple(one for one in QUESTIONS if one == "endings" or one.startswith("attrition"))


def expected(plan: Sequence[Planned]) -> dict[str, Figure]:
    """What these cases come to."""
    return {name: _expected(name, plan) for name in QUESTIONS}


def _expected(name: str, plan: Sequence[Planned]) -> Figure:
    of, counts = QUESTIONS[name]
    cases = [one for one in plan if of is None or of(one)]
    counted = [one for one in cases if counts(one)]
    here = Counter(one.setting for one in cases)
    there = Counter(one.setting for one in counted)
    return Figure(
        name,
        Cell(len(counted), len(cases) if of else None),
        {one: Cell(there[one], here[one] if of else None) for one in Setting},
        Counter(map(_code, counted)) if name in BY_CODE else {},
    )


def _code(one: Planned) -> str:
    return DECLINED if one.course is Course.DECLINED_AT_SCREENING else one.end


def told(answer: Json) -> dict[str, Figure]:
    """What reporting tells of these figures."""
    return {one["name"]: _told(one) for one in answer["figures"] if one["name"] in QUESTIONS}


def _told(one: Json) -> Figure:
    settings = {name: _cell(cell) for name, cell in one["by_setting"].items()}
    return Figure(one["name"], _cell(one), settings, one["by_code"] or {})


def _cell(one: Json) -> Cell:
    return Cell(one["numerator"], one["denominator"])


def less(after: Mapping[str, Figure], before: Mapping[str, Figure]) -> dict[str, Figure]:
    """What came of this quarter, on a hub that may have seen others."""
    return {name: figure - before[name] for name, figure in after.items()}


def differences(wanted: Mapping[str, Figure], found: Mapping[str, Figure]) -> Iterator[str]:
    """Every number that is not as planned, in words."""
    for name, figure in wanted.items():
        if name not in found:
            yield f"{name} is not told"
            continue
        for what, one, other in _numbers(figure, found[name]):
            if one != other:
                yield f"{name}, {what}: {other} instead of {one}"


def _numbers(wanted: Figure, found: Figure) -> Iterator[tuple[str, object, object]]:
    yield "all cases", wanted.whole, found.whole
    for setting, cell in wanted.by_setting.items():
        yield setting, cell, found.by_setting.get(setting)
    for code in sorted({*wanted.by_code, *found.by_code}):
        yield code, wanted.by_code.get(code, 0), found.by_code.get(code, 0)
