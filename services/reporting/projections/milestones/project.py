"""When a case took each step: one document per case, each step with the events that take it."""

from __future__ import annotations

from contracts.common import EntryCorrected
from contracts.envelope import Recorded
from contracts.referral import ReferralRequested
from contracts.referral_course import CaseClosed, ParticipantContacted
from kernel.project.port import Body, Projection
from services.reporting.projections.milestones.steps import step_of
from services.reporting.projections.parties import stamp


def fold(body: Body, one: Recorded) -> Body:
    """A step keeps every event that takes it, in order of time, whenever they come."""
    after = {**body, **_said(body, one)}
    step = step_of(one.event)
    if step is None:
        return after
    steps = body.get("steps", {})
    marks = sorted([*steps.get(step.value, ()), _mark(one)], key=_time)
    return {**after, "steps": {**steps, step.value: marks}}


def _said(body: Body, one: Recorded) -> Body:
    match one.event:
        case ReferralRequested() as event:
            return {"setting": event.setting.value}
        case EntryCorrected() as event:
            return {"corrected": sorted({*body.get("corrected", ()), event.entry})}
        case _:
            return {}


def _mark(one: Recorded) -> Body:
    envelope, at, code = one.envelope, one.envelope.happened_at, None
    match one.event:
        case ParticipantContacted() as event:
            at = event.contacted_at
        case CaseClosed() as event:
            code = event.outcome.value
    return {
        "at": stamp(at),
        "stream": envelope.stream,
        "version": envelope.version,
        "event": envelope.id,
        "code": code,
    }


def _time(mark: Body) -> tuple[str, str, int]:
    return mark["at"], mark["stream"], mark["version"]


MILESTONES = Projection(name="milestones", fold=fold, indexes=(("setting",),))
