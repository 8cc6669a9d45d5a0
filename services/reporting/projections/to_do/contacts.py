"""Who was harmed, since when they are in the case, and who tried to reach them: of one stream."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.common import EntryCorrected
from contracts.envelope import Recorded
from contracts.referral import ParticipantAdded, ParticipantRemoved, ReferralRequested
from contracts.referral_course import ContactOutcome, ParticipantContacted
from contracts.terms import Participant, ParticipantRole
from kernel.project.port import Body
from services.reporting.projections.parties import stamp

HARMED = frozenset({ParticipantRole.VICTIM, ParticipantRole.PARTY})
INITIAL: Body = {"joined": {}, "attempts": [], "sensitive": False}


def fold_contacts(part: Body, one: Recorded) -> Body:
    """The part after an event of the referral's stream."""
    at = stamp(one.envelope.happened_at)
    match one.event:
        case ReferralRequested() as event:
            joined = _joined(event.participants, at)
            return {**INITIAL, "joined": joined, "sensitive": bool(event.harm_flags)}
        case ParticipantAdded() as event:
            return {**part, "joined": {**part["joined"], **_joined([event], at)}}
        case ParticipantRemoved() as event:
            gone = str(event.participant_id)
            joined = {who: when for who, when in part["joined"].items() if who != gone}
            return {**part, "joined": joined}
        case ParticipantContacted() as event:
            return {**part, "attempts": [*part["attempts"], _attempt(event, one)]}
        case EntryCorrected() as event:
            attempts = [one for one in part["attempts"] if one["event"] != event.entry]
            return {**part, "attempts": attempts}
        case _:
            return part


def _joined(people: Iterable[Participant | ParticipantAdded], at: str) -> dict[str, str]:
    return {str(one.participant_id): at for one in people if one.role in HARMED}


def _attempt(event: ParticipantContacted, one: Recorded) -> Body:
    return {
        "event": one.envelope.id,
        "who": str(event.participant_id),
        "at": stamp(event.contacted_at),
        "objected": event.outcome is ContactOutcome.OBJECTED,
    }
