"""Who is assigned and unassigned, and what becomes of a reservation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from contracts.envelope import Event
from contracts.facilitation.ids import FacilitatorId, ReservationId
from contracts.facilitation.meeting import MeetingStopped, StopReason
from contracts.facilitation.noted import FacilitatorLossNoted
from contracts.facilitation.team import (
    FacilitatorAssigned,
    FacilitatorUnassigned,
    ReservationSettled,
    TeamPart,
    UnassignReason,
)
from contracts.terms import Level
from kernel.decider import Decision, Unmet, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.parts import LEVELS, Assignment, MeetingStanding, reaches
from services.facilitation.domain.case.state import Case
from services.facilitation.domain.case.team import rules
from services.facilitation.domain.case.team.commands import (
    AssignReserved,
    NoteFacilitatorLoss,
    SettleReservation,
    TeamCommand,
    UnassignFacilitator,
)

LIVE = (MeetingStanding.SCHEDULED, MeetingStanding.RUNNING)


def decide_team(command: TeamCommand, case: Case) -> Decision:
    """One small function per command."""
    match command:
        case AssignReserved():
            return _assign(command, case)
        case UnassignFacilitator():
            return _unassign(command, case)
        case NoteFacilitatorLoss():
            return [*_lost(command, case)]
        case SettleReservation():
            return [_settled(command, case)]
        case _:
            assert_never(command)


def stands(case: Case, *reservations: ReservationId) -> Unmet | None:
    """None of these reservations was found void."""
    if not set(reservations).intersection(case.void):
        return None
    return rules.RESERVATION_STANDS.unmet("ask again, under a new Idempotency-Key")


def _assign(command: AssignReserved, case: Case) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        _one_lead(command, case),
        _level(command, case),
        _not_the_investigator(command, case),
        _once(command, case),
        stands(case, command.reservation_id),
    )
    return refused or [
        FacilitatorAssigned(
            facilitator_id=command.facilitator_id,
            part=command.part,
            level=command.level,
            organisation=command.organisation,
            reservation_id=command.reservation_id,
        )
    ]


def _one_lead(command: AssignReserved, case: Case) -> Unmet | None:
    if command.part is not TeamPart.LEAD or case.lead is None:
        return None
    return rules.ONE_LEAD.unmet("take the present lead off the case first")


def _level(command: AssignReserved, case: Case) -> Unmet | None:
    if command.part is not TeamPart.LEAD or case.opened is None:
        return None
    wanted = max(case.opened.min_level, Level.INTERMEDIATE, key=LEVELS.index)
    if reaches(command.level, wanted):
        return None
    return rules.LEVEL_TO_LEAD.unmet(f"a facilitator of {wanted.value} level or above")


def _not_the_investigator(command: AssignReserved, case: Case) -> Unmet | None:
    investigator = case.opened.investigator if case.opened else None
    if command.part is not TeamPart.LEAD or command.facilitator_id != investigator:
        return None
    return rules.NOT_THE_INVESTIGATOR.unmet("another facilitator")


def _once(command: AssignReserved, case: Case) -> Unmet | None:
    if case.assignment(command.facilitator_id) is None:
        return None
    return rules.ASSIGNED_ONCE.unmet("another facilitator, or take them off the case first")


def _unassign(command: UnassignFacilitator, case: Case) -> Decision:
    assignment = case.assignment(command.facilitator_id)
    refused = refuse_unless(
        None if assignment else rules.IS_ASSIGNED.unmet("the id of somebody who is assigned"),
        rules.NOT_AMID_A_MEETING.unmet("end the meeting first") if case.running else None,
    )
    return refused or [*_unassigned(assignment, command.reason)]


def _unassigned(
    assignment: Assignment | None, reason: UnassignReason
) -> Iterator[FacilitatorUnassigned]:
    if assignment:
        yield FacilitatorUnassigned(
            facilitator_id=assignment.facilitator_id,
            part=assignment.part,
            reason=reason,
            reservation_id=assignment.reservation_id,
        )


def _lost(command: NoteFacilitatorLoss, case: Case) -> Iterator[Event]:
    yield FacilitatorLossNoted(
        facilitator_id=command.facilitator_id,
        reservation_id=command.reservation_id,
        reason=command.reason,
    )
    assignment = case.assignment(command.facilitator_id)
    if assignment and assignment.reservation_id == command.reservation_id:
        yield from _unassigned(assignment, command.reason)
        if assignment.part is TeamPart.LEAD:
            yield from _stopped(case)


def _stopped(case: Case) -> Iterator[Event]:
    for meeting_id, meeting in case.running:
        yield MeetingStopped(
            meeting_id=meeting_id,
            method=meeting.method,
            reason=StopReason.FACILITATOR_UNAVAILABLE,
        )


def _settled(command: SettleReservation, case: Case) -> Event:
    return ReservationSettled(
        facilitator_id=command.facilitator_id,
        reservation_id=command.reservation_id,
        in_use=_in_use(case, command.facilitator_id, command.reservation_id),
    )


def _in_use(case: Case, facilitator_id: FacilitatorId, reservation_id: ReservationId) -> bool:
    assignment = case.assignment(facilitator_id)
    slots = (
        one.reservation_id
        for _, meeting in case.meetings_that_are(*LIVE)
        for one in meeting.bookings
    )
    return (assignment is not None and assignment.reservation_id == reservation_id) or (
        reservation_id in slots
    )
