"""What a case's referral says of it: a fold of one stream."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.common import EntryCorrected
from contracts.envelope import Event, Recorded
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
from contracts.referral_course import CaseClosed, CaseHeld, CaseResumed
from contracts.terms import Participant, ParticipantRole
from kernel.project.port import Body
from services.reporting.projections.case_status.lifecycle import Status
from services.reporting.projections.parties import stamp

HARMED = frozenset({ParticipantRole.VICTIM, ParticipantRole.PARTY})


def fold_referral(part: Body, one: Recorded) -> Body:
    """The referral's part of the document after an event of its stream."""
    at = stamp(one.envelope.recorded_at)
    match one.event:
        case ReferralRequested() as event:
            return _requested(event, at)
        case ReferralDuplicateLinked() as event:
            return _linked(event, at)
        case VictimRequestRecorded() as event:
            asked = {str(one.envelope.version): str(event.participant_id)}
            return _asked(part, part["asked_at_once"], {**part["asked_by"], **asked})
        case ParticipantAdded() as event:
            return {**part, "people": {**part["people"], **_people([event])}}
        case ParticipantRemoved() as event:
            return _left(part, event.participant_id)
        case ReferralScreened() as event:
            return {**part, **_screened(event), "screened_at": at}
        case ReferralAccepted():
            return {**part, "decided": Status.ACCEPTED.value, "decided_at": at}
        case ReferralDeclined():
            return {**part, "decided": Status.DECLINED.value, "decided_at": at}
        case _:
            return _on_its_way(part, one.event, at)


def _on_its_way(part: Body, event: Event, at: str) -> Body:
    match event:
        case CaseHeld():
            hold = {"reason": event.reason.value, "review_at": stamp(event.review_at)}
            return {**part, "hold": hold}
        case CaseResumed():
            return {**part, "hold": None}
        case CaseClosed():
            return {**part, **_closed(event), "closed_at": at}
        case EntryCorrected():
            at = str(event.entry_version)
            left = {place: who for place, who in part["asked_by"].items() if place != at}
            return _asked(part, part["asked_at_once"], left)
        case _:
            return part


def _closed(event: CaseClosed) -> Body:
    return {
        "decided": Status.CLOSED.value,
        "hold": None,
        "outcome": event.outcome.value,
        "duplicate_of": event.duplicate_of,
    }


def _requested(event: ReferralRequested, at: str) -> Body:
    return {
        "requested_at": at,
        "setting": event.setting.value,
        "initiated_by": event.initiated_by.value,
        "victim_request": event.victim_request,
        "asked_later": [],
        "asked_at_once": _harmed(event.participants) if event.victim_request else [],
        "asked_by": {},
        "people": _people(event.participants),
    }


def _linked(event: ReferralDuplicateLinked, at: str) -> Body:
    return {
        "requested_at": at,
        "decided_at": at,
        "setting": event.setting.value,
        "victim_request": False,
        "asked_later": [],
        "asked_at_once": [],
        "asked_by": {},
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


def _harmed(participants: Iterable[Participant]) -> list[str]:
    return [str(one.participant_id) for one in participants if one.role in HARMED]


def _left(part: Body, participant_id: ParticipantId) -> Body:
    """What somebody asked for goes with them."""
    who = str(participant_id)
    at_once = [one for one in part["asked_at_once"] if one != who]
    later = {at: one for at, one in part["asked_by"].items() if one != who}
    people = _without(part["people"], participant_id)
    return {**_asked(part, at_once, later), "people": people}


def _asked(part: Body, at_once: list[str], later: Body) -> Body:
    """Who asks, and what the release before reads of it: whether, and where in the stream."""
    return {
        **part,
        "asked_at_once": at_once,
        "asked_by": later,
        "victim_request": bool(at_once),
        "asked_later": [int(at) for at in later],
    }


def _without(people: Body, participant_id: ParticipantId) -> Body:
    return {one: who for one, who in people.items() if one != str(participant_id)}
