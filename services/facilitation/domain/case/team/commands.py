"""What may be asked of a case's team."""

from __future__ import annotations

from pydantic import Field

from contracts.facilitation.ids import FacilitatorId, ReservationId
from contracts.facilitation.team import TeamPart, UnassignReason
from contracts.fields import OrganisationId
from contracts.terms import Level
from kernel.decider import Command


class AssignFacilitator(Command):
    """Assign a facilitator to the case; they are reserved first."""

    facilitator_id: FacilitatorId
    part: TeamPart = TeamPart.LEAD


class AssignReserved(AssignFacilitator):
    """Record the assignment of a facilitator who is reserved for it."""

    level: Level
    organisation: OrganisationId
    reservation_id: ReservationId


class UnassignFacilitator(Command):
    """Take a facilitator off the case."""

    facilitator_id: FacilitatorId
    reason: UnassignReason = Field(UnassignReason.OTHER, description="why")


class NoteFacilitatorLoss(Command):
    """By policy, when a facilitator is suspended or has a conflict: a reservation is void."""

    facilitator_id: FacilitatorId
    reservation_id: ReservationId
    reason: UnassignReason


class SettleReservation(Command):
    """By policy, when a reservation was not confirmed in time: is it in use?"""

    facilitator_id: FacilitatorId
    reservation_id: ReservationId


TeamCommand = AssignReserved | UnassignFacilitator | NoteFacilitatorLoss | SettleReservation
