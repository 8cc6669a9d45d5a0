"""The time of whoever facilitates is reserved, and then a meeting gets its date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from contracts.facilitation.ids import MeetingId
from contracts.facilitation.meeting import Booking
from contracts.facilitation.workforce import ReservationPurpose
from contracts.fields import CaseId
from kernel.commands import Accepted
from kernel.decider import Command, Refused
from kernel.http import Order
from kernel.http.trial import Trial
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.case.meeting.commands import (
    RescheduleMeeting,
    RescheduleReserved,
    ScheduleMeeting,
    ScheduleReserved,
)
from services.facilitation.domain.case.parts import Assignment
from services.facilitation.domain.facilitator.commands import ReserveFacilitator
from services.facilitation.reserving import (
    answered,
    reservation_id,
    reserve,
    together,
    would_be_answered,
    would_reserve,
)

NO_REQUEST = UUID(int=0)


class Slot(NamedTuple):
    """The time of a meeting that is wanted, and the request that wants it."""

    case: UUID
    meeting_id: MeetingId
    starts_at: datetime
    ends_at: datetime
    request: UUID


async def schedule(body: ScheduleMeeting, order: Order) -> Accepted | Refused:
    """Reserve everybody of the team for the time, then set the date."""
    if early := await answered(order, body) or await would_schedule(body, order.trial):
        return early
    slot = _new(body, order.subject, order.request.command_id)
    bookings = await _book(order, slot)
    if isinstance(bookings, Refused):
        return bookings
    return await order.execute(CASE, order.subject, _scheduling(body, slot, bookings))


async def would_schedule(body: ScheduleMeeting, trial: Trial) -> Refused | None:
    """Everything that stands in the way, in the time of the team and in the case."""
    slot = _new(body, trial.subject, NO_REQUEST)
    team = (await trial.state(CASE, trial.subject)).team
    command = _scheduling(body, slot, _bookings(team, slot))
    return together(await would_be_answered(trial, command), *await _taken(trial, team, slot))


async def reschedule(body: RescheduleMeeting, order: Order) -> Accepted | Refused:
    """Reserve everybody of the team for the new time, then move the date."""
    if early := await answered(order, body) or await would_reschedule(body, order.trial):
        return early
    bookings = await _book(order, _moved(body, order.subject, order.request.command_id))
    if isinstance(bookings, Refused):
        return bookings
    return await order.execute(CASE, order.subject, _rescheduling(body, bookings))


async def would_reschedule(body: RescheduleMeeting, trial: Trial) -> Refused | None:
    """Everything that stands in the way, in the time of the team and in the case."""
    slot = _moved(body, trial.subject, NO_REQUEST)
    team = (await trial.state(CASE, trial.subject)).team
    command = _rescheduling(body, _bookings(team, slot))
    return together(await would_be_answered(trial, command), *await _taken(trial, team, slot))


def _new(body: ScheduleMeeting, case: UUID, request: UUID) -> Slot:
    meeting_id = MeetingId(uuid5(request, "meeting"))
    return Slot(case, meeting_id, body.starts_at, body.ends_at, request)


def _moved(body: RescheduleMeeting, case: UUID, request: UUID) -> Slot:
    return Slot(case, body.meeting_id, body.starts_at, body.ends_at, request)


def _scheduling(body: ScheduleMeeting, slot: Slot, bookings: tuple[Booking, ...]) -> Command:
    return ScheduleReserved(**_said(body), meeting_id=slot.meeting_id, bookings=bookings)


def _rescheduling(body: RescheduleMeeting, bookings: tuple[Booking, ...]) -> Command:
    return RescheduleReserved(**_said(body), bookings=bookings)


def _said(body: Command) -> dict[str, Any]:
    return {name: getattr(body, name) for name in type(body).model_fields}


async def _book(order: Order, slot: Slot) -> tuple[Booking, ...] | Refused:
    """One after the other; whoever was reserved when another cannot be is let go in time."""
    team = (await order.commands.load(CASE, order.subject)).state.team
    for one in team:
        wanted = _wanted(one, slot)
        reserved = await reserve(order, one.facilitator_id, wanted, as_system=True)
        if isinstance(reserved, Refused):
            return reserved
    return _bookings(team, slot)


async def _taken(trial: Trial, team: Iterable[Assignment], slot: Slot) -> list[Refused]:
    if slot.starts_at >= slot.ends_at:
        return []
    answers = [
        await would_reserve(trial, one.facilitator_id, _wanted(one, slot), as_system=True)
        for one in team
    ]
    return [one for one in answers if isinstance(one, Refused)]


def _wanted(one: Assignment, slot: Slot) -> ReserveFacilitator:
    return ReserveFacilitator(
        reservation_id=reservation_id(slot.request, one.facilitator_id),
        purpose=ReservationPurpose.SLOT,
        case_id=CaseId(slot.case),
        meeting_id=slot.meeting_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )


def _bookings(team: Iterable[Assignment], slot: Slot) -> tuple[Booking, ...]:
    return tuple(
        Booking(
            facilitator_id=one.facilitator_id,
            part=one.part,
            reservation_id=reservation_id(slot.request, one.facilitator_id),
        )
        for one in team
    )
