"""What facilitation has begun and not finished: a fold of one stream."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.envelope import Event, Recorded
from contracts.facilitation.aftercare import (
    AgreementItemCompleted,
    AgreementItemMissed,
    AgreementItemVaried,
    FollowUpHeld,
    OutcomeAgreementReached,
    SafetyConcernRaised,
    SafetyConcernResolved,
)
from contracts.facilitation.exchange import LetterDelivered, MessageRelayed
from contracts.facilitation.meeting import (
    MeetingCancelled,
    MeetingHeld,
    MeetingNotHeld,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStopped,
)
from contracts.facilitation.preparation import RiskAssessed, RiskEscalated
from contracts.facilitation.team import FacilitatorAssigned, FacilitatorUnassigned
from kernel.project.port import Body
from services.reporting.projections.parties import stamp

INITIAL: Body = {
    "team": [],
    "meetings": {},
    "items": {},
    "concerns": {},
    "took_part": {},
    "asked": [],
    "risk_until": None,
}


def fold_facilitation(part: Body, one: Recorded) -> Body:
    """The part after an event of facilitation's stream."""
    part, at = part or INITIAL, one.envelope.happened_at
    match one.event:
        case FacilitatorAssigned() as event:
            return {**part, "team": sorted({*part["team"], event.facilitator_id})}
        case FacilitatorUnassigned() as event:
            return {**part, "team": [who for who in part["team"] if who != event.facilitator_id]}
        case RiskAssessed() as event:
            return {**part, "risk_until": stamp(event.valid_until)}
        case RiskEscalated():
            return {**part, "risk_until": stamp(at)}
        case SafetyConcernRaised() as event:
            return _put(part, "concerns", event.concern_id, at)
        case SafetyConcernResolved() as event:
            return _drop(part, "concerns", event.concern_id)
        case FollowUpHeld() as event:
            return {
                **part,
                "asked": [*part["asked"], [event.wave.value, str(event.participant_id)]],
            }
        case _:
            return _agreements(_activities(part, one.event, at), one.event)


def _activities(part: Body, event: Event, at: datetime) -> Body:
    match event:
        case MeetingScheduled() | MeetingRescheduled():
            return _put(part, "meetings", event.meeting_id, event.starts_at)
        case MeetingCancelled() | MeetingStopped() | MeetingNotHeld():
            return _drop(part, "meetings", event.meeting_id)
        case MeetingHeld():
            return _took_part(_drop(part, "meetings", event.meeting_id), event.attendance, at)
        case LetterDelivered() | MessageRelayed():
            return _took_part(part, event.attendees, at)
        case _:
            return part


def _agreements(part: Body, event: Event) -> Body:
    match event:
        case OutcomeAgreementReached():
            due = {str(one.item_id): stamp(one.due_at) for one in event.items}
            return {**part, "items": {**part["items"], **due}}
        case AgreementItemVaried():
            return _put(part, "items", event.item_id, event.due_at)
        case AgreementItemCompleted() | AgreementItemMissed():
            return _drop(part, "items", event.item_id)
        case _:
            return part


def _took_part(part: Body, people: Iterable[UUID], at: datetime) -> Body:
    """Whoever took part, since their first activity."""
    since = {str(who): stamp(at) for who in people}
    return {**part, "took_part": {**since, **part["took_part"]}}


def _put(part: Body, where: str, key: UUID, at: datetime) -> Body:
    return {**part, where: {**part[where], str(key): stamp(at)}}


def _drop(part: Body, where: str, key: UUID) -> Body:
    return {**part, where: {one: at for one, at in part[where].items() if one != str(key)}}
