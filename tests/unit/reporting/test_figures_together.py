"""Whatever figures are told together, of whatever part: no hidden number can be worked out.

What a reader may know is made up here of the figures' own questions, asked of every way that a
case can go: a number is a sum over these ways, and one that is hidden follows from those that are
told exactly if it is a combination of them.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import NamedTuple
from uuid import UUID

import pytest

from contracts.envelope import Position
from contracts.terms import Setting
from services.reporting.kpi.answer import CellShown, FigureShown, Wanted, shown
from services.reporting.kpi.figure import Figure, Unit, entry
from services.reporting.kpi.figures import FIGURES
from services.reporting.kpi.suppress import IN_SUMS, hidden
from services.reporting.kpi.tally import Cell, Place, Table
from services.reporting.projections.milestones.query import Mark, Milestones
from services.reporting.projections.milestones.steps import Step

SETTINGS = (Setting.ASB_NEIGHBOUR, Setting.FAMILY)
MONTHS = ("2026-01", "2026-09")
NOW = datetime(2026, 9, 28, tzinfo=UTC)
PRIME = 2**61 - 1
SEEDS = int(os.environ.get("RJHUB_TEST_HISTORIES", "60")) // 4

WAYS = (
    (Step.REQUESTED,),
    (Step.REQUESTED, Step.CONTACTED),
    (Step.REQUESTED, Step.SCREENED),
    *(
        (Step.REQUESTED, Step.CONTACTED, Step.SCREENED, *further)
        for further in (
            (),
            (Step.ACCEPTED,),
            (Step.ACCEPTED, Step.CONSENTED),
            (Step.ACCEPTED, Step.CONSENTED, Step.PREPARED),
            (Step.ACCEPTED, Step.CONSENTED, Step.PREPARED, Step.MET),
            (Step.ACCEPTED, Step.CONSENTED, Step.PREPARED, Step.EXCHANGED),
            (Step.ACCEPTED, Step.CONSENTED, Step.PREPARED, Step.MET, Step.OUTCOME_AGREED),
        )
    ),
)
ENDS = (None, (Step.CLOSED, "other"), (Step.CLOSED, "unsafe"), (Step.DECLINED, None))


class Told(NamedTuple):
    """A number of an answer: of a figure, in a cell, of how many or how many count; or by code."""

    figure: str
    what: str
    place: Place = Place()


def a_case(
    setting: Setting, way: Sequence[Step], turn: int, end: tuple[Step, str | None] | None
) -> Milestones:
    """A case that goes a way, from step number `turn` on in the later month."""
    steps = [*((one, None) for one in way), *([end] if end else [])]
    marks = {
        step: Mark(
            datetime.fromisoformat(f"{MONTHS[place >= turn]}-02T12:00Z") + timedelta(hours=place),
            UUID(int=0),
            Position("stream", 1),
            code,
        )
        for place, (step, code) in enumerate(steps)
    }
    return Milestones(UUID(int=0), setting, marks)


def numbers_of(case: Milestones) -> Iterator[Told]:
    """The numbers in which a case is counted."""
    for figure in FIGURES:
        if found := entry(figure, case, NOW):
            for setting, month in product((found.setting, None), (found.month, None)):
                place = Place(setting, month)
                yield Told(figure.name, "of", place)
                yield Told(figure.name, "counted" if found.counted else "not counted", place)
            if figure.counted in IN_SUMS and found.counted:
                yield Told(figure.name, f"code {found.code}")


Way = Sequence[Told]
EVERY: list[Way] = [
    tuple(numbers_of(a_case(setting, way, turn, end)))
    for setting, way, end in product(SETTINGS, WAYS, ENDS)
    for turn in range(len(way) + 1)
    if end is None or end[0] is Step.CLOSED or way[-1] is Step.SCREENED
]
"""Of every way that a case can go, the numbers in which it is counted."""


Row = Mapping[int, int]
Basis = dict[int, Row]


def reduced(row: Row, basis: Basis) -> Row:
    """What is left of a row beside the basis: nothing of a combination of it."""
    left = dict(row)
    for column, unit in basis.items():
        if factor := left.get(column, 0):
            for one, value in unit.items():
                left[one] = (left.get(one, 0) - factor * value) % PRIME
    return {column: value for column, value in left.items() if value}


def add(row: Row, basis: Basis) -> bool:
    """Take a row into the basis; whether it was none of its combinations.

    Each row of the basis has a one at its column, and nothing at those of the rows before.
    """
    left = reduced(row, basis)
    for column, value in left.items():
        inverse = pow(value, -1, PRIME)
        basis[column] = {one: other * inverse % PRIME for one, other in left.items()}
        break
    return bool(left)


def basis_of(numbers: Iterable[Told], beside: Mapping[int, Row] | None = None) -> Basis:
    basis = dict(beside or {})
    for number in numbers:
        add(ROWS[number], basis)
    return basis


def independent(ways: Sequence[Way]) -> list[Way]:
    """So many of the ways that the others tell nothing that these do not."""
    rows, basis = dict[Told, int](), Basis()
    return [
        one for one in ways if add({rows.setdefault(number, len(rows)): 1 for number in one}, basis)
    ]


ROWS: dict[Told, Row] = {}
for _column, _way in enumerate(independent(EVERY)):
    for _number in _way:
        ROWS.setdefault(_number, {})[_column] = 1  # type: ignore[index]


UNTOLD = {one for one in ROWS if one.figure == "time_to_close" and one.what.startswith("code")}
"""What no answer has, and nobody hides."""


def some_cases(seed: int) -> Counter[Told]:
    """Few that went some ways, many that went others, and none that went most of them."""
    draw = random.Random(seed)
    most, counts = draw.choice((4, 9, 30)), Counter[Told]()
    for way in draw.sample(EVERY, k=draw.choice((5, 20, 80, 300))):
        count = draw.randint(1, most)
        counts.update(dict.fromkeys(way, count))
    return counts


def tables_of(counts: Counter[Told]) -> dict[Figure, dict[Place, Cell]]:
    return {figure: dict(_cells(figure, counts)) for figure in FIGURES}


def _cells(figure: Figure, counts: Counter[Told]) -> Iterator[tuple[Place, Cell]]:
    """In an order that is never the same."""
    for name, what, place in sorted(counts, key=lambda _: random.random()):
        if (name, what) == (figure.name, "of"):
            count = counts[Told(name, "counted", place)]
            codes = {
                one.what.removeprefix("code "): n
                for one, n in counts.items()
                if one.figure == name and one.what.startswith("code ") and place == Place()
            }
            yield place, Cell(counts[Told(name, "of", place)], count, (1.0,) * count, codes)


def answers(tables: Mapping[Figure, Table]) -> dict[Told, int | None]:
    """Every number of every answer to whoever sees no cases; a share tells none besides."""
    concealed, found = hidden(tables), dict[Told, int | None]()
    for setting, month in product((None, *SETTINGS), (None, *MONTHS)):
        wanted = Wanted(setting, month)
        for figure, cells in tables.items():
            one = shown(figure, cells, concealed[figure.name], wanted, exact=False)
            found |= numbers_in(one, wanted)
    return found


def numbers_in(figure: FigureShown, wanted: Wanted) -> dict[Told, int | None]:
    cells: dict[Place, CellShown] = {wanted.place: figure}
    cells |= {Place(setting, wanted.month): one for setting, one in figure.by_setting.items()}
    cells |= {Place(wanted.setting, month): one for month, one in figure.by_month.items()}
    found: dict[Told, int | None] = {}
    for place, cell in cells.items():
        plain = figure.unit is Unit.CASES
        found[Told(figure.name, "counted", place)] = cell.numerator
        found[Told(figure.name, "of", place)] = cell.numerator if plain else cell.denominator
        if cell.suppressed:
            assert cell.value is cell.p90 is None
    codes = figure.by_code or {}
    return found | {Told(figure.name, f"code {code}"): count for code, count in codes.items()}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_hidden_number_follows_from_all_that_are_told(seed: int) -> None:
    counts = some_cases(seed)
    found = answers(tables_of(counts))
    told = {number: count for number, count in found.items() if count is not None}
    assert all(counts[number] == count >= 5 for number, count in told.items())
    # That there are no cases, or none of a code, is known to everybody, and what follows from it.
    empty = basis_of(one for one in ROWS if not counts[_whole(one)])
    known = basis_of(ROWS.keys() & told.keys(), empty)
    protected = {one for one, count in counts.items() if count < 5} | found.keys()
    for number in ROWS.keys() & protected - told.keys() - UNTOLD:
        if reduced(ROWS[number], empty):
            assert reduced(ROWS[number], known), (number, counts[number])


def _whole(one: Told) -> Told:
    return one if one.what.startswith("code ") else one._replace(what="of")


def test_every_process_hides_the_same() -> None:
    """Two answers that hide other numbers would tell them all."""
    for seed in range(5):
        counts = some_cases(seed)
        assert answers(tables_of(counts)) == answers(tables_of(counts))
