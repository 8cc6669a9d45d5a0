"""A ledger is opened when a referral is accepted, and told what becomes of the case and its people.

One policy for all of it, so that a ledger is open before it is told anything.
"""

from __future__ import annotations

from uuid import UUID

from contracts.envelope import Envelope, Recorded, Topic, subject_of
from contracts.referral import ParticipantAdded, ParticipantRemoved, ReferralAccepted
from contracts.referral_course import CaseClosed, CaseHeld, CaseResumed
from contracts.terms import Participant
from kernel.decider import Command, State
from kernel.process.policy import Policy, Reaction, Send
from services.consent.domain.ledger.commands import NoteParticipants, OpenConsentLedger
from services.consent.domain.ledger.decide import LEDGER
from services.consent.domain.ledger.review_commands import NoteCaseClosure, NoteCaseHold


class Followed(State):
    """Who is in the case, once it was accepted."""

    accepted: bool = False
    participants: tuple[Participant, ...] = ()


def react(state: Followed, one: Recorded) -> Reaction[Followed]:
    """Until a case is accepted there is nothing to do: the acceptance says who is in it."""
    match one.event:
        case ReferralAccepted() as event:
            after = Followed(accepted=True, participants=event.participants)
            return Reaction(after, (_open(event, one.envelope),))
        case ParticipantAdded() | ParticipantRemoved() as event if state.accepted:
            after = Followed(accepted=True, participants=_changed(state.participants, event))
            return Reaction(after, (_note(after, one.envelope),))
        case CaseHeld() | CaseResumed() | CaseClosed() as event if state.accepted:
            return Reaction(state, (_tell(event, one.envelope),))
        case _:
            return Reaction(state)


def of_referral(stream: str) -> UUID | None:
    """Only what the referral service says of a case."""
    return subject_of(stream) if stream.startswith("referral-") else None


def _open(event: ReferralAccepted, envelope: Envelope) -> Send:
    command = OpenConsentLedger(
        setting=event.setting,
        participants=event.participants,
        controller=envelope.controller,
        organisation=event.organisation,
    )
    return Send(LEDGER.category, envelope.subject, command)


def _note(state: Followed, envelope: Envelope) -> Send:
    command = NoteParticipants(participants=state.participants)
    return Send(LEDGER.category, envelope.subject, command)


def _tell(event: CaseHeld | CaseResumed | CaseClosed, envelope: Envelope) -> Send:
    version = envelope.version
    note: Command = NoteCaseClosure(referral_version=version)
    if not isinstance(event, CaseClosed):
        note = NoteCaseHold(on_hold=isinstance(event, CaseHeld), referral_version=version)
    return Send(LEDGER.category, envelope.subject, note)


def _changed(
    participants: tuple[Participant, ...], event: ParticipantAdded | ParticipantRemoved
) -> tuple[Participant, ...]:
    others = (one for one in participants if one.participant_id != event.participant_id)
    return (*others, _joined(event)) if isinstance(event, ParticipantAdded) else (*others,)


def _joined(event: ParticipantAdded) -> Participant:
    return Participant(
        participant_id=event.participant_id, role=event.role, age_band=event.age_band
    )


FOLLOW_REFERRAL = Policy(
    name="consent_follows_referral",
    topics=(Topic.CASE,),
    initial=Followed(),
    react=react,
    gives={LEDGER.category: (OpenConsentLedger, NoteParticipants, NoteCaseHold, NoteCaseClosure)},
    key=of_referral,
)
