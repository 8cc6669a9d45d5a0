"""What stands in the way of a meeting's date: one small check per rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from contracts.facilitation.ids import MeetingId, VenueRef
from contracts.facilitation.meeting import Booking
from contracts.facilitation.preparation import VenueApproved
from contracts.facilitation.team import TeamPart
from contracts.fields import ParticipantId
from contracts.terms import DIRECT, Method
from kernel.decider import Unmet
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.arrangement import ready
from services.facilitation.domain.case.meeting import rules
from services.facilitation.domain.case.parts import Meeting, MeetingStanding
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case
from services.facilitation.domain.case.team.decide import LIVE, stands


class Plan(NamedTuple):
    """A date as it is wished for, of a new meeting or of one that moves."""

    meeting_id: MeetingId
    method: Method
    starts_at: datetime
    ends_at: datetime
    venue_ref: VenueRef
    attendees: tuple[ParticipantId, ...]
    bookings: tuple[Booking, ...]


def of_date(plan: Plan, case: Case, at: At) -> Iterator[Unmet | None]:
    """Everything that a date is checked against."""
    yield gate.assigned(case, at)
    yield _direct(plan)
    yield from ready.for_activity(case, at, plan.method, plan.attendees)
    yield ready.nobody_left_out(case, plan.method, plan.attendees)
    yield _ends_after_start(plan)
    yield _notice(plan, at)
    yield venue_approved(case, plan.venue_ref)
    yield _one_at_a_time(plan, case)
    yield _reserved(plan, case, at)
    yield stands(case, *(one.reservation_id for one in plan.bookings))


def _direct(plan: Plan) -> Unmet | None:
    if plan.method in DIRECT:
        return None
    return rules.MEETS_DIRECTLY.unmet(f"one of: {', '.join(sorted(DIRECT))}")


def _ends_after_start(plan: Plan) -> Unmet | None:
    if plan.starts_at < plan.ends_at:
        return None
    return rules.ENDS_AFTER_ITS_START.unmet("an end after the start")


def _notice(plan: Plan, at: At) -> Unmet | None:
    earliest = at.now + at.practice.notice
    if plan.starts_at >= earliest:
        return None
    return rules.NOTICE.unmet(f"a start at {earliest.isoformat(timespec='minutes')} or later")


def _one_at_a_time(plan: Plan, case: Case) -> Unmet | None:
    others = (one for id_, one in case.meetings_that_are(*LIVE) if id_ != plan.meeting_id)
    if not any(one.starts_at < plan.ends_at and plan.starts_at < one.ends_at for one in others):
        return None
    return rules.ONE_MEETING_AT_A_TIME.unmet("another time, or the other meeting cancelled")


def _reserved(plan: Plan, case: Case, at: At) -> Unmet | None:
    """That there is a lead, and a co-facilitator where needed, is checked elsewhere."""
    booked = {one.facilitator_id for one in plan.bookings}
    two = ready.needs_two(case, at, plan.attendees)
    wanted = {one.facilitator_id for one in case.team if two or one.part is TeamPart.LEAD}
    assigned = {one.facilitator_id for one in case.team}
    if wanted <= booked <= assigned:
        return None
    return rules.TIME_RESERVED.unmet("a reservation of the time of those who are assigned")


def venue_approved(case: Case, venue_ref: VenueRef) -> Unmet | None:
    """An approval that was corrected since counts no longer."""
    if any(one.venue_ref == venue_ref for _, one in case.entered(VenueApproved)):
        return None
    return rules.VENUE_APPROVED.unmet("the approval of the place, or a place that is approved")


def nobody_meets(case: Case) -> Unmet | None:
    return (
        rules.ONE_MEETING_AT_A_TIME.unmet("the end of the other meeting") if case.running else None
    )


def still_to_come(meeting: Meeting) -> Unmet | None:
    if meeting.standing is MeetingStanding.SCHEDULED:
        return None
    return rules.STILL_TO_COME.unmet("the id of a meeting that is scheduled")


def has_begun(meeting: Meeting) -> Unmet | None:
    if meeting.standing is MeetingStanding.RUNNING:
        return None
    return rules.HAS_BEGUN.unmet("the id of a meeting that is running")


def attended(began: tuple[ParticipantId, ...], stayed: tuple[ParticipantId, ...]) -> Unmet | None:
    if set(stayed) <= set(began):
        return None
    return rules.ATTENDED.unmet("the ids of those who were there when it began")
