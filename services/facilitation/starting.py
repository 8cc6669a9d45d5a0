"""An activity begins by a clearance: tried here, cleared by consent, heard of, and only then begun.

Whatever consent recorded before the clearance is noted in the case by the time that the clearance
is, so a withdrawal that was acknowledged before it always stops the beginning, and one that comes
later ends what began. Refused, unreachable or late means that nothing began, and a retry asks anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from contracts.envelope import Position
from contracts.facilitation.ids import MessageId
from contracts.terms import ClearanceId
from kernel.commands import Accepted, Changed, NotKnown
from kernel.decider import Command, Refused
from kernel.http import Order, Problem
from kernel.http.problems import Kind
from kernel.http.trial import Trial
from kernel.peers.port import NotAllowed, PeerUnavailable
from kernel.project.after import NotYet, Parked
from kernel.store.port import StoreUnavailable
from services.facilitation.clearances import Activity, Clearance, clear
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.case.start.commands import (
    DeliverCleared,
    DeliverLetter,
    RelayCleared,
    RelayMessage,
    StartCleared,
    StartCommand,
    StartMeeting,
)
from services.facilitation.domain.case.start.decide import Beginning, beginning
from services.facilitation.domain.case.start.rules import CLEARED
from services.facilitation.reserving import answered

# A clearance is usable for two minutes; the rest is for a write that is under way when time is up.
WITHIN_SECONDS = 100
AGAIN = "Send it again, under the same Idempotency-Key."
ASK_THE_HUB = "Sending it again will not help: ask the hub to look into it."
NO_CLEARANCE = ClearanceId(UUID(int=0))
NO_REQUEST = UUID(int=0)


class NotStarted(Problem):
    """Nothing began, and why; sending it again may help only where something was unavailable."""

    def __init__(self, why: str, kind: Kind = Kind.UNAVAILABLE) -> None:
        passes = kind is Kind.UNAVAILABLE
        super().__init__(
            kind,
            f"Nothing has begun: {why}. {AGAIN if passes else ASK_THE_HUB}",
            headers={"Retry-After": "2"} if passes else None,
        )


Begin = Callable[[ClearanceId], StartCommand]
"""What is recorded, once there is a clearance."""


async def start_meeting(body: StartMeeting, order: Order) -> Accepted | Refused:
    """Begin a meeting with those who are there."""
    return await answered(order, body) or await _begun(order, _meeting(body))


async def deliver_letter(body: DeliverLetter, order: Order) -> Accepted | Refused:
    """Hand a letter over."""
    return await answered(order, body) or await _begun(order, _letter(body))


async def relay_message(body: RelayMessage, order: Order) -> Accepted | Refused:
    """Carry word over."""
    message = _message(body, order.request.command_id)
    return await answered(order, body) or await _begun(order, message)


async def would_start_meeting(body: StartMeeting, trial: Trial) -> Refused | None:
    """What stands in the way here; consent is asked only when it is about to begin."""
    return await _tried(trial, _meeting(body))


async def would_deliver_letter(body: DeliverLetter, trial: Trial) -> Refused | None:
    """What stands in the way here; consent is asked only when it is about to be handed over."""
    return await _tried(trial, _letter(body))


async def would_relay_message(body: RelayMessage, trial: Trial) -> Refused | None:
    """What stands in the way here; consent is asked only when it is about to be carried over."""
    return await _tried(trial, _message(body, NO_REQUEST))


def _meeting(body: StartMeeting) -> Begin:
    return lambda clearance: StartCleared(**_said(body), cleared_by=clearance)


def _letter(body: DeliverLetter) -> Begin:
    return lambda clearance: DeliverCleared(**_said(body), cleared_by=clearance)


def _message(body: RelayMessage, request: UUID) -> Begin:
    message_id = MessageId(uuid5(request, "message"))
    return lambda clearance: RelayCleared(
        **_said(body), message_id=message_id, cleared_by=clearance
    )


def _said(body: Command) -> dict[str, Any]:
    return {name: getattr(body, name) for name in type(body).model_fields}


async def _tried(trial: Trial, begin: Begin) -> Refused | None:
    """Everything but that there is no clearance yet."""
    decided = await trial.run(CASE, trial.subject, begin(NO_CLEARANCE))
    unmet = decided.unmet if isinstance(decided, Refused) else ()
    others = tuple(one for one in unmet if one.rule != CLEARED.id)
    return Refused(others) if others else None


async def _begun(order: Order, begin: Begin) -> Accepted | Refused:
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            return await _tried(order.trial, begin) or await _cleared_and_begun(order, begin)
    except PeerUnavailable:
        raise NotStarted("consent could not be asked, or gave no answer in time") from None
    except (NotYet, Parked):
        raise NotStarted("what consent answered has not arrived here in time") from None
    except TimeoutError:
        raise StoreUnavailable("whether it has begun is not known") from None


async def _cleared_and_begun(order: Order, begin: Begin) -> Accepted | Refused:
    loaded = await order.commands.load(CASE, order.subject)
    if order.request.expected not in (None, loaded.version):
        raise Changed(loaded.version)
    here = Position(CASE.stream(order.subject), loaded.version)
    clearance = await _clear(order, beginning(begin(NO_CLEARANCE), loaded.state), here)
    if isinstance(clearance, Refused):
        return clearance
    await order.heard(clearance.position)
    request = replace(order.request, causes=(clearance.position,), expected=None)
    command = begin(clearance.cleared.clearance_id)
    return await replace(order, request=request).execute(CASE, order.subject, command)


async def _clear(order: Order, what: Beginning, here: Position) -> Clearance | Refused:
    activity = Activity(activity_id=what.activity_id, method=what.method, attendees=what.attendees)
    try:
        return await clear(order, activity, here)
    except NotKnown:
        why = "consent does not know the case, or not for your organisation"
        raise NotStarted(why, Kind.NOT_FOUND) from None
    except NotAllowed:
        why = "consent lets nobody of your role begin an activity"
        raise NotStarted(why, Kind.NOT_ALLOWED) from None
