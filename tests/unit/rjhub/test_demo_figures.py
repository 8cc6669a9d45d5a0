"""What a quarter comes to by its plan is what was published, and any other number is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.terms import Setting
from rjhub.demo.figures import Cell, Figure, differences, expected, less, told
from rjhub.demo.quarter import quarter, small_quarter

WHOLE = expected(quarter())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("referrals", "186"),
        ("take_up", "53/186 = 28.5 %"),
        ("direct_share", "11/53 = 20.8 %"),
        ("endings", "186/186 = 100.0 %"),
    ],
)
def test_the_plan_comes_to_the_published_figures(name: str, said: str) -> None:
    assert str(WHOLE[name].whole) == said


def test_every_end_is_counted_once() -> None:
    assert sum(WHOLE["endings"].by_code.values()) == 186


def test_the_settings_add_up_to_the_whole() -> None:
    for figure in WHOLE.values():
        cells = figure.by_setting.values()
        assert sum(one.numerator for one in cells) == figure.whole.numerator


def test_a_share_of_nothing_is_none() -> None:
    assert (Cell(0, 0).value, str(Cell(0, 0))) == (None, "0/0")


def test_a_second_quarter_is_what_came_to_the_first() -> None:
    first = expected(small_quarter(20))
    both = {name: _sum(first[name], WHOLE[name]) for name in WHOLE}
    assert [*differences(WHOLE, less(both, first))] == []


def _sum(one: Figure, other: Figure) -> Figure:
    codes = {*one.by_code, *other.by_code}
    return Figure(
        one.name,
        _added(one.whole, other.whole),
        {name: _added(cell, other.by_setting[name]) for name, cell in one.by_setting.items()},
        {code: one.by_code.get(code, 0) + other.by_code.get(code, 0) for code in codes},
    )


def _added(one: Cell, other: Cell) -> Cell:
    of = None if one.denominator is None else one.denominator + (other.denominator or 0)
    return Cell(one.numerator + other.numerator, of)


def test_a_number_that_differs_is_said_with_both() -> None:
    wrong = replace(WHOLE["take_up"], whole=Cell(52, 186))
    found = [*differences(WHOLE, WHOLE | {"take_up": wrong})]
    assert found == ["take_up, all cases: 52/186 = 28.0 % instead of 53/186 = 28.5 %"]


def test_a_setting_an_end_or_a_figure_that_differs_is_said() -> None:
    cells = {**WHOLE["take_up"].by_setting, Setting.FAMILY: Cell(9, 9)}
    found = {
        **WHOLE,
        "take_up": replace(WHOLE["take_up"], by_setting=cells),
        "endings": replace(WHOLE["endings"], by_code={**WHOLE["endings"].by_code, "other": 2}),
    }
    del found["direct_share"]
    said = [*differences(WHOLE, found)]
    assert [one.split(":")[0] for one in said] == [
        "take_up, family",
        "direct_share is not told",
        "endings, other",
    ]


def test_what_reporting_answers_is_read_as_it_is_told() -> None:
    cell = {"numerator": 3, "denominator": 4, "value": 75.0}
    one = {"name": "endings", **cell, "by_setting": {"family": cell}, "by_code": {"other": 3}}
    (found,) = told({"figures": [one, {"name": "time_to_close"}]}).values()
    assert found == Figure("endings", Cell(3, 4), {"family": Cell(3, 4)}, {"other": 3})
