"""A case is closed as a duplicate once it was looked up whether there is the case that it names."""

from __future__ import annotations

from kernel.commands import Accepted
from kernel.decider import Refused
from kernel.http import Order
from kernel.http.trial import Trial
from services.referral.domain.referral.course_commands import CloseCase, CloseLookedUp
from services.referral.domain.referral.decide import REFERRAL
from services.referral.domain.referral.state import Standing


async def close_case(body: CloseCase, order: Order) -> Accepted | Refused:
    """Close the case; a repeated request gets its first answer, whatever is found now."""
    command = await _looked_up(body, order.trial)
    return await order.execute(REFERRAL, order.subject, command)


async def would_close(body: CloseCase, trial: Trial) -> Refused | None:
    """What stands in the way."""
    decided = await trial.run(REFERRAL, trial.subject, await _looked_up(body, trial))
    return decided if isinstance(decided, Refused) else None


async def _looked_up(body: CloseCase, trial: Trial) -> CloseLookedUp:
    """What there is stays, which is why it may be read before the end is decided."""
    found = await _found(body, trial)
    return CloseLookedUp(**body.model_dump(), duplicate_found=found)


async def _found(body: CloseCase, trial: Trial) -> bool:
    """Whether another case is named that there is, and that the caller may see."""
    if body.duplicate_of in (None, trial.subject):
        return False
    other = await trial.state(REFERRAL, body.duplicate_of)
    there = other.standing is not Standing.UNKNOWN
    return there and trial.commands.sees(REFERRAL, other, trial.actor)
