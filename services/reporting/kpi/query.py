"""Figures as they are answered: over the milestones of all cases, with or without small cells."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from kernel.http.ask import PageWanted, Question
from kernel.project.port import Document
from services.reporting.kpi.answer import (
    CaseCounted,
    Figures,
    FigureShown,
    Wanted,
    case_counted,
    shown,
)
from services.reporting.kpi.figure import Entry, Figure, entry
from services.reporting.kpi.figures import FIGURES
from services.reporting.kpi.suppress import Hidden, hidden
from services.reporting.kpi.tally import Table, table
from services.reporting.projections.milestones.project import MILESTONES
from services.reporting.projections.milestones.query import Milestones, milestones

PAGE = 1000


@dataclass(frozen=True)
class Cases:
    """All cases at one moment; `parked` of them wait for an event to be repaired."""

    now: datetime
    cases: Sequence[Milestones]
    parked: int


async def all_cases(asked: Question) -> Cases:
    """Read every case, page by page, from one version of the read model."""
    view, now = asked.view(MILESTONES.name), await asked.now()
    found: list[Document] = []
    while page := await asked.documents.page(
        view, after=found[-1].id if found else None, limit=PAGE
    ):
        found += page
    cases = [one for one in map(milestones, found) if one]
    return Cases(now, cases, sum(1 for one in found if one.parked))


async def answered(
    figures: Iterable[Figure], cases: Cases, wanted: Wanted, *, exact: bool
) -> Figures:
    """These figures; unless `exact`, small cells are hidden."""
    told = await asyncio.to_thread(_exactly if exact else _without_small, figures, cases, wanted)
    return Figures(as_of=cases.now, parked=cases.parked, figures=tuple(told))


def entries(figure: Figure, cases: Cases, wanted: Wanted) -> Iterator[Entry]:
    """The cases of a figure within what is wanted."""
    for case in cases.cases:
        found = entry(figure, case, cases.now)
        if found and wanted.holds(found):
            yield found


def _exactly(figures: Iterable[Figure], cases: Cases, wanted: Wanted) -> list[FigureShown]:
    return [shown(one, _table(one, cases), Hidden(), wanted, exact=True) for one in figures]


def _without_small(figures: Iterable[Figure], cases: Cases, wanted: Wanted) -> list[FigureShown]:
    """All figures are made first: what is hidden must not depend on what is asked."""
    tables = {one: _table(one, cases) for one in FIGURES}
    concealed = hidden(tables)
    return [shown(one, tables[one], concealed[one.name], wanted, exact=False) for one in figures]


def _table(figure: Figure, cases: Cases) -> Table:
    return table(entries(figure, cases, Wanted()))


def case_page(
    figure: Figure, cases: Cases, wanted: Wanted, paging: PageWanted
) -> tuple[list[CaseCounted], UUID | None]:
    """The cases of a figure in order of their ids, and where the next page begins."""
    found = (one for one in entries(figure, cases, wanted) if _behind(one, paging.cursor))
    page = list(islice(found, paging.limit + 1))
    items = [case_counted(figure, one) for one in page[: paging.limit]]
    return items, items[-1].case if len(page) > paging.limit else None


def _behind(one: Entry, cursor: UUID | None) -> bool:
    return cursor is None or one.case > cursor
