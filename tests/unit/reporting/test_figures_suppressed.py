"""What is too small to be told is not told, and cannot be worked out from what is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hypothesis import given
from hypothesis import strategies as st

from contracts.terms import Setting
from services.reporting.kpi.figures import NAMED
from services.reporting.kpi.suppress import Hidden, few, hidden
from services.reporting.kpi.tally import Cell, Place

ASB, FAMILY, SCHOOL = Setting.ASB_NEIGHBOUR, Setting.FAMILY, Setting.SCHOOL_COLLEGE
COURT = Setting.POST_COURT
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


def hidden_of(inner: Inner) -> Hidden:
    """What is hidden of a figure that stands alone."""
    return hidden({NAMED["acceptance"]: cells(inner)})["acceptance"]


def test_a_cell_of_fewer_than_five_cases_is_hidden() -> None:
    found = hidden_of({(ASB, MARCH): (4, 4), (FAMILY, MARCH): (2, 3), (SCHOOL, MARCH): (9, 9)})
    assert Place(ASB, MARCH) in found.denominators
    assert Place(FAMILY, MARCH) in found.denominators
    assert Place(SCHOOL, MARCH) not in found.denominators


def test_five_are_told() -> None:
    found = hidden_of({(ASB, MARCH): (5, 10), (FAMILY, MARCH): (10, 15)})
    assert not found.denominators
    assert not found.numerators


def test_a_count_is_hidden_where_too_few_count_or_too_few_do_not() -> None:
    found = hidden_of({(ASB, MARCH): (4, 20), (FAMILY, MARCH): (16, 20)})
    assert not found.denominators
    assert {Place(ASB, MARCH), Place(FAMILY, MARCH)} <= found.numerators


def test_that_all_count_may_be_told() -> None:
    assert not hidden_of({(ASB, MARCH): (20, 20), (FAMILY, MARCH): (20, 20)}).numerators


def test_a_single_hidden_cell_is_never_left_alone_in_its_row() -> None:
    found = hidden_of({(ASB, MARCH): (3, 3), (FAMILY, MARCH): (9, 9), (SCHOOL, MARCH): (8, 8)})
    assert Place(SCHOOL, MARCH) in found.denominators
    assert Place(FAMILY, MARCH) not in found.denominators


def test_what_a_row_hides_never_comes_to_a_small_number() -> None:
    found = hidden_of({(ASB, MARCH): (2, 2), (FAMILY, MARCH): (1, 1), (SCHOOL, MARCH): (8, 8)})
    assert Place(SCHOOL, MARCH) in found.denominators


def test_codes_are_hidden_so_that_their_sum_gives_none_away() -> None:
    codes = {"no_contact": 3, "other": 7, "unsafe": 9}
    endings = NAMED["endings"]
    found = hidden({endings: {Place(): Cell(30, 19, codes=codes)}})["endings"]
    assert found.codes == {"no_contact", "other"}
    assert not found.numerators


def test_a_count_that_is_hidden_is_not_told_as_what_another_figure_is_about() -> None:
    """Seventeen of twenty were accepted: three were not, and that is what nobody may work out."""
    acceptance, consent = NAMED["acceptance"], NAMED["dual_consent"]
    accepted_in_april = cells({(ASB, APRIL): (6, 17)})
    tables = {acceptance: cells({(ASB, MARCH): (17, 20)}), consent: accepted_in_april}
    found = hidden(tables)
    assert found["acceptance"].numerators == {*tables[acceptance]}
    assert found["dual_consent"].denominators == {*accepted_in_april}
    assert not found["acceptance"].denominators
    assert not found["dual_consent"].numerators


def test_in_months_that_are_over_the_old_cases_are_all_cases() -> None:
    conversion, consent = NAMED["conversion"], NAMED["dual_consent"]
    both = {(ASB, MARCH): (8, 16), (FAMILY, MARCH): (3, 4), (SCHOOL, MARCH): (9, 16)}
    later = {(ASB, APRIL): (8, 16), (FAMILY, APRIL): (9, 16)}
    found = hidden({consent: cells({**both, **later}), conversion: cells(both)})
    march = {Place(one, MARCH) for one in (ASB, FAMILY, SCHOOL)}
    assert found["conversion"].denominators & march == found["dual_consent"].denominators & march


SETTINGS, MONTHS = (ASB, FAMILY, SCHOOL, COURT), (MARCH, APRIL, "2026-05", "2026-06")
COUNTS = st.integers(1, 12).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
TABLES = st.dictionaries(
    st.tuples(st.sampled_from(SETTINGS), st.sampled_from(MONTHS)),
    COUNTS,
    min_size=1,
)


@given(TABLES)
def test_no_hidden_cell_of_any_table_can_be_worked_out(inner: Inner) -> None:
    """A hidden cell ties its row to its column; where nothing else does, their sums give it."""
    table = cells(inner)
    found = hidden_of(inner)
    assert all(few(table[place].denominator) <= (place in found.denominators) for place in table)
    assert all(few(table[place].numerator) <= (place in found.numerators) for place in table)
    for places in (found.denominators, found.numerators):
        for place in places:
            assert tied(places - {place}, place)


def tied(places: Collection[Place], place: Place) -> bool:
    """Whether these cells tie the row of that one to its column."""
    rows, columns = {place.setting}, set[str | None]()
    while fresh := {one for one in places if (one.setting in rows) != (one.month in columns)}:
        rows |= {one.setting for one in fresh}
        columns |= {one.month for one in fresh}
    return place.month in columns
