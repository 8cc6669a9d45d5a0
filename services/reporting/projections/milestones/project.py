"""When a case took each step: one document per case, each step with the events that take it.

What is `void` counts no longer: an entry that was corrected, and an activity of which it was learnt
too late that somebody had withdrawn before it.
"""

from __future__ import annotations

from uuid import UUID

from contracts.common import EntryCorrected
from contracts.envelope import Event, Recorded
from contracts.facilitation.aftercare import ConcernKind, SafetyConcernRaised
from contracts.facilitation.exchange import LetterDelivered, MessageRelayed
from contracts.facilitation.meeting import MeetingHeld
from contracts.referral import ReferralRequested
from contracts.referral_course import CaseClosed, ParticipantContacted
from kernel.project.port import Body, Projection
from services.reporting.projections.milestones.steps import step_of
from services.reporting.projections.parties import stamp


def fold(body: Body, one: Recorded) -> Body:
    """A step keeps every event that takes it, in order of time, whenever they come."""
    after = {**body, **_setting(one.event), **_void(body, one.event)}
    step = step_of(one.event)
    if step is None:
        return after
    steps = body.get("steps", {})
    marks = sorted([*steps.get(step.value, ()), _mark(one)], key=_time)
    return {**after, "steps": {**steps, step.value: marks}}


def _setting(event: Event) -> Body:
    return {"setting": event.setting.value} if isinstance(event, ReferralRequested) else {}


def _void(body: Body, event: Event) -> Body:
    named = _voided(event)
    return {"void": sorted({*body.get("void", ()), named})} if named else {}


def _voided(event: Event) -> UUID | None:
    match event:
        case EntryCorrected():
            return event.entry
        case SafetyConcernRaised(kind=ConcernKind.WITHDRAWAL_LEARNT_LATE):
            return event.activity_id
        case _:
            return None


def _mark(one: Recorded) -> Body:
    envelope = one.envelope
    mark: Body = {
        "at": stamp(envelope.happened_at),
        "stream": envelope.stream,
        "version": envelope.version,
        "event": envelope.id,
    }
    return mark | _besides(one.event)


def _besides(event: Event) -> Body:
    """What some events say of their step: when it was, how a case ended, which activity it is."""
    match event:
        case ParticipantContacted():
            return {"at": stamp(event.contacted_at)}
        case CaseClosed():
            return {"code": event.outcome.value}
        case MeetingHeld():
            return {"activity": event.meeting_id}
        case LetterDelivered():
            return {"activity": event.letter_id}
        case MessageRelayed():
            return {"activity": event.message_id}
        case _:
            return {}


def _time(mark: Body) -> tuple[str, str, int]:
    return mark["at"], mark["stream"], mark["version"]


MILESTONES = Projection(name="milestones", fold=fold, indexes=(("setting",),))
