"""Asking the consent service to clear an activity: the one thing asked of another service."""

from __future__ import annotations

from typing import NamedTuple
from uuid import uuid4

from pydantic import BaseModel

from contracts.consent_clearance import ActivityCleared
from contracts.envelope import Position
from contracts.fields import ParticipantId
from contracts.terms import ActivityId, Method
from kernel.decider import Refused
from kernel.http import Order
from kernel.peers.port import PeerUnavailable, Told


class Activity(BaseModel):
    """What is about to begin, as consent is asked about it."""

    activity_id: ActivityId
    method: Method
    attendees: tuple[ParticipantId, ...]


class Clearance(NamedTuple):
    """That consent cleared it, and where it says so."""

    cleared: ActivityCleared
    position: Position


async def clear(order: Order, activity: Activity, after: Position) -> Clearance | Refused:
    """Ask once, under an id of its own, once consent knows what is known here.

    Raises NotKnown and NotAllowed, and PeerUnavailable: it may have been cleared then, by a
    clearance that begins nothing, as the next attempt asks anew.
    """
    path = f"/cases/{order.subject}/clearances"
    told = await order.tell("consent", path, activity, key=uuid4(), after=(after,))
    return told if isinstance(told, Refused) else _read(told)


def _read(told: Told) -> Clearance:
    data = told.events.get(ActivityCleared.wire_type())
    if data is None:
        raise PeerUnavailable("consent answered with no clearance")
    return Clearance(ActivityCleared.model_validate(data), told.position)
