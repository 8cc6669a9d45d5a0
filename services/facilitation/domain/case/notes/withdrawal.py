"""What a no ends at once, and what it says of activities that it came too late for."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from contracts.envelope import Event
from contracts.facilitation.aftercare import (
    ConcernKind,
    OnwardDuty,
    SafetyConcernRaised,
    Severity,
)
from contracts.facilitation.ids import ConcernId
from contracts.facilitation.meeting import MeetingStopped, StopReason
from contracts.fields import ParticipantId
from contracts.terms import ActivityId, Method
from services.facilitation.domain.case.notes.commands import NoteWithdrawal
from services.facilitation.domain.case.notes.evolve import taken_back
from services.facilitation.domain.case.parts import Activity
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case


def stopped(command: NoteWithdrawal, case: Case) -> Iterator[Event]:
    """The meetings that this person, or whose yes rested on theirs, attends by these methods."""
    for meeting_id, meeting in case.running:
        activity = case.activities[ActivityId(meeting_id)]
        if _says_no(command, activity.method, activity.attendees):
            yield MeetingStopped(
                meeting_id=meeting_id,
                method=meeting.method,
                reason=StopReason.CONSENT_WITHDRAWN,
            )


def learnt_late(command: NoteWithdrawal, case: Case, at: At) -> Iterator[Event]:
    """A concern for each activity that would not have been cleared, had this been known."""
    for activity in case.activities.values():
        asked = (*activity.attendees, *activity.agreed_by)
        if _says_no(command, activity.method, asked) and _said_before(command, activity, case):
            yield SafetyConcernRaised(
                concern_id=ConcernId(at.new_id(f"concern {activity.activity_id}")),
                severity=Severity.HIGH,
                kind=ConcernKind.WITHDRAWAL_LEARNT_LATE,
                onward_duty=OnwardDuty.SUPERVISOR,
                raised_by=at.actor.id,
                activity_id=activity.activity_id,
            )


def _says_no(command: NoteWithdrawal, method: Method, people: Collection[ParticipantId]) -> bool:
    return any(way is method and who in people for who, way in taken_back(command))


def _said_before(command: NoteWithdrawal, activity: Activity, case: Case) -> bool:
    clearance = case.clearances[activity.clearance_id]
    return (
        command.withdrawn_at < clearance.cleared_at
        and command.consent_version > clearance.consent_version
    )
