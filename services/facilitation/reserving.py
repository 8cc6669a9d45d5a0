"""What is scarce is decided first: a facilitator is reserved, then the case records what for.

A crash between the two loses and blocks nothing: the same Idempotency-Key completes it, and a
reservation that its case does not confirm in time is settled by asking the case
(`policies/watch_facilitators.py`).
"""

from __future__ import annotations

from uuid import UUID, uuid5

from contracts.facilitation.ids import FacilitatorId, ReservationId
from contracts.facilitation.workforce import FacilitatorReserved
from kernel.commands import Accepted
from kernel.decider import Command, Refused
from kernel.http import Order
from kernel.http.trial import Trial
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.facilitator.commands import ReserveFacilitator
from services.facilitation.domain.facilitator.decide import FACILITATOR


def reservation_id(request: UUID, facilitator_id: FacilitatorId) -> ReservationId:
    """The same each time the same request reserves the same facilitator."""
    return ReservationId(uuid5(request, f"reservation of {facilitator_id}"))


async def reserve(
    order: Order, facilitator_id: FacilitatorId, wanted: ReserveFacilitator, *, as_system: bool
) -> FacilitatorReserved | Refused:
    """Reserve somebody in their own stream."""
    answer = await order.execute(
        FACILITATOR, facilitator_id, wanted, step=f"reserve {facilitator_id}", as_system=as_system
    )
    if isinstance(answer, Refused):
        return answer
    return FacilitatorReserved.model_validate_json(answer.commit.events[0].data)


async def would_reserve(
    trial: Trial, facilitator_id: FacilitatorId, wanted: ReserveFacilitator, *, as_system: bool
) -> FacilitatorReserved | Refused:
    """What reserving somebody would be answered."""
    decided = await trial.run(FACILITATOR, facilitator_id, wanted, as_system=as_system)
    if isinstance(decided, Refused):
        return decided
    (reserved,) = decided
    assert isinstance(reserved, FacilitatorReserved)  # noqa: S101  it answers nothing else
    return reserved


async def answered(order: Order, body: Command) -> Accepted | Refused | None:
    """The first answer to this request, if it had one; then nothing is tried or reserved anew."""
    loaded = await order.commands.load(CASE, order.subject)
    if loaded.answer(order.request.command_id) is None:
        return None
    return await order.execute(CASE, order.subject, body)


async def would_be_answered(trial: Trial, command: Command) -> Refused | None:
    """What stands in the way of a command on the case."""
    decided = await trial.run(CASE, trial.subject, command)
    return decided if isinstance(decided, Refused) else None


def together(*refusals: Refused | None) -> Refused | None:
    """All reasons at once."""
    unmet = tuple(one for refused in refusals if refused for one in refused.unmet)
    return Refused(unmet) if unmet else None
