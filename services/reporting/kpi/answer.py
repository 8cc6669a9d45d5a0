"""A figure as it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.terms import Setting
from services.reporting.kpi.figure import Entry, Figure, Unit
from services.reporting.kpi.suppress import Hidden
from services.reporting.kpi.tally import Cell, Place, Table
from services.reporting.projections.milestones.query import Mark


class CellShown(BaseModel):
    """One cell: how many cases, how many of them count, and what that comes to."""

    model_config = ConfigDict(frozen=True)

    numerator: int | None
    denominator: int | None = Field(
        description="null where the figure is a plain number of cases, or it is left out"
    )
    value: float | None = Field(
        description="null where there are no cases, or a number is left out"
    )
    p90: float | None = Field(None, description="of times: what nine of ten do not exceed")
    suppressed: bool = Field(
        False,
        description="whether a number is left out: too small to tell, or it would tell one that is",
    )


class FigureShown(CellShown):
    """A figure, and the same by setting and by the month of its denominator."""

    name: str
    words: str = Field(description="what it says")
    unit: Unit
    by_setting: dict[Setting, CellShown]
    by_month: dict[str, CellShown]
    by_code: dict[str, int | None] | None = Field(
        None, description="those that count, by how they ended"
    )


class Figures(BaseModel):
    """Figures of one moment."""

    model_config = ConfigDict(frozen=True)

    as_of: datetime
    parked: int = Field(description="cases that stand still here until an event is repaired")
    figures: tuple[FigureShown, ...]


class EventShown(BaseModel):
    """The event behind a number, found in the case's timeline and on the log."""

    model_config = ConfigDict(frozen=True)

    event: UUID
    stream: str
    version: int
    happened_at: datetime


class CaseCounted(BaseModel):
    """A case in a figure's denominator; `counted` is the event that puts it in the numerator."""

    model_config = ConfigDict(frozen=True)

    case: UUID
    setting: Setting
    month: str
    began: EventShown
    counted: EventShown | None
    days: float | None = Field(None, description="of times: how long it took")
    code: str | None = Field(None, description="how it ended, where the figure asks for that")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a figure is asked for."""

    setting: Setting | None = None
    month: str | None = None

    @property
    def place(self) -> Place:
        """The cell that holds it all."""
        return Place(self.setting, self.month)

    def holds(self, one: Entry) -> bool:
        """Whether a case is in it."""
        return self.setting in (None, one.setting) and self.month in (None, one.month)


def shown(
    figure: Figure, cells: Table, hidden: Hidden, wanted: Wanted, *, exact: bool
) -> FigureShown:
    """The part that is wanted, with the same by setting and by month."""
    settings = (wanted.setting,) if wanted.setting else tuple(Setting)
    months = sorted({month for setting, month in cells if month and setting is None})

    def cell(place: Place) -> CellShown:
        found = cells.get(place, Cell())
        return _cell(figure.unit, found, place, hidden, told=exact or place in cells)

    whole = cell(wanted.place)
    return FigureShown(
        **whole.model_dump(),
        name=figure.name,
        words=figure.words,
        unit=figure.unit,
        by_setting={one: cell(Place(one, wanted.month)) for one in settings},
        by_month={
            one: cell(Place(wanted.setting, one)) for one in months if wanted.month in (None, one)
        },
        by_code=_codes(figure, cells.get(wanted.place, Cell()), whole, hidden, wanted, exact=exact),
    )


def case_counted(figure: Figure, one: Entry) -> CaseCounted:
    """One case of a figure, with the events behind it."""
    return CaseCounted(
        case=one.case,
        setting=one.setting,
        month=one.month,
        began=_event(one.began),
        counted=_event(one.counted) if one.counted else None,
        days=round(one.days, 3) if one.counted and figure.unit is Unit.DAYS else None,
        code=one.code if figure.by_code else None,
    )


def _event(mark: Mark) -> EventShown:
    stream, version = mark.position
    return EventShown(event=mark.event, stream=stream, version=version, happened_at=mark.at)


def _cell(unit: Unit, cell: Cell, place: Place, hidden: Hidden, *, told: bool) -> CellShown:
    """A cell whose numbers are told as far as they are not hidden; an empty one may not be.

    A share would tell the one of its two numbers by the other.
    """
    cases = told and place not in hidden.denominators
    counts = told and place not in hidden.numerators
    both = cases and counts
    return CellShown(
        numerator=cell.numerator if counts else None,
        denominator=cell.denominator if cases and unit is not Unit.CASES else None,
        value=_value(unit, cell) if both else None,
        p90=cell.p90 if both and unit is Unit.DAYS else None,
        suppressed=not both,
    )


def _value(unit: Unit, cell: Cell) -> float | None:
    return {Unit.CASES: float(cell.numerator), Unit.PERCENT: cell.percent, Unit.DAYS: cell.median}[
        unit
    ]


def _codes(
    figure: Figure, cell: Cell, whole: CellShown, hidden: Hidden, wanted: Wanted, *, exact: bool
) -> dict[str, int | None] | None:
    """By code; where small cells are hidden, of the whole alone, as parts would give codes away."""
    if not figure.by_code or not (exact or (wanted == Wanted() and not whole.suppressed)):
        return None
    return {
        code: None if code in hidden.codes else count for code, count in sorted(cell.codes.items())
    }
