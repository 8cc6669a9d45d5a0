"""Which numbers are too small to be told, decided for all figures at once.

Cell suppression, as Hundepool and others describe it (Statistical Disclosure Control, Wiley 2012,
chapter 4): too small a number is hidden; then, while a hidden one follows from those that are told,
the smallest of these is hidden too. What follows is found by elimination over all sums at once:
settings and months add up to their margins, codes to their figure, and what ended before each step
to all that ended. A number that several figures tell is one number here, told by all or by none.
Elimination is modulo two, since a sum holds a number once.

This protects the answers of one moment. A reader may still find bounds of a number, though what one
sum hides never comes to a small number; and what changes from one day to the next is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.reporting.kpi.figure import Figure
from services.reporting.kpi.figures import SUMS
from services.reporting.kpi.practice import PRACTICE
from services.reporting.kpi.tally import Cell, Place, Table

WHOLE = Place()
IN_SUMS = frozenset({*SUMS, *(part for parts in SUMS.values() for part in parts)})

Tables = Mapping[Figure, Table]


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not told of a figure: of how many cases, how many count, how many by code."""

    denominators: frozenset[Place] = frozenset()
    numerators: frozenset[Place] = frozenset()
    codes: frozenset[str] = frozenset()


class Number(NamedTuple):
    """How many cases of a name there are in a cell, in the months in which others began."""

    cases: str
    place: Place
    months_of: str | None = None
    code: str | None = None


class Sum(NamedTuple):
    """A number, and those that add up to it."""

    total: Number
    parts: tuple[Number, ...]


def hidden(tables: Tables) -> Mapping[str, Hidden]:
    """What is not told of each figure; a cell that holds no case need not be hidden."""
    numbers = Numbers(tables)
    concealed = numbers.concealed()
    return {
        figure.name: Hidden(
            frozenset(one for one in cells if numbers.denominator(figure, one) in concealed),
            frozenset(one for one in cells if _numerator(figure, one) in concealed),
            frozenset(one for one in _codes(cells) if _by_code(figure, one) in concealed),
        )
        for figure, cells in tables.items()
    }


def few(count: int) -> bool:
    """Whether so many cases are too few to be told."""
    return count < PRACTICE.smallest_cell


