"""A case is opened when its referral is accepted, and told of its people, its course, its consent.

One policy for all of it, so that a case is open before it is told anything, and is told everything
in the order in which it came: what comes before the acceptance is held back until then.
"""

from __future__ import annotations

from uuid import UUID

from contracts.envelope import Envelope, Position, Recorded, Topic, subject_of
from contracts.fields import ActorId
from contracts.referral import (
    ParticipantAdded,
    ParticipantRemoved,
    ReferralAccepted,
    ReferralRequested,
    SourceType,
    Stage,
)
from contracts.referral_course import CaseClosed, CaseHeld, CaseResumed
from contracts.terms import Participant
from kernel.decider import Command, State
from kernel.process.policy import Policy, Reaction, Send
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.case.notes.commands import (
    NoteCaseClosure,
    NoteCaseHold,
    NoteParticipants,
    OpenFacilitation,
)
from services.facilitation.policies.hearing import NOTES, Held, held, note_of

FOLLOWED = ("referral-", "consent-")


class Followed(State):
    """How the case was requested, who is in it, and what was said before it was accepted."""

    stage: Stage = Stage.NOT_CRIMINAL
    investigator: ActorId | None = None
    accepted: bool = False
    participants: tuple[Participant, ...] = ()
    held: tuple[Held, ...] = ()

    def but(self, **changes: object) -> Followed:
        """The same with changes."""
        return self.model_copy(update=changes)


def react(state: Followed, one: Recorded) -> Reaction[Followed]:
    """Everything that a case has to know of other services, in the order in which it came."""
    match one.event:
        case ReferralRequested() as event:
            return Reaction(_requested(state, event))
        case ReferralAccepted() as event:
            return _opened(state, event, one.envelope)
        case ParticipantAdded() | ParticipantRemoved() as event if state.accepted:
            after = state.but(participants=_changed(state.participants, event))
            return Reaction(after, (_people(after, one.envelope),))
        case CaseHeld() | CaseResumed() | CaseClosed() as event:
            return _heard(state, _course(event, one.envelope), one.envelope)
        case _:
            return _heard(state, note_of(one), one.envelope)


def of_case(stream: str) -> UUID | None:
    """What referral and consent say of a case."""
    return subject_of(stream) if stream.startswith(FOLLOWED) else None


def _requested(state: Followed, event: ReferralRequested) -> Followed:
    by_officer = event.source_type is SourceType.OFFICER_IN_CHARGE
    return state.but(stage=event.stage, investigator=event.requested_by if by_officer else None)


def _opened(state: Followed, event: ReferralAccepted, envelope: Envelope) -> Reaction[Followed]:
    command = OpenFacilitation(
        setting=event.setting,
        min_level=event.min_level,
        participants=event.participants,
        controller=envelope.controller,
        organisation=event.organisation,
        complexity=event.complexity,
        stage=state.stage,
        investigator=state.investigator,
    )
    after = state.but(accepted=True, participants=event.participants, held=())
    return Reaction(after, (_tell(envelope, command), *_released(state, envelope)))


def _released(state: Followed, envelope: Envelope) -> tuple[Send, ...]:
    return tuple(
        _tell(envelope, one.command(), f"{one.said_by} {one.version}", one.position)
        for one in state.held
    )


def _people(state: Followed, envelope: Envelope) -> Send:
    return _tell(envelope, NoteParticipants(participants=state.participants))


def _course(event: CaseHeld | CaseResumed | CaseClosed, envelope: Envelope) -> Command:
    if isinstance(event, CaseClosed):
        return NoteCaseClosure(referral_version=envelope.version)
    return NoteCaseHold(on_hold=isinstance(event, CaseHeld), referral_version=envelope.version)


def _heard(state: Followed, note: Command | None, envelope: Envelope) -> Reaction[Followed]:
    if note is None:
        return Reaction(state)
    if state.accepted:
        return Reaction(state, (_tell(envelope, note),))
    return Reaction(state.but(held=(*state.held, held(note, envelope))))


def _tell(envelope: Envelope, command: Command, step: str = "", *also: Position) -> Send:
    return Send(CASE.category, envelope.subject, command, step, also)


def _changed(
    participants: tuple[Participant, ...], event: ParticipantAdded | ParticipantRemoved
) -> tuple[Participant, ...]:
    others = (one for one in participants if one.participant_id != event.participant_id)
    return (*others, _joined(event)) if isinstance(event, ParticipantAdded) else (*others,)


def _joined(event: ParticipantAdded) -> Participant:
    return Participant(
        participant_id=event.participant_id, role=event.role, age_band=event.age_band
    )


TOLD: tuple[type[Command], ...] = (OpenFacilitation, NoteParticipants, *NOTES)

FOLLOW_CASE = Policy(
    name="facilitation_follows_case",
    topics=(Topic.CASE,),
    initial=Followed(),
    react=react,
    gives={CASE.category: TOLD},
    key=of_case,
)
