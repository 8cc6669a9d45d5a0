"""What a referral knows of itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from contracts.common import EntryCorrected, TeamNoted
from contracts.envelope import Event
from contracts.fields import ActorId, CaseId, OrganisationId, ParticipantId
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
from contracts.referral_course import (
    CaseClosed,
    CaseHeld,
    CaseResumed,
    ContactChannel,
    ContactOutcome,
    DeadlinePassed,
    DisposalReviewNeeded,
    FacilitationNoted,
    NextStep,
    ParticipantContacted,
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
    CLOSED = "closed"


ENDED = frozenset({Standing.DECLINED, Standing.CLOSED})
CLOSED = ENDED | {Standing.LINKED}


class Contact(State):
    """An attempt to get in touch with somebody, and its place in the stream."""

    entry_version: int
    participant_id: ParticipantId
    channel: ContactChannel
    outcome: ContactOutcome
    next_step: NextStep
    contacted_at: datetime

    @property
    def reached(self) -> bool:
        """Whether they and the hub spoke with each other."""
        return self.outcome in {ContactOutcome.REACHED, ContactOutcome.OBJECTED}


class Asked(State):
    """That somebody asked for restorative justice, and its place in the stream."""

    entry_version: int
    participant_id: ParticipantId


class Referral(State):
    """A matter, who is in it, and what was found."""

    standing: Standing = Standing.UNKNOWN
    setting: Setting | None = None
    requested_flags: tuple[HarmFlag, ...] = ()
    initiated_by: InitiatedBy | None = None
    asked_at_once: tuple[ParticipantId, ...] = ()
    """The victims and parties of whom the request said, without a name, that they ask."""
    asked_later: tuple[Asked, ...] = ()
    participants: tuple[Participant, ...] = ()
    organisation: OrganisationId | None = None
    requested_by: ActorId | None = None
    screening: ReferralScreened | None = None
    contacts: tuple[Contact, ...] = ()
    hold: CaseHeld | None = None
    facilitation: FacilitationNoted | None = None
    team: TeamNoted | None = None
    duplicate_of: CaseId | None = None
    """The case in which the matter goes on, where this one was found to be about the same."""
    version: int = 0

    @property
    def victim_request(self) -> bool:
        """Whether a victim, or a party, who is in the case asked for restorative justice."""
        return bool(self.asked_at_once or self.asked_later)

    @property
    def seen_by(self) -> frozenset[OrganisationId]:
        """Who asked for it, and those whose facilitators work on it."""
        requester = {self.organisation} if self.organisation else set()
        colleagues = self.team.team if self.team else ()
        return frozenset({*requester, *(one.organisation for one in colleagues)})

    def who(self, participant_id: ParticipantId) -> Participant | None:
        """The participant of this id, if in the case."""
        return next(
            (one for one in self.participants if one.participant_id == participant_id), None
        )


def evolve(state: Referral, event: Event) -> Referral:
    """The state after an event of this stream."""
    version = state.version + 1
    return state.model_copy(update={"version": version, **_changed(state, event, version)})


def _changed(state: Referral, event: Event, version: int) -> dict[str, object]:
    match event:
        case ReferralRequested():
            return _requested(event)
        case ReferralDuplicateLinked():
            return {
                "standing": Standing.LINKED,
                "organisation": event.organisation,
                "duplicate_of": event.duplicate_of,
            }
        case VictimRequestRecorded():
            asked = Asked(entry_version=version, participant_id=event.participant_id)
            return {"asked_later": (*state.asked_later, asked)}
        case ParticipantAdded():
            return {"participants": (*state.participants, _joined(event))}
        case ParticipantRemoved():
            return _left(state, event.participant_id)
        case ReferralScreened():
            return {"screening": event}
        case ReferralAccepted():
            return {"standing": Standing.ACCEPTED}
        case ReferralDeclined():
            return {"standing": Standing.DECLINED}
        case _:
            return _on_its_way(state, event, version)


def _on_its_way(state: Referral, event: Event, version: int) -> dict[str, object]:
    match event:
        case ParticipantContacted():
            return {"contacts": (*state.contacts, _contact(event, version))}
        case CaseHeld():
            return {"hold": event}
        case CaseResumed():
            return {"hold": None}
        case CaseClosed():
            ended = {"standing": Standing.CLOSED, "hold": None}
            return {**ended, "duplicate_of": event.duplicate_of}
        case FacilitationNoted():
            return {"facilitation": event}
        case TeamNoted():
            return {"team": _latest(state.team, event)}
        case EntryCorrected():
            return _corrected(state, event.entry_version)
        case DisposalReviewNeeded() | DeadlinePassed():
            return {}
        case _:
            raise TypeError(f"{event.wire_type()} is no event of a referral")


def _latest(known: TeamNoted | None, said: TeamNoted) -> TeamNoted:
    """A note that was held up says how the team was before."""
    return max(filter(None, (known, said)), key=lambda one: one.facilitation_version)


def _corrected(state: Referral, entry_version: int) -> dict[str, object]:
    return {
        "contacts": tuple(one for one in state.contacts if one.entry_version != entry_version),
        "asked_later": tuple(
            one for one in state.asked_later if one.entry_version != entry_version
        ),
    }


def _left(state: Referral, leaving: ParticipantId) -> dict[str, object]:
    """What somebody asked for goes with them."""
    return {
        "participants": without(state, leaving),
        "asked_at_once": tuple(one for one in state.asked_at_once if one != leaving),
        "asked_later": tuple(one for one in state.asked_later if one.participant_id != leaving),
    }


def _contact(event: ParticipantContacted, version: int) -> Contact:
    names = Contact.model_fields.keys() - {"entry_version"}
    return Contact(entry_version=version, **{name: getattr(event, name) for name in names})


def without(state: Referral, participant_id: ParticipantId) -> tuple[Participant, ...]:
    """Who would be in the case without this person."""
    return tuple(one for one in state.participants if one.participant_id != participant_id)


def harmed(participants: tuple[Participant, ...]) -> bool:
    """Whether there is a victim or a party among them."""
    return bool(_of_harmed(participants))


def _of_harmed(participants: tuple[Participant, ...]) -> tuple[ParticipantId, ...]:
    return tuple(one.participant_id for one in participants if one.role in HARMED)


def _requested(event: ReferralRequested) -> dict[str, object]:
    return {
        "standing": Standing.REQUESTED,
        "setting": event.setting,
        "requested_flags": event.harm_flags,
        "initiated_by": event.initiated_by,
        "asked_at_once": _of_harmed(event.participants) if event.victim_request else (),
        "participants": event.participants,
        "organisation": event.organisation,
        "requested_by": event.requested_by,
    }


def _joined(event: ParticipantAdded) -> Participant:
    return Participant(
        participant_id=event.participant_id, role=event.role, age_band=event.age_band
    )
