"""Which cells are too small to be told, decided on the whole table so that no sum gives one away.

A cell of too few cases is hidden. Where a row or a column would then hide one cell only, which
the others and the margin would give away, its smallest other cell is hidden as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

from services.reporting.kpi.practice import PRACTICE
from services.reporting.kpi.tally import Cell, Place, Table

T = TypeVar("T")
Line = list[Place]


@dataclass(frozen=True, slots=True)
class Hidden:
    """The cells whose number of cases, or of those that count, is not told."""

    denominators: frozenset[Place] = frozenset()
    numerators: frozenset[Place] = frozenset()


def hidden(cells: Table) -> Hidden:
    """What is not told of a table; a cell that holds no case need not be hidden from anybody."""
    lines = list(_lines(cells))
    denominators = _closed({p for p, one in cells.items() if few(one.denominator)}, lines, cells)
    small = {place for place, one in cells.items() if _few_count(one)}
    return Hidden(denominators, _closed(small | denominators, lines, cells))


def few(count: int) -> bool:
    """Whether so many cases are too few to be told."""
    return count < PRACTICE.smallest_cell


def hidden_codes(codes: Mapping[str, int]) -> frozenset[str]:
    """The codes whose number is not told beside the sum of all."""
    small = {code for code, count in codes.items() if few(count)}
    return frozenset(small | _second(small, codes, codes.__getitem__))


def _few_count(cell: Cell) -> bool:
    """Too few count, or too few do not, as the one tells the other."""
    return few(cell.numerator) or 0 < cell.denominator - cell.numerator < PRACTICE.smallest_cell


def _lines(cells: Table) -> Iterator[Line]:
    for setting in {place.setting for place in cells}:
        yield [place for place in cells if place.setting == setting]
    for month in {place.month for place in cells}:
        yield [place for place in cells if place.month == month]


def _closed(small: Iterable[Place], lines: list[Line], cells: Table) -> frozenset[Place]:
    hidden_, before = set(small), -1
    while len(hidden_) != before:
        before = len(hidden_)
        for line in lines:
            hidden_ |= _second(hidden_, line, lambda place: cells[place].denominator)
    return frozenset(hidden_)


def _second(hidden_: AbstractSet[T], line: Iterable[T], size: Callable[[T], int]) -> set[T]:
    """The smallest shown cell of a line in which one alone is hidden."""
    cells = list(line)
    shown = [one for one in cells if one not in hidden_]
    return {min(shown, key=size)} if shown and len(shown) == len(cells) - 1 else set()