class Numbers:
    """All numbers of all figures, and the sums that they stand in.

    Every process goes through them in the same order, and so hides the same.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._of = {figure.of: cells for figure, cells in tables.items()}
        self._sizes: dict[Number, int] = {}
        self._small: set[Number] = set()
        self._in_no_answer: set[Number] = set()
        self._sums: dict[Sum, None] = {}
        for figure, cells in tables.items():
            self._add(figure, cells)
        for total, parts in SUMS.items():
            self._sums |= dict.fromkeys(self._sums_of(total, parts))

    def denominator(self, figure: Figure, place: Place) -> Number:
        """Of how many cases a figure is in a cell."""
        if figure.part_of and place.month:
            every = self._of[figure.part_of][place].denominator
            if every == self._tables[figure][place].denominator:
                return _number(figure.part_of, place, figure.part_of)
        return _number(figure.of, place, figure.of)

    def concealed(self) -> Collection[Number]:
        """What is hidden in the end."""
        found = self._small | self._in_no_answer
        while more := self._to_hide(found):
            found |= more
        return found

    def _add(self, figure: Figure, cells: Table) -> None:
        places = sorted(cells, key=_order)
        for place in places:
            cell = cells[place]
            self._note(_numerator(figure, place), cell.numerator, small=_few_count(cell))
            of = self.denominator(figure, place)
            self._note(of, cell.denominator, small=few(cell.denominator))
        for number in (self.denominator, _numerator):
            self._sums |= dict.fromkeys(_margins({one: number(figure, one) for one in places}))
        if figure.counted in IN_SUMS and _codes(cells):
            self._add_codes(figure, _codes(cells))

    def _add_codes(self, figure: Figure, codes: Mapping[str, int]) -> None:
        numbers = tuple(_by_code(figure, code) for code in sorted(codes))
        for number in numbers:
            count = codes[number.code or ""]
            self._note(number, count, small=figure.by_code and few(count))
        self._sums[Sum(_numerator(figure, WHOLE), numbers)] = None
        if not figure.by_code:
            self._in_no_answer |= {*numbers}

    def _note(self, number: Number, size: int, *, small: bool) -> None:
        self._sizes.setdefault(number, size)
        if small:
            self._small.add(number)

    def _sums_of(self, total: str, parts: Sequence[str]) -> Iterator[Sum]:
        for number in self._sizes:
            if number.cases == total and not number.months_of:
                each = [number._replace(cases=part) for part in parts]
                if there := tuple(one for one in each if one in self._sizes):
                    yield Sum(number, there)

    def _to_hide(self, concealed: Collection[Number]) -> set[Number]:
        """Of what gives each hidden number away the smallest, where none of it is hidden yet."""
        more = set[Number]()
        for told in (*self._small_sums(concealed), *self._given_away(concealed)):
            if told and more.isdisjoint(told):
                more.add(min(told, key=self._sizes.__getitem__))
        return more

    def _small_sums(self, concealed: Collection[Number]) -> Iterator[list[Number]]:
        """The told parts of each sum whose others come to a small number together."""
        for total, parts in self._sums:
            out = [one for one in parts if one in concealed]
            if out and total not in concealed and few(sum(self._sizes[one] for one in out)):
                yield [one for one in parts if one not in concealed]

    def _given_away(self, concealed: Collection[Number]) -> Iterator[list[Number]]:
        """The told numbers from which a hidden one follows, for each that does."""
        unknown = [one for one in self._sizes if one in concealed]
        lines = [(one.total, *one.parts) for one in self._sums]
        for number, together in _determined(unknown, lines):
            if number not in self._in_no_answer:
                times = Counter(one for line in together for one in line if one not in concealed)
                yield [one for one in times if times[one] % 2]


def _numerator(figure: Figure, place: Place) -> Number:
    return _number(figure.counted, place, figure.of)


def _number(cases: str, place: Place, months_of: str) -> Number:
    """Without a month it does not matter by which event the months would go."""
    return Number(cases, place, months_of if place.month else None)


def _by_code(figure: Figure, code: str) -> Number:
    return Number(figure.counted, WHOLE, code=code)


def _codes(cells: Table) -> Mapping[str, int]:
    return cells.get(WHOLE, Cell()).codes


def _few_count(cell: Cell) -> bool:
    """Too few count, or too few do not, as the one tells the other."""
    return few(cell.numerator) or 0 < cell.denominator - cell.numerator < PRACTICE.smallest_cell


def _order(place: Place) -> tuple[str, str]:
    return place.month or "", place.setting or ""


def _margins(numbers: Mapping[Place, Number]) -> Iterator[Sum]:
    """The settings of each month, and of all; the months of each setting, and of all."""
    parts: defaultdict[tuple[Place, str], list[Number]] = defaultdict(list)
    for place, number in numbers.items():
        if place.setting:
            parts[place._replace(setting=None), "settings"].append(number)
        if place.month:
            parts[place._replace(month=None), "months"].append(number)
    for (margin, _), found in parts.items():
        yield Sum(numbers[margin], tuple(found))


def _determined(
    unknown: Sequence[Number], lines: Sequence[Sequence[Number]]
) -> Iterator[tuple[Number, list[Sequence[Number]]]]:
    """The unknown numbers that lines determine, each with those that together do.

    A row has a bit for each unknown number, and above these one for each line that went into it.
    """
    bits, width = {number: bit for bit, number in enumerate(unknown)}, len(unknown)
    mask = (1 << width) - 1
    rows = [
        sum(1 << bits[one] for one in line if one in bits) | 1 << (width + place)
        for place, line in enumerate(lines)
    ]
    for row in _reduced(rows, mask):
        if (left := row & mask).bit_count() == 1:
            yield unknown[left.bit_length() - 1], [lines[one] for one in _set_in(row >> width)]


def _reduced(rows: Iterable[int], mask: int) -> Collection[int]:
    """The rows in reduced echelon form under the mask."""
    leading: dict[int, int] = {}
    for row in rows:
        left = row
        while (top := (left & mask).bit_length()) in leading:
            left ^= leading[top]
        if top:
            leading[top] = left
    for top in sorted(leading):
        for bit in _set_in(leading[top] & mask ^ 1 << (top - 1)):
            leading[top] ^= leading.get(bit + 1, 0)
    return leading.values()


def _set_in(row: int) -> Iterator[int]:
    while row:
        yield (row & -row).bit_length() - 1
        row &= row - 1
