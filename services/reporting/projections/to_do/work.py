"""What facilitation has begun and not finished: a fold of one stream.

What may turn out a mistake is kept by its version: a correction takes just that back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.common import EntryCorrected
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
    "seen_to": {},
    "asked": {},
    "risks": {},
}
CORRECTABLE = ("seen_to", "asked", "risks")


def fold_work(part: Body, one: Recorded) -> Body:
    """The part after an event of facilitation's stream."""
    part, at = part or INITIAL, one.envelope.happened_at
    match one.event:
        case EntryCorrected() as event:
            return {**part, **{name: _kept(part[name], event) for name in CORRECTABLE}}
        case FacilitatorAssigned() as event:
            return {**part, "team": sorted({*part["team"], event.facilitator_id})}
        case FacilitatorUnassigned() as event:
            return {**part, "team": [who for who in part["team"] if who != event.facilitator_id]}
        case RiskAssessed() as event:
            return _entered(part, "risks", one, stamp(event.valid_until))
        case RiskEscalated():
            return _entered(part, "risks", one, stamp(at))
        case SafetyConcernRaised() as event:
            return _put(part, "concerns", event.concern_id, at)
        case SafetyConcernResolved() as event:
            return _drop(part, "concerns", event.concern_id)
        case FollowUpHeld() as event:
            return _entered(part, "asked", one, [event.wave.value, str(event.participant_id)])
        case AgreementItemCompleted() | AgreementItemMissed() as event:
            return _entered(part, "seen_to", one, str(event.item_id))
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
            return _put(_reopened(part, event.item_id), "items", event.item_id, event.due_at)
        case _:
            return part


def _reopened(part: Body, item: UUID) -> Body:
    """What became of the item as it was says nothing of what it is now."""
    seen_to = {at: what for at, what in part["seen_to"].items() if what != str(item)}
    return {**part, "seen_to": seen_to}


def _took_part(part: Body, people: Iterable[UUID], at: datetime) -> Body:
    """Whoever took part, since their first activity."""
    since = {str(who): stamp(at) for who in people}
    return {**part, "took_part": {**since, **part["took_part"]}}


def _entered(part: Body, where: str, one: Recorded, what: object) -> Body:
    return {**part, where: {**part[where], str(one.envelope.version): what}}


def _kept(entries: Body, event: EntryCorrected) -> Body:
    return {at: what for at, what in entries.items() if at != str(event.entry_version)}


def _put(part: Body, where: str, key: UUID, at: datetime) -> Body:
    return {**part, where: {**part[where], str(key): stamp(at)}}


def _drop(part: Body, where: str, key: UUID) -> Body:
    return {**part, where: {one: at for one, at in part[where].items() if one != str(key)}}
