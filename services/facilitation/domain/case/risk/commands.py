"""What may be recorded of the risk."""

from __future__ import annotations

from pydantic import Field

from contracts.facilitation.ids import FacilitatorId
from contracts.facilitation.preparation import DirectBar, EscalationReason, Mitigation, RiskLevel
from kernel.decider import Command


class AssessRisk(Command):
    """Record what was found on looking at the risk for the stage that comes next."""

    level: RiskLevel
    mitigations: tuple[Mitigation, ...] = ()
    bars: tuple[DirectBar, ...] = Field((), description="what forbids that people meet")
    assessed_by: FacilitatorId | None = Field(
        None, description="the facilitator who assessed it, where a supervisor records it"
    )


class EscalateRisk(Command):
    """Say that the risk is greater than it was assessed."""

    reason: EscalationReason


RiskCommand = AssessRisk | EscalateRisk
