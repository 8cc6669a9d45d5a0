"""What may be asked of the record of a facilitator."""

from __future__ import annotations

from pydantic import Field

from contracts.facilitation.ids import ConflictId, FacilitatorId, MeetingId, ReservationId
from contracts.facilitation.workforce import (
    Affiliation,
    ConflictKind,
    ReservationPurpose,
    SupervisionKind,
    SuspensionReason,
)
from contracts.fields import CaseId, Count, Moment
from contracts.terms import Level
from kernel.decider import Command


class RegisterFacilitator(Command):
    """Register one of one's own staff, under the id with which they sign in."""

    facilitator_id: FacilitatorId
    affiliation: Affiliation


class RecordTraining(Command):
    """Record a completed training; it gives the facilitator its level."""

    level: Level
    hours: Count
    pre_reading: bool = Field(False, description="needed where the training was short")
    completed_at: Moment


class RecordCpd(Command):
    """Record continuing professional development."""

    hours: Count
    approved_hours: Count = Field(0, description="how many of the hours were of an approved kind")
    done_at: Moment


class RecordSupervision(Command):
    """Record a supervision, or that practice was observed."""

    kind: SupervisionKind = SupervisionKind.SUPERVISION
    held_at: Moment


class SuspendFacilitator(Command):
    """Take a facilitator off all work."""

    reason: SuspensionReason


class ReinstateFacilitator(Command):
    """End a suspension."""


class DeclareConflict(Command):
    """Say what ties a facilitator to a case."""

    case_id: CaseId
    kind: ConflictKind


class ClearConflict(Command):
    """Find that a declared conflict does not stand; never by the facilitator themselves."""

    conflict_id: ConflictId


class ReserveFacilitator(Command):
    """Before a case records an assignment or a meeting."""

    reservation_id: ReservationId
    purpose: ReservationPurpose
    case_id: CaseId
    meeting_id: MeetingId | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class ConfirmReservation(Command):
    """By policy, when the case has recorded what the reservation was for."""

    reservation_id: ReservationId


class ReleaseReservation(Command):
    """By policy, when the case makes no use of the reservation, or none any longer."""

    reservation_id: ReservationId


FacilitatorCommand = (
    RegisterFacilitator
    | RecordTraining
    | RecordCpd
    | RecordSupervision
    | SuspendFacilitator
    | ReinstateFacilitator
    | DeclareConflict
    | ClearConflict
    | ReserveFacilitator
    | ConfirmReservation
    | ReleaseReservation
)
