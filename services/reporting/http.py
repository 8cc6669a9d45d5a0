"""What may be asked of the reporting service over HTTP, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Query

from contracts.fields import Role
from contracts.terms import Setting
from kernel.http import (
    Asked,
    NotFound,
    Page,
    Paging,
    Problem,
    Route,
    allow,
    allow_all_but,
    allow_hub,
    get,
)
from kernel.http.ask import PageWanted, Question
from kernel.http.problems import Kind, Wrong
from kernel.project.port import Document
from services.reporting.kpi.answer import CaseCounted, Figures, Wanted
from services.reporting.kpi.figure import Figure
from services.reporting.kpi.figures import FIGURES, NAMED
from services.reporting.kpi.query import all_cases, answered, case_page
from services.reporting.projections.case_status.lifecycle import Status
from services.reporting.projections.case_status.query import CaseStatus, case_status
from services.reporting.projections.open_cases.query import CaseListed, listed, wanted
from services.reporting.projections.timeline.query import TimelineEntry, timeline
from services.reporting.projections.to_do.query import TaskShown, Urgency, work_list

T = TypeVar("T")

# Analysts get numbers, never a case; feeds and operations have no casework to do.
READS = allow_all_but(Role.ANALYST, Role.POLICE_FEED, Role.OPERATIONS)
# Figures tell no case apart; which cases stand behind them is for those who see every case.
FIGURE_CASES = allow_hub(Role.COORDINATOR, Role.SUPERVISOR)
FIGURE_READS = allow(Role.ANALYST, Role.COORDINATOR, Role.SUPERVISOR, Role.PROVIDER_MANAGER)
Month = Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="such as 2026-03")]
# Who oversees the casework; an officer or a referrer of the same organisation does not.
OVERSEERS = frozenset({Role.COORDINATOR, Role.SUPERVISOR})


@get("/cases", READS, reads="case_status")
async def list_cases(
    asked: Asked, paging: Paging, status: Status | None = None, setting: Setting | None = None
) -> Page[CaseListed]:
    """The open cases, or those of one status."""
    found, then = await asked.page("case_status", wanted(asked, status, setting), paging)
    return Page(items=tuple(map(listed, found)), next=then)


@get("/cases/{case}", READS, reads="case_status")
async def show_case(case: UUID, asked: Asked) -> CaseStatus:
    """How a case stands."""
    found = await _found("case_status", case, asked)
    return case_status(found, with_consents=_sees_people(asked, found))


@get("/cases/{case}/timeline", READS, reads="timeline")
async def show_timeline(case: UUID, asked: Asked, paging: Paging) -> Page[TimelineEntry]:
    """What happened in a case, in plain words, the oldest first."""
    found = await _found("timeline", case, asked)
    entries = timeline(found, with_personal=_sees_people(asked, found))
    return _page(entries, [one.event for one in entries], paging, "timeline")


@get("/worklist", allow(Role.FACILITATOR, *OVERSEERS), reads="to_do")
async def list_work(
    asked: Asked, paging: Paging, urgency: Urgency | None = None
) -> Page[TaskShown]:
    """What is overdue, due or blocked: in a facilitator's own cases, else in the hub's."""
    found = [one for one in await work_list(asked) if urgency in (None, one.urgency)]
    return _page(found, [one.id for one in found], paging, "work list")


@get("/figures", FIGURE_READS, reads="milestones")
async def list_figures(
    asked: Asked, setting: Setting | None = None, month: Month | None = None
) -> Figures:
    """Every figure, by setting and month; small cells are left out for who sees no cases."""
    wanted, exact = Wanted(setting, month), _sees_cases(asked)
    return await answered(FIGURES, await all_cases(asked), wanted, exact=exact)


@get("/figures/{name}", FIGURE_READS, reads="milestones")
async def show_figure(
    name: str, asked: Asked, setting: Setting | None = None, month: Month | None = None
) -> Figures:
    """One figure."""
    figure, wanted, exact = _figure(name), Wanted(setting, month), _sees_cases(asked)
    return await answered([figure], await all_cases(asked), wanted, exact=exact)


@get("/figures/{name}/cases", FIGURE_CASES, reads="milestones")
async def list_cases_of_figure(
    name: str,
    asked: Asked,
    paging: Paging,
    setting: Setting | None = None,
    month: Month | None = None,
) -> Page[CaseCounted]:
    """The cases behind a figure, each with the events that put it there."""
    figure, wanted = _figure(name), Wanted(setting, month)
    items, then = case_page(figure, await all_cases(asked), wanted, paging)
    return Page(items=tuple(items), next=then)


def _figure(name: str) -> Figure:
    if name not in NAMED:
        raise NotFound
    return NAMED[name]


def _sees_cases(asked: Question) -> bool:
    return FIGURE_CASES.admits(asked.actor.role, of_hub=asked.sees_all)


async def _found(projection: str, case: UUID, asked: Question) -> Document:
    """A case that the caller sees; one whose first event is parked is not there."""
    found = await asked.find(projection, case)
    if found is None or not found.folded or not _sees_case(asked, found):
        raise NotFound
    return found


def _sees_case(asked: Question, found: Document) -> bool:
    """Whether it is a case of the caller's organisation, and of a facilitator's own."""
    own = asked.actor.role is not Role.FACILITATOR or _works_on(asked, found)
    return own and asked.sees(found.body["organisations"])


def _works_on(asked: Question, found: Document) -> bool:
    """Whether a facilitator is assigned to the case now.

    That their organisation answers for a case makes no facilitator one of it: they may be its
    officer in charge, or have been taken off it. What another version left may not tell who works
    on it, and is shown to none of them.
    """
    return str(asked.actor.id) in found.body.get("assigned", ())


def _sees_people(asked: Question, found: Document) -> bool:
    """Whether the caller may see what single people said: who oversees the case or works on it."""
    if asked.actor.role is Role.FACILITATOR:
        return _works_on(asked, found)
    return asked.actor.role in OVERSEERS and asked.sees(found.body["controllers"])


def _page(items: Sequence[T], ids: list[UUID], wanted: PageWanted, of: str) -> Page[T]:
    if wanted.cursor is not None and wanted.cursor not in ids:
        wrong = Wrong(field="query.cursor", right=f"the `next` of a page of this {of}")
        raise Problem(Kind.INVALID, f"This {of} has no such page.", errors=(wrong,))
    start = ids.index(wanted.cursor) + 1 if wanted.cursor else 0
    end = start + wanted.limit
    return Page(items=tuple(items[start:end]), next=ids[end - 1] if end < len(items) else None)


ROUTES: tuple[Route, ...] = (
    list_cases,
    show_case,
    show_timeline,
    list_work,
    list_figures,
    show_figure,
    list_cases_of_figure,
)
