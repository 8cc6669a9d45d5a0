"""What a play came to is told in plain words, and the same for programs."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table

from rjhub.demo import tell
from rjhub.demo.caller import Call
from rjhub.demo.figures import expected
from rjhub.demo.quarter import quarter, small_quarter
from rjhub.demo.stories import Asked

QUARTER = expected(quarter())


def printed(table: Table) -> list[list[str]]:
    """The cells of every row, without the frame."""
    out = StringIO()
    Console(file=out, width=160, color_system=None).print(table)
    rows = [line.split("│")[1:-1] for line in out.getvalue().splitlines() if "│" in line]
    return [[cell.strip() for cell in row] for row in rows]


def test_figures_stand_beside_the_published_ones() -> None:
    rows = printed(tell.figures_table(QUARTER, QUARTER))
    assert ["referrals", "186", "186"] in rows
    assert ["take up", "53/186 = 28.5 %", "28.5 %"] in rows
    assert ["direct share", "11/53 = 20.8 %", "20.8 %"] in rows
    assert ["dual consent", "53/147 = 36.1 %", ""] in rows


def test_on_a_hub_that_has_seen_others_its_figures_are_told_too() -> None:
    rows = printed(tell.figures_table(expected(small_quarter(20)), QUARTER))
    assert ["referrals", "20", "186", "186"] in rows


def test_a_setting_without_cases_has_no_share() -> None:
    rows = printed(tell.settings_table(expected(quarter()[:1])))
    assert sum(row[1:3] == ["0", "0/0"] for row in rows) == 6


def test_a_timeline_says_when_who_what_and_why() -> None:
    entry = {
        "happened_at": "2027-06-01T08:00:00Z",
        "role": "provider_manager",
        "words": "A facilitator was assigned.",
        "cause": None,
    }
    because = entry | {"role": "system", "cause": "A facilitator was assigned."}
    rows = printed(tell.timeline_table("A meeting", [entry, because]))
    assert rows == [
        ["01 Jun 09:00", "provider manager", "A facilitator was assigned.", ""],
        ["01 Jun 09:00", "system", "A facilitator was assigned.", "A facilitator was assigned."],
    ]


def test_what_stands_in_the_way_is_told_rule_by_rule_until_nothing_does() -> None:
    unmet = [
        {"rule": "FAC-30", "words": "A lead.", "source": "", "needs": "a lead"},
        {"rule": "FAC-43", "words": "A place.", "source": "", "needs": "a place"},
    ]
    asked = [
        Asked("ScheduleMeeting", {"can": False, "unmet": unmet}),
        Asked("ScheduleMeeting", {"can": True}),
    ]
    assert printed(tell.why_not("Why can't I?", asked)) == [
        ["before", "no", "FAC-30: A lead.", "a lead"],
        ["", "", "FAC-43: A place.", "a place"],
        ["after", "yes", "", ""],
    ]


def test_the_time_is_told_by_step_and_by_whom_was_called() -> None:
    calls = [Call("consent", 0.01 * n) for n in range(1, 101)]
    rows = printed(tell.time_table({"play": 12.34}, calls))
    assert rows == [["play", "12.3", "", "", ""], ["consent", "", "100", "505 ms", "960 ms"]]


def test_programs_get_the_same_numbers() -> None:
    found = tell.as_json(QUARTER, {"play": 12.3456})
    take_up = next(one for one in found["figures"] if one["name"] == "take_up")
    family = take_up.pop("by_setting")["family"]
    assert take_up == {
        "name": "take_up",
        "unit": "%",
        "value": 28.5,
        "published": 28.5,
        "numerator": 53,
        "denominator": 186,
    }
    assert family == {"value": 0.0, "numerator": 0, "denominator": 6}
    assert sum(found["cases"].values()) == 186
    assert found["timings_s"] == {"play": 12.346}
