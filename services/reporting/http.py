"""What may be asked of the reporting service over HTTP, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.fields import Role
from contracts.terms import Setting
from kernel.http import Asked, NotFound, Page, Paging, Problem, Route, allow_all_but, get
from kernel.http.ask import PageWanted, Question
from kernel.http.problems import Kind, Wrong
from kernel.project.port import Document
from services.reporting.projections.case_status.lifecycle import Status
from services.reporting.projections.case_status.query import CaseStatus, case_status
from services.reporting.projections.open_cases.query import CaseListed, listed, wanted
from services.reporting.projections.timeline.query import TimelineEntry, timeline

# Analysts get numbers, never a case; feeds and operations have no casework to do.
READS = allow_all_but(Role.ANALYST, Role.POLICE_FEED, Role.OPERATIONS)
# Who does the casework; an officer or a referrer of the same organisation does not.
STAFF = frozenset({Role.COORDINATOR, Role.FACILITATOR, Role.SUPERVISOR})


@get("/cases", READS, reads="case_status")
async def list_cases(
    asked: Asked, paging: Paging, status: Status | None = None, setting: Setting | None = None
) -> Page[CaseListed]:
    """The open cases, or those of one status: the work list."""
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
    return _page(timeline(found, with_personal=_sees_people(asked, found)), paging)


async def _found(projection: str, case: UUID, asked: Question) -> Document:
    """A case that the caller's organisation sees; one whose first event is parked is not there."""
    found = await asked.find(projection, case)
    if found is None or not found.folded or not asked.sees(found.body["organisations"]):
        raise NotFound
    return found


def _sees_people(asked: Question, found: Document) -> bool:
    """Whether the caller may see what single people said: staff of the hub or of a controller."""
    return asked.actor.role in STAFF and asked.sees(found.body["controllers"])


def _page(entries: Sequence[TimelineEntry], wanted: PageWanted) -> Page[TimelineEntry]:
    ids = [one.event for one in entries]
    if wanted.cursor is not None and wanted.cursor not in ids:
        wrong = Wrong(field="query.cursor", right="the `next` of a page of this timeline")
        raise Problem(Kind.INVALID, "This timeline has no such page.", errors=(wrong,))
    start = ids.index(wanted.cursor) + 1 if wanted.cursor else 0
    end = start + wanted.limit
    return Page(items=tuple(entries[start:end]), next=ids[end - 1] if end < len(entries) else None)


ROUTES: tuple[Route, ...] = (list_cases, show_case, show_timeline)
