"""Events of the consent service: who was told what, and who says yes or no to which method."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, NewType
from uuid import UUID

from contracts.envelope import Event
from contracts.fields import Count, Moment, OrganisationId, ParticipantId
from contracts.terms import Method, Participant, Setting, YesEnded

ConsentId = NewType("ConsentId", UUID)


class InformationItem(StrEnum):
    """What everybody is told before they are asked; every item is mandatory."""

    VOLUNTARY = "voluntary"
    CAN_STOP = "can_stop"
    PROCESS = "process"
    OUTCOMES = "outcomes"
    AGREEMENT_MONITORING = "agreement_monitoring"
    CONFIDENTIALITY = "confidentiality"
    CONFIDENTIALITY_LIMITS = "confidentiality_limits"
    NO_SENTENCE_REDUCTION = "no_sentence_reduction"
    NO_ADVERSE_INFERENCE = "no_adverse_inference"
    DATA_USE = "data_use"
    COMPLAINTS = "complaints"
    SUPPORT = "support"
    WHO_MAY_COME_ALONG = "who_may_come_along"
    """An adviser, an interpreter, a supporter."""


class InformationFormat(StrEnum):
    """How the information was given."""

    IN_PERSON = "in_person"
    BY_TELEPHONE = "by_telephone"
    BY_VIDEO_CALL = "by_video_call"
    IN_WRITING = "in_writing"
    EASY_READ = "easy_read"
    RECORDED = "recorded"


class Language(StrEnum):
    """As much of a language as does not tell where somebody comes from."""

    ENGLISH = "english"
    WELSH = "welsh"
    OTHER = "other"


class Capacity(StrEnum):
    """Whether somebody can decide for themselves about taking part."""

    HAS_CAPACITY = "has_capacity"
    HAS_CAPACITY_WITH_SUPPORT = "has_capacity_with_support"
    LACKS_CAPACITY = "lacks_capacity"


class RepresentativeKind(StrEnum):
    """What a representative is to whom they stand beside."""

    PARENT_OR_CARER = "parent_or_carer"
    APPROPRIATE_ADULT = "appropriate_adult"
    ADVOCATE = "advocate"


class RepresentativeBasis(StrEnum):
    """What entitles a representative."""

    PARENTAL_RESPONSIBILITY = "parental_responsibility"
    LOCAL_AUTHORITY_CARE = "local_authority_care"
    COURT_ORDER = "court_order"
    CHOSEN_BY_PARTICIPANT = "chosen_by_participant"


class RepresentativeEndCause(StrEnum):
    """Why somebody stands beside a participant no longer; never what anybody said."""

    REPLACED = "replaced"
    NOT_NEEDED = "not_needed"
    NOT_ENTITLED = "not_entitled"
    NOT_AVAILABLE = "not_available"
    NOT_RECORDED = "not_recorded"


class Purpose(StrEnum):
    """What a consent is for; each is asked on its own."""

    TAKE_PART = "take_part"
    CONTACT_AFTERWARDS = "contact_afterwards"
    RESEARCH = "research"


class Evidence(StrEnum):
    """How the word of the participant is held; the document itself is never on the log."""

    WRITTEN = "written"
    RECORDED = "recorded"


class ParentInvolvement(StrEnum):
    """How a parent or carer of somebody of 16 or 17 is involved."""

    INVOLVED = "involved"
    INFORMED = "informed"
    NOT_WISHED = "not_wished"
    NOT_POSSIBLE = "not_possible"


class DeclineReason(StrEnum):
    """What somebody said when they said no; nobody has to say anything."""

    NOT_NOW = "not_now"
    NOT_WITH_THIS_METHOD = "not_with_this_method"
    NOT_INTERESTED = "not_interested"
    OTHER = "other"


class Channel(StrEnum):
    """How word of a withdrawal came."""

    IN_PERSON = "in_person"
    BY_TELEPHONE = "by_telephone"
    IN_WRITING = "in_writing"
    THROUGH_SOMEBODY_ELSE = "through_somebody_else"


class ConsentLedgerOpened(Event):
    """A case was accepted; from now on it is recorded what its participants say."""

    setting: Setting
    participants: tuple[Participant, ...]
    controller: OrganisationId
    organisation: OrganisationId
    """The organisation that asked for the case; it sees the case, as the hub does."""


class ConsentInformationProvided(Event):
    """Somebody was told all that they need to know before they decide."""

    participant_id: ParticipantId
    info_version: Count
    items: tuple[InformationItem, ...]
    format: InformationFormat
    language: Language
    interpreter: bool


class CapacityRecorded(Event):
    """It was looked at whether somebody can decide for themselves.

    Where they cannot, what they had consented to ends with it.
    """

    participant_id: ParticipantId
    result: Capacity
    ends: tuple[YesEnded, ...] = ()
    """Whose yes, to what, ended with it: theirs, or a child's beside whom they stand."""


