"""A facilitator is registered under the id with which they sign in, which is also the record's."""

from __future__ import annotations

from kernel.commands import Accepted
from kernel.decider import Refused
from kernel.http import Order
from services.facilitation.domain.facilitator.commands import RegisterFacilitator
from services.facilitation.domain.facilitator.decide import FACILITATOR


async def register(body: RegisterFacilitator, order: Order) -> Accepted | Refused:
    """Open the record of one of the caller's own staff."""
    return await order.execute(FACILITATOR, body.facilitator_id, body)
