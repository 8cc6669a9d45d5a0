"""What may be recorded of how people fare, and of concerns for anybody's safety."""

from __future__ import annotations

from contracts.facilitation.aftercare import (
    ConcernKind,
    ConcernOutcome,
    FollowUpWave,
    OnwardDuty,
    Severity,
    Wellbeing,
)
from contracts.facilitation.ids import ConcernId
from contracts.fields import ParticipantId
from contracts.terms import ActivityId
from kernel.decider import Command


class RecordFollowUp(Command):
    """Record how somebody fares some time after an activity."""

    participant_id: ParticipantId
    wave: FollowUpWave
    wellbeing: Wellbeing


class RaiseSafetyConcern(Command):
    """Say that somebody may come to harm, or has; this is never refused."""

    severity: Severity
    kind: ConcernKind
    onward_duty: OnwardDuty = OnwardDuty.NONE
    activity_id: ActivityId | None = None


class ResolveSafetyConcern(Command):
    """Record how a concern was settled."""

    concern_id: ConcernId
    outcome: ConcernOutcome


SafetyCommand = RecordFollowUp | RaiseSafetyConcern | ResolveSafetyConcern
