"""What may be asked of a consent ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import TypeVar

from pydantic import Field

from contracts.common import Colleague
from contracts.consent import (
    Capacity,
    Channel,
    ConsentId,
    DeclineReason,
    Evidence,
    InformationFormat,
    InformationItem,
    Language,
    ParentInvolvement,
    Purpose,
    RepresentativeBasis,
    RepresentativeEndCause,
    RepresentativeKind,
)
from contracts.fields import Count, Moment, OrganisationId, ParticipantId
from contracts.terms import Method, Participant, Setting
from kernel.decider import Command
from services.consent.domain.ledger.clearance_commands import ClearActivity
from services.consent.domain.ledger.review_commands import (
    GiveSharingConsent,
    NoteCaseClosure,
    NoteCaseHold,
    ReconfirmConsent,
    ReviewCommand,
    VaryConsent,
)

E = TypeVar("E", bound=Enum)

EVERY_METHOD = tuple(Method)


def in_order(vocabulary: type[E], words: Iterable[E]) -> tuple[E, ...]:
    """Each word once, in the order of its vocabulary."""
    said = frozenset(words)
    return tuple(one for one in vocabulary if one in said)


class OpenConsentLedger(Command):
    """By policy, when a referral is accepted."""

    setting: Setting
    participants: tuple[Participant, ...]
    controller: OrganisationId
    organisation: OrganisationId


class NoteParticipants(Command):
    """By policy, when somebody joins or leaves the case."""

    participants: tuple[Participant, ...]


class NoteTeam(Command):
    """By policy, when a facilitator is assigned to the case or taken off it."""

    team: tuple[Colleague, ...]
    facilitation_version: Count


class ProvideConsentInformation(Command):
    """Record that a participant has been told everything, item by item."""

    participant_id: ParticipantId
    info_version: Count = Field(description="the edition of the information that was used")
    items: tuple[InformationItem, ...] = Field(description="what was explained")
    format: InformationFormat
    language: Language = Language.ENGLISH
    interpreter: bool = False


class RecordCapacity(Command):
    """Record whether a participant can decide for themselves about taking part."""

    participant_id: ParticipantId
    result: Capacity


class AppointRepresentative(Command):
    """Record who stands beside a participant."""

    participant_id: ParticipantId
    representative_id: ParticipantId = Field(description="a participant in the role representative")
    kind: RepresentativeKind
    basis: RepresentativeBasis


class EndRepresentative(Command):
    """Record that a representative stands beside a participant no longer."""

    participant_id: ParticipantId
    representative_id: ParticipantId
    cause: RepresentativeEndCause = RepresentativeEndCause.NOT_RECORDED


class GiveConsent(Command):
    """Record the yes of a participant, or of the representative beside a child."""

    participant_id: ParticipantId = Field(description="who would take part")
    given_by: ParticipantId | None = Field(None, description="the representative, if they say yes")
    methods: tuple[Method, ...]
    purposes: tuple[Purpose, ...] = (Purpose.TAKE_PART,)
    evidence: Evidence
    info_version: Count = Field(description="the edition that the giver was informed by")
    acknowledged: tuple[InformationItem, ...] = Field((), description="what the giver confirmed")
    co_consent_id: ConsentId | None = Field(None, description="for a child: the representative's")
    parent_involvement: ParentInvolvement | None = Field(None, description="at 16 and 17")
    valid_until: Moment | None = Field(None, description="90 days from now unless said")

    @property
    def giver(self) -> ParticipantId:
        """Whose word it is."""
        return self.given_by or self.participant_id

    def checked_at(self, now: datetime) -> datetime:
        """When it was said: never after now."""
        return min(self.happened_at or now, now)


class DeclineConsent(Command):
    """Record the no of a participant, to these methods or, where none is named, to all."""

    participant_id: ParticipantId
    methods: tuple[Method, ...] = EVERY_METHOD
    reason: DeclineReason | None = None


class WithdrawConsent(Command):
    """Record that a participant takes consent back; to all methods where none is named."""

    participant_id: ParticipantId
    methods: tuple[Method, ...] = EVERY_METHOD
    channel: Channel


RecordingCommand = (
    ProvideConsentInformation
    | RecordCapacity
    | AppointRepresentative
    | EndRepresentative
    | GiveConsent
    | ReconfirmConsent
    | VaryConsent
    | GiveSharingConsent
)
"""What is recorded of a consent; a no is not among it, as anybody may pass it on."""

LedgerCommand = (
    OpenConsentLedger
    | NoteParticipants
    | NoteTeam
    | ProvideConsentInformation
    | RecordCapacity
    | AppointRepresentative
    | EndRepresentative
    | GiveConsent
    | DeclineConsent
    | WithdrawConsent
    | NoteCaseHold
    | NoteCaseClosure
    | ClearActivity
    | ReviewCommand
)
