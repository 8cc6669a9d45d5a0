"""What is recorded of the risk; an escalation is always taken."""

from __future__ import annotations

from typing import assert_never

from contracts.facilitation.ids import FacilitatorId
from contracts.facilitation.preparation import (
    ApproverLevel,
    RiskAssessed,
    RiskEscalated,
    RiskLevel,
)
from contracts.fields import Role
from kernel.decider import Decision, Unmet, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.risk import rules
from services.facilitation.domain.case.risk.commands import AssessRisk, EscalateRisk, RiskCommand
from services.facilitation.domain.case.state import Case

SUPERVISOR_RECORDS = "have a case supervisor record it, naming who assessed it in `assessed_by`"


def decide_risk(command: RiskCommand, case: Case, at: At) -> Decision:
    """One small function per command."""
    match command:
        case AssessRisk():
            return _assess(command, case, at)
        case EscalateRisk():
            return [RiskEscalated(reason=command.reason, risk_version=current(case))]
        case _:
            assert_never(command)


def current(case: Case) -> int:
    """The number of the assessment that counts now; 0 where there is none."""
    version, number = max(
        ((version, one.risk_version) for version, one in case.entered(RiskAssessed)),
        default=(0, 0),
    )
    return number if version > case.escalated_at else 0


def _assess(command: AssessRisk, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        _by_the_team(command, case, at),
        _high_approved(command, at),
        _approved_after_escalation(case, at),
    )
    return refused or [
        RiskAssessed(
            risk_version=case.assessments + 1,
            level=command.level,
            mitigations=tuple(dict.fromkeys(command.mitigations)),
            bars=tuple(dict.fromkeys(command.bars)),
            valid_until=at.now + at.practice.risk_validity,
            assessed_by=_author(command, at),
            approver_level=_approver(at),
        )
    ]


def _author(command: AssessRisk, at: At) -> FacilitatorId:
    return command.assessed_by or FacilitatorId(at.actor.id)


def _approver(at: At) -> ApproverLevel:
    supervised = at.actor.role is Role.SUPERVISOR
    return ApproverLevel.SUPERVISOR if supervised else ApproverLevel.FACILITATOR


def _by_the_team(command: AssessRisk, case: Case, at: At) -> Unmet | None:
    recorded = gate.assigned_or(case, at, Role.SUPERVISOR)
    if recorded is None and case.assignment(_author(command, at)):
        return None
    return rules.ASSESSED_BY_THE_TEAM.unmet("an assessment by a facilitator who is assigned")


def _high_approved(command: AssessRisk, at: At) -> Unmet | None:
    if command.level is not RiskLevel.HIGH or at.actor.role is Role.SUPERVISOR:
        return None
    return rules.HIGH_IS_APPROVED.unmet(SUPERVISOR_RECORDS)


def _approved_after_escalation(case: Case, at: At) -> Unmet | None:
    """Until one was approved: what a facilitator finds alone does not lift an escalation."""
    since = (one for version, one in case.entered(RiskAssessed) if version > case.escalated_at)
    if case.escalated_at == 0 or any(since) or at.actor.role is Role.SUPERVISOR:
        return None
    return rules.APPROVED_AFTER_ESCALATION.unmet(SUPERVISOR_RECORDS)
