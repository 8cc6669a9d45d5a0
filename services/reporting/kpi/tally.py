"""The cases of a figure, put into cells by setting and month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import ceil
from statistics import median
from typing import NamedTuple

from contracts.terms import Setting
from services.reporting.kpi.figure import Entry


class Place(NamedTuple):
    """A cell of the table; None is the margin: every setting, or every month."""

    setting: Setting | None = None
    month: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases there are, how many count, and after how many days each of these did."""

    denominator: int = 0
    numerator: int = 0
    days: tuple[float, ...] = ()
    codes: Mapping[str, int] = field(default_factory=dict)

    @property
    def percent(self) -> float | None:
        """The share of those that count; nothing of nothing is no share."""
        return round(100 * self.numerator / self.denominator, 1) if self.denominator else None

    @property
    def median(self) -> float | None:
        """What half of those that count do not exceed."""
        return round(median(self.days), 1) if self.days else None

    @property
    def p90(self) -> float | None:
        """What nine of ten of those that count do not exceed: the time of one of them."""
        ranked = sorted(self.days)
        return round(ranked[ceil(0.9 * len(ranked)) - 1], 1) if ranked else None


Table = Mapping[Place, Cell]


def table(entries: Iterable[Entry]) -> Table:
    """Every cell that holds a case, the margins and the whole, all from the same cases."""
    held: defaultdict[Place, list[Entry]] = defaultdict(list)
    for one in entries:
        for setting, month in product((one.setting, None), (one.month, None)):
            held[Place(setting, month)].append(one)
    return {place: _cell(found) for place, found in held.items()}


def _cell(entries: Sequence[Entry]) -> Cell:
    counted = [one for one in entries if one.counted]
    codes = Counter(one.code for one in counted if one.code)
    return Cell(len(entries), len(counted), tuple(one.days for one in counted), codes)
