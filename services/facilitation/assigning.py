"""A facilitator is reserved for a case, if fit and impartial, and then assigned to it."""

from __future__ import annotations

from uuid import UUID

from contracts.facilitation.ids import ReservationId
from contracts.facilitation.workforce import ReservationPurpose
from contracts.fields import CaseId, OrganisationId
from contracts.terms import Level
from kernel.commands import Accepted
from kernel.decider import Refused
from kernel.http import Order
from kernel.http.trial import Trial
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.case.team.commands import AssignFacilitator, AssignReserved
from services.facilitation.domain.facilitator.commands import ReserveFacilitator
from services.facilitation.reserving import (
    answered,
    reservation_id,
    reserve,
    together,
    would_be_answered,
    would_reserve,
)

NO_REQUEST = UUID(int=0)


async def assign(body: AssignFacilitator, order: Order) -> Accepted | Refused:
    """Reserve the facilitator, whom the caller's organisation must see, then assign them."""
    if early := await answered(order, body) or await would_assign(body, order.trial):
        return early
    wanted = _wanted(body, order.subject, order.request.command_id)
    reserved = await reserve(order, body.facilitator_id, wanted, as_system=False)
    if isinstance(reserved, Refused):
        return reserved
    assignment = _assignment(body, reserved.reservation_id, reserved.level, reserved.organisation)
    return await order.execute(CASE, order.subject, assignment)


async def would_assign(body: AssignFacilitator, trial: Trial) -> Refused | None:
    """Everything that stands in the way, in the facilitator and in the case.

    Of somebody who cannot be reserved the level is not known: it is not held against them as well.
    """
    wanted = _wanted(body, trial.subject, NO_REQUEST)
    reserved = await would_reserve(trial, body.facilitator_id, wanted, as_system=False)
    refused = reserved if isinstance(reserved, Refused) else None
    level = Level.ADVANCED if isinstance(reserved, Refused) else reserved.level
    assignment = _assignment(body, wanted.reservation_id, level, trial.actor.org)
    return together(refused, await would_be_answered(trial, assignment))


def _wanted(body: AssignFacilitator, case: UUID, request: UUID) -> ReserveFacilitator:
    return ReserveFacilitator(
        reservation_id=reservation_id(request, body.facilitator_id),
        purpose=ReservationPurpose.ASSIGNMENT,
        case_id=CaseId(case),
    )


def _assignment(
    body: AssignFacilitator, reservation: ReservationId, level: Level, org: OrganisationId
) -> AssignReserved:
    return AssignReserved(
        facilitator_id=body.facilitator_id,
        part=body.part,
        level=level,
        organisation=org,
        reservation_id=reservation,
        happened_at=body.happened_at,
    )
