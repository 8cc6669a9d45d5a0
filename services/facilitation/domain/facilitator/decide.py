"""What the record of a facilitator answers to each command."""

from __future__ import annotations

from functools import partial
from typing import TypeVar, assert_never

from contracts.envelope import Event, Topic
from contracts.facilitation.ids import ConflictId
from contracts.facilitation.workforce import (
    ConflictCleared,
    ConflictDeclared,
    CpdRecorded,
    FacilitatorRegistered,
    FacilitatorReinstated,
    FacilitatorReserved,
    FacilitatorSuspended,
    ReservationConfirmed,
    ReservationReleased,
    SupervisionRecorded,
    TrainingRecorded,
)
from contracts.fields import OrganisationId
from kernel.decider import Context, Decider, Decision, Refused, refuse_unless
from services.facilitation.domain.facilitator import checks
from services.facilitation.domain.facilitator.commands import (
    ClearConflict,
    ConfirmReservation,
    DeclareConflict,
    FacilitatorCommand,
    RecordCpd,
    RecordSupervision,
    RecordTraining,
    RegisterFacilitator,
    ReinstateFacilitator,
    ReleaseReservation,
    ReserveFacilitator,
    SuspendFacilitator,
)
from services.facilitation.domain.facilitator.practice import PRACTICE, Practice
from services.facilitation.domain.facilitator.state import Facilitator, evolve

T = TypeVar("T")


def facilitator_with(practice: Practice) -> Decider[FacilitatorCommand, Facilitator]:
    """The decider of facilitators under a hub's own practice."""
    return Decider(
        category="facilitator",
        initial=Facilitator(),
        evolve=evolve,
        decide=partial(_decide, practice),
        opens=(RegisterFacilitator,),
        controller=lambda state: state.organisation,
        seen_by=_seen_by,
        topic=Topic.WORKFORCE,
    )


def _decide(
    practice: Practice, command: FacilitatorCommand, state: Facilitator, at: Context
) -> Decision:
    said = _answer(practice, command, state, at)
    return said if isinstance(said, Refused) else [said]


def _answer(
    practice: Practice, command: FacilitatorCommand, state: Facilitator, at: Context
) -> Event | Refused:
    match command:
        case RegisterFacilitator():
            return _register(command, state, at)
        case RecordTraining():
            return _train(practice, command, at)
        case RecordCpd():
            return _develop(command, at)
        case RecordSupervision():
            return _supervise(command, at)
        case SuspendFacilitator():
            return FacilitatorSuspended(reason=command.reason)
        case ReinstateFacilitator():
            return refuse_unless(checks.was_suspended(state)) or FacilitatorReinstated()
        case DeclareConflict():
            return _declare(command, at)
        case ClearConflict():
            return _clear(command, state, at)
        case ReserveFacilitator():
            return _reserve(practice, command, state, at)
        case ConfirmReservation():
            return ReservationConfirmed(reservation_id=command.reservation_id)
        case ReleaseReservation():
            return ReservationReleased(reservation_id=command.reservation_id)
        case _:
            assert_never(command)


def _register(command: RegisterFacilitator, state: Facilitator, at: Context) -> Event | Refused:
    return refuse_unless(checks.registered_once(state)) or FacilitatorRegistered(
        facilitator_id=command.facilitator_id,
        organisation=at.actor.org,
        affiliation=command.affiliation,
        registered_at=at.now,
    )


def _train(practice: Practice, command: RecordTraining, at: Context) -> Event | Refused:
    refused = refuse_unless(
        checks.has_happened(command.completed_at, at.now),
        checks.long_enough(practice, command),
        checks.read_beforehand(practice, command),
    )
    return refused or TrainingRecorded(
        level=command.level,
        hours=command.hours,
        pre_reading=command.pre_reading,
        completed_at=command.completed_at,
    )


def _develop(command: RecordCpd, at: Context) -> Event | Refused:
    refused = refuse_unless(
        checks.has_happened(command.done_at, at.now), checks.approved_is_part(command)
    )
    return refused or CpdRecorded(
        hours=command.hours, approved_hours=command.approved_hours, done_at=command.done_at
    )


def _supervise(command: RecordSupervision, at: Context) -> Event | Refused:
    refused = refuse_unless(checks.has_happened(command.held_at, at.now))
    return refused or SupervisionRecorded(kind=command.kind, held_at=command.held_at)


def _declare(command: DeclareConflict, at: Context) -> Event:
    return ConflictDeclared(
        conflict_id=ConflictId(at.new_id("conflict")), case_id=command.case_id, kind=command.kind
    )


def _clear(command: ClearConflict, state: Facilitator, at: Context) -> Event | Refused:
    refused = refuse_unless(
        checks.was_declared(state, command.conflict_id), checks.cleared_by_others(state, at)
    )
    return refused or ConflictCleared(
        conflict_id=command.conflict_id, case_id=state.conflicts[command.conflict_id]
    )


def _reserve(
    practice: Practice, command: ReserveFacilitator, state: Facilitator, at: Context
) -> Event | Refused:
    refused = refuse_unless(
        *checks.fit(practice, state, at.now),
        checks.impartial(state, command.case_id),
        checks.free(state, command),
    )
    return refused or FacilitatorReserved(
        reservation_id=command.reservation_id,
        purpose=command.purpose,
        case_id=command.case_id,
        organisation=_known(state.organisation),
        level=_known(state.level(at.now)),
        lapses_at=at.now + practice.hold,
        meeting_id=command.meeting_id,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
    )


def _known(value: T | None) -> T:
    if value is None:
        raise LookupError("whoever is fit is registered and has a level")
    return value


def _seen_by(state: Facilitator) -> frozenset[OrganisationId]:
    return frozenset() if state.organisation is None else frozenset({state.organisation})


FACILITATOR = facilitator_with(PRACTICE)
