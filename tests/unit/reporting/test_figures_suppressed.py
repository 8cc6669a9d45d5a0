"""What is too small to be told is not told, and cannot be worked out from what is."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from contracts.terms import Setting
from services.reporting.kpi.suppress import few, hidden, hidden_codes
from services.reporting.kpi.tally import Cell, Place

ASB, FAMILY, SCHOOL = Setting.ASB_NEIGHBOUR, Setting.FAMILY, Setting.SCHOOL_COLLEGE
MARCH, APRIL = "2026-03", "2026-04"
Inner = Mapping[tuple[Setting, str], tuple[int, int]]


def cells(inner: Inner) -> dict[Place, Cell]:
    """The cells, as (count, of how many), with their margins and the whole."""
    found: dict[Place, Cell] = {}
    for (setting, month), (count, of) in inner.items():
        for place in (Place(s, m) for s in (setting, None) for m in (month, None)):
            former = found.get(place, Cell())
            found[place] = Cell(former.denominator + of, former.numerator + count)
    return found


def test_a_cell_of_fewer_than_five_cases_is_hidden() -> None:
    found = hidden(cells({(ASB, MARCH): (4, 4), (FAMILY, MARCH): (2, 3), (SCHOOL, MARCH): (9, 9)}))
    assert Place(ASB, MARCH) in found.denominators
    assert Place(FAMILY, MARCH) in found.denominators
    assert Place(SCHOOL, MARCH) not in found.denominators


def test_five_are_told() -> None:
    found = hidden(cells({(ASB, MARCH): (5, 10), (FAMILY, MARCH): (10, 15)}))
    assert not found.denominators
    assert not found.numerators


def test_a_count_is_hidden_where_too_few_count_or_too_few_do_not() -> None:
    found = hidden(cells({(ASB, MARCH): (4, 20), (FAMILY, MARCH): (16, 20)}))
    assert not found.denominators
    assert {Place(ASB, MARCH), Place(FAMILY, MARCH)} <= found.numerators


def test_that_all_count_may_be_told() -> None:
    assert not hidden(cells({(ASB, MARCH): (20, 20), (FAMILY, MARCH): (20, 20)})).numerators


def test_a_single_hidden_cell_is_never_left_alone_in_its_row() -> None:
    found = hidden(cells({(ASB, MARCH): (3, 3), (FAMILY, MARCH): (9, 9), (SCHOOL, MARCH): (8, 8)}))
    assert Place(SCHOOL, MARCH) in found.denominators
    assert Place(FAMILY, MARCH) not in found.denominators


COUNTS = st.integers(0, 12).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
TABLES = st.dictionaries(
    st.tuples(st.sampled_from([ASB, FAMILY, SCHOOL]), st.sampled_from([MARCH, APRIL, "2026-05"])),
    COUNTS.filter(lambda one: one[1] > 0),
    min_size=1,
)


@given(TABLES)
def test_no_row_or_column_of_any_table_gives_one_hidden_cell_away(inner: Inner) -> None:
    table = cells(inner)
    found = hidden(table)
    for places in (found.denominators, found.numerators):
        for axis in (0, 1):
            for along in {place[axis] for place in table}:
                line = [place for place in table if place[axis] == along]
                concealed = [place for place in line if place in places]
                assert len(concealed) != 1 or len(line) == 1
    assert all(few(table[place].denominator) <= (place in found.denominators) for place in table)
    assert found.denominators <= found.numerators


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12)))
def test_no_single_hidden_code_can_be_worked_out_from_the_sum(codes: dict[str, int]) -> None:
    found = hidden_codes(codes)
    assert {code for code, count in codes.items() if few(count)} <= found
    assert len(found) != 1 or len(codes) == 1
