"""A case is opened when its referral is accepted, and told of its people and their consent.

One policy for all of it, so that a case is open before it is told anything: what comes from consent
before the acceptance is held back until then.
"""

from __future__ import annotations

from uuid import UUID

from contracts.consent import ConsentQuorumLost, ConsentQuorumReached
from contracts.envelope import Envelope, Recorded, Topic, subject_of
from contracts.fields import ParticipantId
from contracts.referral import ParticipantAdded, ParticipantRemoved, ReferralAccepted
from contracts.terms import Method, Participant
from kernel.decider import Command, State
from kernel.process.policy import Policy, Reaction, Send
from services.facilitation.domain.case.commands import (
    NoteConsentLoss,
    NoteConsentQuorum,
    NoteParticipants,
    OpenFacilitation,
)
from services.facilitation.domain.case.decide import CASE

FOLLOWED = ("referral-", "consent-")


class Heard(State):
    """What consent said about a method, at a place in its stream."""

    agreed: bool
    method: Method
    participants: tuple[ParticipantId, ...]
    consent_version: int

    def command(self) -> Command:
        """What the case is told of it."""
        kind = NoteConsentQuorum if self.agreed else NoteConsentLoss
        return kind(**self.model_dump(exclude={"agreed"}))


class Followed(State):
    """Who is in the case, once it was accepted; before that, what consent said already."""

    accepted: bool = False
    participants: tuple[Participant, ...] = ()
    held: tuple[Heard, ...] = ()


def react(state: Followed, one: Recorded) -> Reaction[Followed]:
    """Everything that a case has to know of other services, in the order in which it came."""
    match one.event:
        case ReferralAccepted() as event:
            return _opened(state, event, one.envelope)
        case ParticipantAdded() | ParticipantRemoved() as event if state.accepted:
            after = Followed(accepted=True, participants=_changed(state.participants, event))
            note = NoteParticipants(participants=after.participants)
            return Reaction(after, (_tell(one.envelope, note),))
        case ConsentQuorumReached() | ConsentQuorumLost() as event:
            return _heard(state, event, one.envelope)
        case _:
            return Reaction(state)


def of_case(stream: str) -> UUID | None:
    """What referral and consent say of a case."""
    return subject_of(stream) if stream.startswith(FOLLOWED) else None


def _opened(state: Followed, event: ReferralAccepted, envelope: Envelope) -> Reaction[Followed]:
    command = OpenFacilitation(
        setting=event.setting,
        min_level=event.min_level,
        participants=event.participants,
        controller=envelope.controller,
        organisation=event.organisation,
    )
    after = Followed(accepted=True, participants=event.participants)
    return Reaction(after, (_tell(envelope, command), *_released(state, envelope)))


def _released(state: Followed, envelope: Envelope) -> tuple[Send, ...]:
    return tuple(
        _tell(envelope, one.command(), f"consent {one.consent_version}") for one in state.held
    )


def _heard(
    state: Followed, event: ConsentQuorumReached | ConsentQuorumLost, envelope: Envelope
) -> Reaction[Followed]:
    heard = Heard(
        agreed=isinstance(event, ConsentQuorumReached),
        method=event.method,
        participants=event.participants,
        consent_version=envelope.version,
    )
    if state.accepted:
        return Reaction(state, (_tell(envelope, heard.command()),))
    return Reaction(state.model_copy(update={"held": (*state.held, heard)}))


def _tell(envelope: Envelope, command: Command, step: str = "") -> Send:
    return Send(CASE.category, envelope.subject, command, step)


def _changed(
    participants: tuple[Participant, ...], event: ParticipantAdded | ParticipantRemoved
) -> tuple[Participant, ...]:
    others = (one for one in participants if one.participant_id != event.participant_id)
    return (*others, _joined(event)) if isinstance(event, ParticipantAdded) else (*others,)


def _joined(event: ParticipantAdded) -> Participant:
    return Participant(
        participant_id=event.participant_id, role=event.role, age_band=event.age_band
    )


FOLLOW_CASE = Policy(
    name="facilitation_follows_case",
    topics=(Topic.CASE,),
    initial=Followed(),
    react=react,
    gives={CASE.category: (OpenFacilitation, NoteParticipants, NoteConsentQuorum, NoteConsentLoss)},
    key=of_case,
)
