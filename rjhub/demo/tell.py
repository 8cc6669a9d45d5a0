"""What a play came to, for people: figures, timelines, an answer to "why can't I?", the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from rich.table import Table

from contracts.terms import Setting
from rjhub.client import Json
from rjhub.demo.caller import Call
from rjhub.demo.figures import PUBLISHED, Cell, Figure
from rjhub.demo.stories import Asked

ZONE = ZoneInfo("Europe/London")
BY_SETTING = ("referrals", "take_up", "direct_share", "agreement_rate")

Figures = Mapping[str, Figure]


def figures_table(quarter: Figures, hub: Figures) -> Table:
    """What reporting tells of the quarter, beside what was published, and of the whole hub."""
    table = Table("Figure", "This quarter", "Published", title="Figures, as reporting tells them")
    more = quarter != hub
    if more:
        table.add_column("All the hub's quarters")
    for name, figure in quarter.items():
        whole = [str(hub[name].whole)] if more else []
        table.add_row(_plain(name), str(figure.whole), _published(name), *whole)
    return table


def _published(name: str) -> str:
    if name not in PUBLISHED:
        return ""
    return f"{PUBLISHED[name]} %" if name != "referrals" else str(PUBLISHED[name])


def settings_table(quarter: Figures) -> Table:
    """The same by setting."""
    columns = [one for one in BY_SETTING if one in quarter]
    table = Table("Setting", *map(_plain, columns), title="By setting")
    for setting in Setting:
        cells = (quarter[one].by_setting[setting] for one in columns)
        table.add_row(_plain(setting), *map(str, cells))
    return table


def endings_table(quarter: Figures) -> Table:
    """How the cases ended."""
    table = Table("How they ended", "Cases", title="Ends")
    found = quarter["endings"].by_code.items()
    for code, count in sorted(found, key=lambda one: (-one[1], one[0])):
        table.add_row(_plain(code), str(count))
    return table


def timeline_table(title: str, entries: Iterable[Json]) -> Table:
    """A case's events in plain words, with what caused them."""
    table = Table("When", "Who", "What", "Because", title=title)
    for one in entries:
        cause = one["cause"] or ""
        table.add_row(_when(one["happened_at"]), _plain(one["role"]), one["words"], cause)
    return table


def _when(moment: str) -> str:
    local = datetime.fromisoformat(moment).astimezone(ZONE)
    return f"{local:%d %b %H:%M}"


def why_not(question: str, asked: Sequence[Asked]) -> Table:
    """What stood in the way at first, rule by rule, and what is answered once it does not."""
    table = Table("Asked", "Answer", "Rule", "What would satisfy it", title=question)
    for when, one in zip(("before", "after"), asked, strict=True):
        unmet = one.answer.get("unmet", ())
        if one.answer["can"]:
            table.add_row(when, "yes")
        for place, rule in enumerate(unmet):
            said = f"{rule['rule']}: {rule['words']}"
            table.add_row(*(("", "") if place else (when, "no")), said, rule["needs"])
    return table


def time_table(seconds: Mapping[str, float], calls: Sequence[Call]) -> Table:
    """Where the time went: step by step, and in calls at whom."""
    table = Table("Step, or calls", "Seconds", "Calls", "Median", "95 of 100 within")
    table.title = "Where the time went"
    for step, took in seconds.items():
        table.add_row(step, f"{took:.1f}")
    took_by = defaultdict[str, list[float]](list)
    for call in calls:
        took_by[call.service].append(call.seconds)
    for service, took_each in sorted(took_by.items()):
        most = sorted(took_each)[int(0.95 * len(took_each))]
        shown = (f"{1000 * median(took_each):.0f} ms", f"{1000 * most:.0f} ms")
        table.add_row(f"  {service}", "", str(len(took_each)), *shown)
    return table


def as_json(quarter: Figures, seconds: Mapping[str, float]) -> Json:
    """The same for programs."""
    return {
        "figures": [_figure_json(one) for one in quarter.values()],
        "cases": dict(sorted(quarter["endings"].by_code.items())),
        "timings_s": {step: round(took, 3) for step, took in seconds.items()},
    }


def _figure_json(figure: Figure) -> Json:
    return {
        "name": figure.name,
        "unit": "cases" if figure.whole.denominator is None else "%",
        "published": PUBLISHED.get(figure.name),
        **_cell_json(figure.whole),
        "by_setting": {str(one): _cell_json(cell) for one, cell in figure.by_setting.items()},
    }


def _cell_json(cell: Cell) -> Json:
    return {
        "value": cell.value,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
    }


def _plain(name: str) -> str:
    return name.replace("_", " ")
