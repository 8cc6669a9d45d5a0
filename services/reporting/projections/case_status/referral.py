"""What a case's referral says of it: a fold of one stream."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.envelope import Recorded
from contracts.fields import ParticipantId
from contracts.referral import (
    ParticipantAdded,
    ParticipantRemoved,
    ReferralAccepted,
    ReferralDeclined,
    ReferralDuplicateLinked,
    ReferralRequested,
    ReferralScreened,
    VictimRequestRecorded,
)
from contracts.terms import Participant
from kernel.project.port import Body
from services.reporting.projections.case_status.lifecycle import Status
from services.reporting.projections.parties import stamp


def fold_referral(part: Body, one: Recorded) -> Body:
    """The referral's part of the document after an event of its stream."""
    at = stamp(one.envelope.recorded_at)
    match one.event:
        case ReferralRequested() as event:
            return _requested(event, at)
        case ReferralDuplicateLinked() as event:
            return _linked(event, at)
        case VictimRequestRecorded():
            return {**part, "victim_request": True}
        case ParticipantAdded() as event:
            return {**part, "people": {**part["people"], **_people([event])}}
        case ParticipantRemoved() as event:
            return {**part, "people": _without(part["people"], event.participant_id)}
        case ReferralScreened() as event:
            return {**part, **_screened(event), "screened_at": at}
        case ReferralAccepted():
            return {**part, "decided": Status.ACCEPTED.value, "decided_at": at}
        case ReferralDeclined():
            return {**part, "decided": Status.DECLINED.value, "decided_at": at}
        case _:
            return part


def _requested(event: ReferralRequested, at: str) -> Body:
    return {
        "requested_at": at,
        "setting": event.setting.value,
        "initiated_by": event.initiated_by.value,
        "victim_request": event.victim_request,
        "people": _people(event.participants),
    }


def _linked(event: ReferralDuplicateLinked, at: str) -> Body:
    return {
        "requested_at": at,
        "decided_at": at,
        "setting": event.setting.value,
        "victim_request": False,
        "people": {},
        "decided": Status.CLOSED.value,
        "duplicate_of": event.duplicate_of,
    }


def _screened(event: ReferralScreened) -> Body:
    return {"complexity": event.complexity.value, "min_level": event.min_level.value}


def _people(participants: Iterable[Participant | ParticipantAdded]) -> Body:
    return {
        str(one.participant_id): {"role": one.role.value, "age_band": one.age_band.value}
        for one in participants
    }


def _without(people: Body, participant_id: ParticipantId) -> Body:
    return {one: who for one, who in people.items() if one != str(participant_id)}
