"""What a referral knows of itself."""

from __future__ import annotations

from enum import StrEnum

from contracts.envelope import Event
from contracts.fields import ActorId, OrganisationId, ParticipantId
from contracts.referral import (
    HarmFlag,
    InitiatedBy,
    ParticipantAdded,
    ParticipantRemoved,
    ReferralAccepted,
    ReferralDeclined,
    ReferralDuplicateLinked,
    ReferralRequested,
    ReferralScreened,
    VictimRequestRecorded,
)
from contracts.terms import Participant, ParticipantRole, Setting
from kernel.decider import State

HARMED = frozenset({ParticipantRole.VICTIM, ParticipantRole.PARTY})


class Standing(StrEnum):
    """How far a referral has come."""

    UNKNOWN = "unknown"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LINKED = "linked"


CLOSED = frozenset({Standing.DECLINED, Standing.LINKED})


class Referral(State):
    """A matter, who is in it, and what was found."""

    standing: Standing = Standing.UNKNOWN
    setting: Setting | None = None
    requested_flags: tuple[HarmFlag, ...] = ()
    initiated_by: InitiatedBy | None = None
    victim_request: bool = False
    participants: tuple[Participant, ...] = ()
    organisation: OrganisationId | None = None
    requested_by: ActorId | None = None
    screening: ReferralScreened | None = None

    def who(self, participant_id: ParticipantId) -> Participant | None:
        """The participant of this id, if in the case."""
        return next(
            (one for one in self.participants if one.participant_id == participant_id), None
        )


def evolve(state: Referral, event: Event) -> Referral:
    """The state after an event of this stream."""
    match event:
        case ReferralRequested():
            return _requested(event)
        case ReferralDuplicateLinked():
            return Referral(standing=Standing.LINKED, organisation=event.organisation)
        case VictimRequestRecorded():
            return state.model_copy(update={"victim_request": True})
        case ParticipantAdded():
            return _with(state, (*state.participants, _joined(event)))
        case ParticipantRemoved():
            return _with(state, without(state, event.participant_id))
        case ReferralScreened():
            return state.model_copy(update={"screening": event})
        case ReferralAccepted():
            return state.model_copy(update={"standing": Standing.ACCEPTED})
        case ReferralDeclined():
            return state.model_copy(update={"standing": Standing.DECLINED})
        case _:
            raise TypeError(f"{event.wire_type()} is no event of a referral")


def without(state: Referral, participant_id: ParticipantId) -> tuple[Participant, ...]:
    """Who would be in the case without this person."""
    return tuple(one for one in state.participants if one.participant_id != participant_id)


def harmed(participants: tuple[Participant, ...]) -> bool:
    """Whether there is a victim or a party among them."""
    return any(one.role in HARMED for one in participants)


def _requested(event: ReferralRequested) -> Referral:
    return Referral(
        standing=Standing.REQUESTED,
        setting=event.setting,
        requested_flags=event.harm_flags,
        initiated_by=event.initiated_by,
        victim_request=event.victim_request,
        participants=event.participants,
        organisation=event.organisation,
        requested_by=event.requested_by,
    )


def _joined(event: ParticipantAdded) -> Participant:
    return Participant(
        participant_id=event.participant_id, role=event.role, age_band=event.age_band
    )


def _with(state: Referral, participants: tuple[Participant, ...]) -> Referral:
    return state.model_copy(update={"participants": participants})
