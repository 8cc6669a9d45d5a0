"""What facilitation says of a case: a fold of one stream."""

from __future__ import annotations

from contracts.envelope import Recorded
from contracts.facilitation import FacilitationOpened
from contracts.facilitation.exchange import LetterDelivered, MessageRelayed
from contracts.facilitation.meeting import MeetingHeld, MeetingStarted, MeetingStopped
from contracts.facilitation.team import FacilitatorAssigned, FacilitatorUnassigned
from kernel.project.port import Body

INITIAL: Body = {"opened": False, "team": [], "running": [], "held": False}


def fold_facilitation(part: Body, one: Recorded) -> Body:
    """Facilitation's part of the document after an event of its stream."""
    part = part or INITIAL
    match one.event:
        case FacilitationOpened():
            return {**part, "opened": True}
        case FacilitatorAssigned() as event:
            return {**part, "team": sorted({*part["team"], str(event.facilitator_id)})}
        case FacilitatorUnassigned() as event:
            return {**part, "team": _without(part["team"], str(event.facilitator_id))}
        case MeetingStarted() as event:
            return {**part, "running": sorted({*part["running"], str(event.meeting_id)})}
        case MeetingStopped() as event:
            return {**part, "running": _without(part["running"], str(event.meeting_id))}
        case MeetingHeld() as event:
            running = _without(part["running"], str(event.meeting_id))
            return {**part, "running": running, "held": True}
        case LetterDelivered() | MessageRelayed():
            return {**part, "held": True}
        case _:
            return part


def _without(ids: list[str], gone: str) -> list[str]:
    return [one for one in ids if one != gone]
