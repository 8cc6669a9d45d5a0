"""One open case per incident: its token is held first, then the referral is requested.

A crash between the two loses and blocks nothing: the same Idempotency-Key holds the token on and
completes the request, and a hold whose case never came lapses.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import stamina
from pydantic import Field

from contracts.fields import CaseId, Role
from kernel.commands import Accepted
from kernel.decider import Refused
from kernel.http import Order
from kernel.store.port import StoreUnavailable
from services.referral.domain.referral.commands import ReferralDetails, RequestReferral
from services.referral.domain.referral.decide import REFERRAL
from services.referral.domain.referral.state import CLOSED, ENDED, Referral, Standing
from services.referral.domain.token.commands import HoldToken, Vacancy
from services.referral.domain.token.decide import TOKEN
from services.referral.reference import KEY, IncidentReference, token_of

WITHIN_SECONDS = 60  # far less than a hold lasts, so that a late request cannot overtake a lapse

VACANT = {
    Standing.UNKNOWN: Vacancy.NEVER_REQUESTED,
    **dict.fromkeys(CLOSED, Vacancy.CLOSED),
}


class TokenBusy(StoreUnavailable):
    """Another request for the same incident is on its way, and its end decides this one's."""


class ReferralRequest(ReferralDetails):
    """Ask the hub to look at a matter; where its incident has an open case, it is linked there."""

    incident_reference: IncidentReference | None = Field(
        default=None,
        repr=False,
        description="crime or log number as the police write it; only a keyed hash of it is kept",
    )


async def request_referral(body: ReferralRequest, order: Order) -> Accepted | Refused:
    """Request the referral, or link it to the open case of the same incident."""
    command = await _taking_up(body, order)
    if body.incident_reference is None:
        return await order.execute(REFERRAL, order.subject, command)
    refused = await _would_refuse(command, order)
    # Looked at last: a first try that got no answer may be written at any time until now.
    if await _requested(order.subject, order):
        return await order.execute(REFERRAL, order.subject, command)
    return refused or await _held_first(command, body.incident_reference, order)


async def _taking_up(body: ReferralRequest, order: Order) -> RequestReferral:
    """A case that is over stays so, which is why it may be read before the request is decided."""
    command = RequestReferral(**body.model_dump(exclude={"incident_reference"}))
    if body.supersedes is None or not await _is_over(body.supersedes, order):
        return command
    return command.model_copy(update={"takes_up_closed": True})


async def _is_over(case: CaseId, order: Order) -> bool:
    referral = await _referral(case, order)
    return referral.standing in ENDED and order.commands.sees(REFERRAL, referral, order.actor)


async def _requested(case: UUID, order: Order) -> bool:
    return (await order.commands.load(REFERRAL, case)).version > 0


async def _would_refuse(command: RequestReferral, order: Order) -> Refused | None:
    decision = await order.commands.dry_run(REFERRAL, order.subject, command, order.actor)
    return decision if isinstance(decision, Refused) else None


async def _held_first(command: RequestReferral, reference: str, order: Order) -> Accepted | Refused:
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            holder = await _hold(token_of(reference, order.secrets[KEY]), order)
            linked = command.model_copy(update={"duplicate_of": holder})
            return await order.execute(REFERRAL, order.subject, linked)
    except TimeoutError:
        raise StoreUnavailable("the request took too long to hold its incident") from None


async def _hold(token: UUID, order: Order) -> CaseId | None:
    """Hold the token for this case; or the open case of its incident. Raises TokenBusy."""
    async for attempt in stamina.retry_context(TokenBusy, attempts=6, timeout=5, wait_initial=0.05):
        with attempt:
            return await _hold_once(token, order)
    raise TokenBusy


async def _hold_once(token: UUID, order: Order) -> CaseId | None:
    own, holder = CaseId(order.subject), (await order.commands.load(TOKEN, token)).state.case_id
    if holder in (None, own):
        await _bid(token, HoldToken(case_id=own), order)
        return None
    held = await _referral(holder, order)
    goes_on = await _goes_on_in(holder, held, order)
    if goes_on is None:
        vacancy = VACANT[held.standing]
        await _bid(token, HoldToken(case_id=own, instead_of=holder, vacancy=vacancy), order)
    return goes_on


async def _goes_on_in(holder: CaseId, held: Referral, order: Order) -> CaseId | None:
    """The open case of the incident: its holder, or the one that it was closed as a duplicate of.

    What a duplicate names was once not looked up: it may lead nowhere, and it may lead back.
    """
    case, referral, seen = holder, held, {holder}
    while referral.standing in VACANT:
        if referral.duplicate_of is None or referral.duplicate_of in seen:
            return None
        case = referral.duplicate_of
        referral = await _referral(case, order)
        seen.add(case)
    return case


async def _referral(case: CaseId, order: Order) -> Referral:
    return (await order.commands.load(REFERRAL, case)).state


async def _bid(token: UUID, bid: HoldToken, order: Order) -> None:
    """Each bid is a command of its own, so that a hold is renewed whenever it is tried again."""
    actor = replace(order.actor, role=Role.SYSTEM)
    request = replace(order.request, command_id=uuid4(), actor=actor, expected=None)
    answer = await order.commands.execute(TOKEN, token, bid, request)
    if isinstance(answer, Refused):
        raise TokenBusy
