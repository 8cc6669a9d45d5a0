"""What becomes of the meetings of a case."""

from __future__ import annotations

from typing import Any, assert_never

from contracts.facilitation.meeting import (
    MeetingCancelled,
    MeetingHeld,
    MeetingNotHeld,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStopped,
)
from contracts.fields import ParticipantId, Role
from contracts.terms import ActivityId
from kernel.decider import Decision, Refused, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.meeting import checks, rules
from services.facilitation.domain.case.meeting.checks import Plan
from services.facilitation.domain.case.meeting.commands import (
    CancelMeeting,
    MeetingCommand,
    RecordMeetingHeld,
    RecordMeetingNotHeld,
    RescheduleReserved,
    ScheduleReserved,
    StopMeeting,
)
from services.facilitation.domain.case.parts import Meeting
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.risk.decide import current
from services.facilitation.domain.case.state import Case


def decide_meeting(command: MeetingCommand, case: Case, at: At) -> Decision:
    """One small function per command."""
    if isinstance(command, ScheduleReserved):
        return _schedule(command, case, at)
    meeting = case.meetings.get(command.meeting_id)
    if meeting is None:
        return Refused((rules.KNOWN_MEETING.unmet("the id of a meeting of this case"),))
    match command:
        case RescheduleReserved():
            return _reschedule(command, meeting, case, at)
        case CancelMeeting():
            return _cancel(command, meeting, case, at)
        case RecordMeetingHeld():
            return _held(command, meeting, case, at)
        case StopMeeting():
            return _stop(command, meeting, case, at)
        case RecordMeetingNotHeld():
            return _not_held(command, meeting, case, at)
        case _:
            assert_never(command)


def _schedule(command: ScheduleReserved, case: Case, at: At) -> Decision:
    plan = Plan(
        command.meeting_id,
        command.method,
        command.starts_at,
        command.ends_at,
        command.venue_ref,
        _distinct(command.attendees),
        command.bookings,
    )
    refused = refuse_unless(*checks.of_date(plan, case, at))
    return refused or [MeetingScheduled(**plan._asdict(), **_rests_on(case))]


def _reschedule(command: RescheduleReserved, meeting: Meeting, case: Case, at: At) -> Decision:
    plan = _moved(command, meeting)
    refused = refuse_unless(checks.still_to_come(meeting), *checks.of_date(plan, case, at))
    return refused or [MeetingRescheduled(**plan._asdict(), **_rests_on(case))]


def _moved(command: RescheduleReserved, meeting: Meeting) -> Plan:
    return Plan(
        command.meeting_id,
        meeting.method,
        command.starts_at,
        command.ends_at,
        command.venue_ref or meeting.venue_ref,
        _distinct(command.attendees or meeting.attendees),
        command.bookings,
    )


def _rests_on(case: Case) -> dict[str, Any]:
    return {"consent_version": case.consent_version, "risk_version": current(case)}


def _distinct(attendees: tuple[ParticipantId, ...]) -> tuple[ParticipantId, ...]:
    return tuple(dict.fromkeys(attendees))


def _cancel(command: CancelMeeting, meeting: Meeting, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.assigned_or(case, at, Role.SUPERVISOR, Role.COORDINATOR),
        checks.still_to_come(meeting),
    )
    return refused or [
        MeetingCancelled(
            meeting_id=command.meeting_id,
            method=meeting.method,
            reason=command.reason,
            cancelled_by=command.cancelled_by,
        )
    ]


def _held(command: RecordMeetingHeld, meeting: Meeting, case: Case, at: At) -> Decision:
    activity = case.activities.get(ActivityId(command.meeting_id))
    refused = refuse_unless(
        gate.assigned(case, at),
        checks.has_begun(meeting),
        checks.attended(activity.attendees, command.attendance) if activity else None,
    )
    return refused or [
        MeetingHeld(
            meeting_id=command.meeting_id,
            method=meeting.method,
            attendance=_distinct(command.attendance),
            minutes=command.minutes,
        )
    ]


def _stop(command: StopMeeting, meeting: Meeting, case: Case, at: At) -> Decision:
    refused = refuse_unless(gate.assigned_or(case, at, Role.SUPERVISOR), checks.has_begun(meeting))
    return refused or [
        MeetingStopped(meeting_id=command.meeting_id, method=meeting.method, reason=command.reason)
    ]


def _not_held(command: RecordMeetingNotHeld, meeting: Meeting, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.assigned_or(case, at, Role.SUPERVISOR), checks.still_to_come(meeting)
    )
    return refused or [
        MeetingNotHeld(meeting_id=command.meeting_id, method=meeting.method, reason=command.reason)
    ]
