"""How the meetings of a case change."""

from __future__ import annotations

from typing import assert_never

from contracts.facilitation.ids import MeetingId
from contracts.facilitation.meeting import (
    MeetingCancelled,
    MeetingHeld,
    MeetingNotHeld,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStarted,
    MeetingStopped,
)
from contracts.terms import ActivityId
from services.facilitation.domain.case.parts import Activity, Meeting, MeetingStanding
from services.facilitation.domain.case.state import Case

MeetingEvent = (
    MeetingScheduled
    | MeetingRescheduled
    | MeetingStarted
    | MeetingHeld
    | MeetingStopped
    | MeetingCancelled
    | MeetingNotHeld
)


def met(case: Case, event: MeetingEvent) -> dict[str, object]:
    """What changes."""
    match event:
        case MeetingScheduled() | MeetingRescheduled():
            return {"meetings": {**case.meetings, event.meeting_id: _planned(event)}}
        case MeetingStarted():
            begun = _is(case, event.meeting_id, MeetingStanding.RUNNING)
            activity = _begun(case, event)
            return {**begun, "activities": {**case.activities, activity.activity_id: activity}}
        case MeetingHeld():
            return {
                **_is(case, event.meeting_id, MeetingStanding.HELD),
                "activities": _completed(case, event.meeting_id),
            }
        case MeetingStopped():
            return _is(case, event.meeting_id, MeetingStanding.STOPPED)
        case MeetingCancelled():
            return _is(case, event.meeting_id, MeetingStanding.CANCELLED)
        case MeetingNotHeld():
            return _is(case, event.meeting_id, MeetingStanding.NOT_HELD)
        case _:
            assert_never(event)


def _planned(event: MeetingScheduled | MeetingRescheduled) -> Meeting:
    known = Meeting.model_fields.keys() - {"standing"}
    return Meeting(**{name: getattr(event, name) for name in known})


def _is(case: Case, meeting_id: MeetingId, standing: MeetingStanding) -> dict[str, object]:
    meeting = case.meetings[meeting_id].model_copy(update={"standing": standing})
    return {"meetings": {**case.meetings, meeting_id: meeting}}


def _begun(case: Case, event: MeetingStarted) -> Activity:
    return Activity(
        activity_id=ActivityId(event.meeting_id),
        method=event.method,
        attendees=event.attendees,
        agreed_by=case.quorum.get(event.method, ()),
        clearance_id=event.cleared_by,
        completed=False,
    )


def _completed(case: Case, meeting_id: MeetingId) -> dict[ActivityId, Activity]:
    own = ActivityId(meeting_id)
    done = case.activities[own].model_copy(update={"completed": True})
    return {**case.activities, own: done}
