"""Events of who works on a case."""

from __future__ import annotations

from enum import StrEnum

from contracts.envelope import Event
from contracts.facilitation.ids import FacilitatorId, ReservationId
from contracts.fields import OrganisationId
from contracts.terms import Level


class TeamPart(StrEnum):
    """What a facilitator does in a case."""

    LEAD = "lead"
    CO = "co"


class UnassignReason(StrEnum):
    """Why a facilitator works on a case no longer."""

    SUSPENDED = "suspended"
    CONFLICT = "conflict"
    PARTICIPANT_ASKS_FOR_ANOTHER = "participant_asks_for_another"
    WORKLOAD = "workload"
    ABSENCE = "absence"
    OTHER = "other"


class FacilitatorAssigned(Event):
    """A facilitator works on the case from now on."""

    facilitator_id: FacilitatorId
    part: TeamPart
    level: Level
    organisation: OrganisationId
    """Whose facilitator they are; it sees the case for as long."""
    reservation_id: ReservationId


class FacilitatorUnassigned(Event):
    """A facilitator works on the case no longer; whoever comes instead must be booked anew."""

    facilitator_id: FacilitatorId
    part: TeamPart
    reason: UnassignReason
    reservation_id: ReservationId


class ReservationSettled(Event):
    """The case was asked about a reservation that nobody had confirmed: it is in use, or void."""

    facilitator_id: FacilitatorId
    reservation_id: ReservationId
    in_use: bool


EVENTS: tuple[type[Event], ...] = (FacilitatorAssigned, FacilitatorUnassigned, ReservationSettled)
