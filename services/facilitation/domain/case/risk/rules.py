"""The rules of risk."""

from __future__ import annotations

from kernel.decider import Rule

ASSESSED_BY_THE_TEAM = Rule(
    "FAC-16",
    "The risk is assessed by a facilitator who is assigned to the case.",
    "Restorative Justice Council",
)
HIGH_IS_APPROVED = Rule(
    "FAC-17",
    "A high risk is taken only with the approval of a case supervisor.",
    "Hub actors: the case supervisor approves risk",
)
APPROVED_AFTER_ESCALATION = Rule(
    "FAC-18",
    "After an escalation the next assessment is approved by a case supervisor.",
    "Cross-service policy 4: hold meetings, reassign",
)

RULES = (ASSESSED_BY_THE_TEAM, HIGH_IS_APPROVED, APPROVED_AFTER_ESCALATION)
