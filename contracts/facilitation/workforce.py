"""Events of a facilitator: fitness to practise, conflicts of interest, and time spoken for."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from contracts.envelope import Event, Topic
from contracts.facilitation.ids import ConflictId, FacilitatorId, MeetingId, ReservationId
from contracts.fields import CaseId, Count, Moment, OrganisationId
from contracts.terms import Level


class Affiliation(StrEnum):
    """Whose staff a facilitator is."""

    POLICE = "police"
    PARTNER = "partner"


class SupervisionKind(StrEnum):
    """Talking practice through, or being watched at it."""

    SUPERVISION = "supervision"
    OBSERVED_PRACTICE = "observed_practice"


class SuspensionReason(StrEnum):
    """Why somebody must not work on cases for now."""

    SAFEGUARDING = "safeguarding"
    COMPLAINT = "complaint"
    PRACTICE = "practice"
    ABSENCE = "absence"
    OTHER = "other"


class ConflictKind(StrEnum):
    """What ties a facilitator to a case, so that they cannot be impartial in it."""

    KNOWS_A_PARTICIPANT = "knows_a_participant"
    EARLIER_ROLE = "earlier_role"
    INTEREST_IN_OUTCOME = "interest_in_outcome"
    AUTHORITY_OVER_A_PARTICIPANT = "authority_over_a_participant"
    PARTICIPANT_ASKS_FOR_ANOTHER = "participant_asks_for_another"


class ReservationPurpose(StrEnum):
    """What a facilitator is reserved for: a case, or the time of one meeting."""

    ASSIGNMENT = "assignment"
    SLOT = "slot"


class FacilitatorRegistered(Event):
    """Somebody is to work as a facilitator; fit to do so only once they are trained."""

    topic: ClassVar[str] = Topic.WORKFORCE

    facilitator_id: FacilitatorId
    organisation: OrganisationId
    affiliation: Affiliation
    registered_at: Moment


class TrainingRecorded(Event):
    """A facilitator has completed a training, which gives them its level."""

    topic: ClassVar[str] = Topic.WORKFORCE

    level: Level
    hours: Count
    pre_reading: bool
    completed_at: Moment


class CpdRecorded(Event):
    """A facilitator has done continuing professional development."""

    topic: ClassVar[str] = Topic.WORKFORCE

    hours: Count
    approved_hours: Count
    """How many of the hours were of an approved kind."""
    done_at: Moment


class SupervisionRecorded(Event):
    """A facilitator was supervised, or observed at work."""

    topic: ClassVar[str] = Topic.WORKFORCE

    kind: SupervisionKind
    held_at: Moment


class FacilitatorSuspended(Event):
    """A facilitator must not work on any case until reinstated."""

    topic: ClassVar[str] = Topic.WORKFORCE

    reason: SuspensionReason


class FacilitatorReinstated(Event):
    """A facilitator who was suspended may work on cases again."""

    topic: ClassVar[str] = Topic.WORKFORCE


class ConflictDeclared(Event):
    """Something ties a facilitator to a case: they do not work on it."""

    topic: ClassVar[str] = Topic.WORKFORCE

    conflict_id: ConflictId
    case_id: CaseId
    kind: ConflictKind


class ConflictCleared(Event):
    """Somebody else found that a declared conflict does not stand, or stands no longer."""

    topic: ClassVar[str] = Topic.WORKFORCE

    conflict_id: ConflictId
    case_id: CaseId


class FacilitatorReserved(Event):
    """A facilitator is spoken for, until a case confirms it or lets it go."""

    topic: ClassVar[str] = Topic.WORKFORCE

    reservation_id: ReservationId
    purpose: ReservationPurpose
    case_id: CaseId
    organisation: OrganisationId
    level: Level
    """The facilitator's level on that day."""
    lapses_at: Moment
    """From then on the case is asked whether it makes use of the reservation."""
    meeting_id: MeetingId | None = None
    """Of a slot: what it is for, and when."""
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class ReservationConfirmed(Event):
    """The case has recorded what the facilitator was reserved for."""

    topic: ClassVar[str] = Topic.WORKFORCE

    reservation_id: ReservationId


class ReservationReleased(Event):
    """The case makes no use of the reservation, or none any longer."""

    topic: ClassVar[str] = Topic.WORKFORCE

    reservation_id: ReservationId


EVENTS: tuple[type[Event], ...] = (
    FacilitatorRegistered,
    TrainingRecorded,
    CpdRecorded,
    SupervisionRecorded,
    FacilitatorSuspended,
    FacilitatorReinstated,
    ConflictDeclared,
    ConflictCleared,
    FacilitatorReserved,
    ReservationConfirmed,
    ReservationReleased,
)