class RepresentativeAppointed(Event):
    """Somebody stands beside a participant from now on, and consents together with a child."""

    participant_id: ParticipantId
    representative_id: ParticipantId
    kind: RepresentativeKind
    basis: RepresentativeBasis


class RepresentativeEnded(Event):
    """Somebody stands beside a participant no longer; the consents they gave end with it."""

    version: ClassVar[int] = 2

    participant_id: ParticipantId
    representative_id: ParticipantId
    cause: RepresentativeEndCause
    ends: tuple[YesEnded, ...] = ()
    """Whose yes, to what, ended with it."""


class ConsentGiven(Event):
    """Somebody said yes: to these methods, for these purposes, until that moment."""

    consent_id: ConsentId
    participant_id: ParticipantId
    """Who would take part."""
    given_by: ParticipantId
    """Who said yes: the participant, or the representative beside a child."""
    methods: tuple[Method, ...]
    purposes: tuple[Purpose, ...]
    evidence: Evidence
    info_version: Count
    acknowledged: tuple[InformationItem, ...]
    """What the giver confirmed to have understood, item by item."""
    valid_until: Moment
    checked_at: Moment
    """When they were asked; a yes is looked at again before an activity."""
    co_consent_id: ConsentId | None = None
    """The consent of the representative, without which a child's own has no effect."""
    parent_involvement: ParentInvolvement | None = None


class ConsentDeclined(Event):
    """Somebody said no to these methods; an earlier yes of theirs to them ends with it."""

    participant_id: ParticipantId
    methods: tuple[Method, ...]
    reason: DeclineReason | None = None
    also_ends: tuple[YesEnded, ...] = ()
    """Where a representative says no: for which children beside whom they stand, and to what."""


class ConsentWithdrawn(Event):
    """Somebody takes their yes to these methods back, whether there was one or not."""

    participant_id: ParticipantId
    methods: tuple[Method, ...]
    channel: Channel
    also_ends: tuple[YesEnded, ...] = ()
    """Where a representative takes it back: for which children beside whom they stand, and what."""


class ConsentQuorumReached(Event):
    """For this method everybody who has to has said yes, and there are two sides.

    It is said again when the people who have to change and all of them have said yes.
    """

    method: Method
    participants: tuple[ParticipantId, ...]
    """Everybody who has to say yes."""


class ConsentQuorumLost(Event):
    """For this method the consent of everybody stands no longer; it does not say through whom."""

    method: Method
    participants: tuple[ParticipantId, ...]
    """Everybody between whom it had been reached."""


EVENTS: tuple[type[Event], ...] = (
    ConsentLedgerOpened,
    ConsentInformationProvided,
    CapacityRecorded,
    RepresentativeAppointed,
    RepresentativeEnded,
    ConsentGiven,
    ConsentDeclined,
    ConsentWithdrawn,
    ConsentQuorumReached,
    ConsentQuorumLost,
)
