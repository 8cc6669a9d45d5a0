"""The rules of corrections."""

from __future__ import annotations

from kernel.decider import Rule

MISTAKES_ONLY = Rule(
    "FAC-80",
    "What was prepared, assessed, approved, reviewed or seen to is corrected, once; what people "
    "consented to, or what took place between them, never is.",
    "Hub commands: a consent or an activity that took place is never a mistake",
)
OWN_MISTAKE = Rule(
    "FAC-81",
    "An entry is corrected by who made it, or by a supervisor.",
    "Hub commands",
)

RULES = (MISTAKES_ONLY, OWN_MISTAKE)
