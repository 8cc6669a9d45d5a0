"""The facilitators of the specs, and what is known of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.facilitation.ids import FacilitatorId, MeetingId, ReservationId
from contracts.facilitation.workforce import (
    Affiliation,
    CpdRecorded,
    FacilitatorRegistered,
    FacilitatorReserved,
    ReservationConfirmed,
    ReservationPurpose,
    SupervisionKind,
    SupervisionRecorded,
    TrainingRecorded,
)
from contracts.fields import CaseId
from contracts.terms import Level
from kernel.testing.spec import CASE, HUB, NOW, an_id, deciding
from services.facilitation.domain.facilitator.commands import ReserveFacilitator
from services.facilitation.domain.facilitator.decide import FACILITATOR

given = deciding(FACILITATOR)

FAY = FacilitatorId(an_id("fay"))
THIS_CASE = CaseId(CASE)
DAY = timedelta(days=1)
LONG_AGO = NOW - 700 * DAY
PRACTICE = (SupervisionKind.SUPERVISION, SupervisionKind.OBSERVED_PRACTICE)


def registered(at: datetime = NOW) -> FacilitatorRegistered:
    return FacilitatorRegistered(
        facilitator_id=FAY, organisation=HUB, affiliation=Affiliation.PARTNER, registered_at=at
    )


def trained(
    level: Level = Level.INTERMEDIATE, at: datetime = NOW - DAY, hours: int = 30
) -> TrainingRecorded:
    return TrainingRecorded(level=level, hours=hours, pre_reading=False, completed_at=at)


def supervised(
    at: datetime, kind: SupervisionKind = SupervisionKind.SUPERVISION
) -> SupervisionRecorded:
    return SupervisionRecorded(kind=kind, held_at=at)


def developed(hours: int, approved: int, at: datetime = NOW - DAY) -> CpdRecorded:
    return CpdRecorded(hours=hours, approved_hours=approved, done_at=at)


FIT = (registered(), trained())
VETERAN = (
    registered(LONG_AGO),
    trained(at=LONG_AGO),
    *(supervised(NOW - DAY, kind) for kind in PRACTICE),
    developed(12, 6),
)


def reservation(name: str = "reservation") -> ReservationId:
    return ReservationId(an_id(name))


def meeting(name: str = "meeting") -> MeetingId:
    return MeetingId(an_id(name))


def reserve(**fields: Any) -> ReserveFacilitator:
    values: dict[str, Any] = {
        "reservation_id": reservation(),
        "purpose": ReservationPurpose.ASSIGNMENT,
        "case_id": THIS_CASE,
    }
    return ReserveFacilitator(**values | fields)


def book(
    begins: datetime, hours: int = 2, name: str = "meeting", case: UUID = CASE
) -> ReserveFacilitator:
    return reserve(
        reservation_id=reservation(f"for {name}"),
        purpose=ReservationPurpose.SLOT,
        case_id=case,
        meeting_id=meeting(name),
        starts_at=begins,
        ends_at=begins + timedelta(hours=hours),
    )


def reserved(command: ReserveFacilitator, level: Level = Level.INTERMEDIATE) -> FacilitatorReserved:
    return FacilitatorReserved(
        **command.model_dump(exclude={"happened_at"}),
        organisation=HUB,
        level=level,
        lapses_at=NOW + timedelta(minutes=5),
    )


def booked(
    begins: datetime, hours: int = 2, name: str = "meeting", case: UUID = CASE
) -> tuple[FacilitatorReserved, ReservationConfirmed]:
    slot = reserved(book(begins, hours, name, case))
    return slot, ReservationConfirmed(reservation_id=slot.reservation_id)
