"""How people fare afterwards, and what becomes of concerns."""

from __future__ import annotations

from typing import assert_never

from contracts.facilitation.aftercare import (
    FollowUpHeld,
    SafetyConcernRaised,
    SafetyConcernResolved,
    Severity,
)
from contracts.facilitation.ids import ConcernId
from contracts.fields import Role
from kernel.decider import Decision, Unmet, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.agreement.checks import after_an_activity
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.safety import rules
from services.facilitation.domain.case.safety.commands import (
    RaiseSafetyConcern,
    RecordFollowUp,
    ResolveSafetyConcern,
    SafetyCommand,
)
from services.facilitation.domain.case.state import Case


def decide_safety(command: SafetyCommand, case: Case, at: At) -> Decision:
    """One small function per command."""
    match command:
        case RecordFollowUp():
            return _follow_up(command, case, at)
        case RaiseSafetyConcern():
            return [_raised(command, at)]
        case ResolveSafetyConcern():
            return _resolve(command, case, at)
        case _:
            assert_never(command)


def _follow_up(command: RecordFollowUp, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.assigned_or(case, at, Role.COORDINATOR),
        gate.in_the_case(case, command.participant_id),
        after_an_activity(case),
    )
    return refused or [
        FollowUpHeld(
            participant_id=command.participant_id,
            wave=command.wave,
            wellbeing=command.wellbeing,
        )
    ]


def _raised(command: RaiseSafetyConcern, at: At) -> SafetyConcernRaised:
    return SafetyConcernRaised(
        concern_id=ConcernId(at.new_id("concern")),
        severity=command.severity,
        kind=command.kind,
        onward_duty=command.onward_duty,
        raised_by=at.actor.id,
        activity_id=command.activity_id,
    )


def _resolve(command: ResolveSafetyConcern, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.assigned_or(case, at, Role.SUPERVISOR, Role.COORDINATOR),
        _open(command, case),
        _by_another(command, case, at),
    )
    return refused or [
        SafetyConcernResolved(concern_id=command.concern_id, outcome=command.outcome)
    ]


def _open(command: ResolveSafetyConcern, case: Case) -> Unmet | None:
    if command.concern_id in case.concerns:
        return None
    return rules.OPEN_CONCERN.unmet("the id of a concern that is open")


def _by_another(command: ResolveSafetyConcern, case: Case, at: At) -> Unmet | None:
    concern = case.concerns.get(command.concern_id)
    if concern is None or concern.severity is Severity.LOW or concern.raised_by != at.actor.id:
        return None
    return rules.SETTLED_BY_ANOTHER.unmet("have somebody else settle it")
