"""The rules of preparing people."""

from __future__ import annotations

from kernel.decider import Rule

PREPARED_ALONE = Rule(
    "FAC-14",
    "Everybody is prepared alone: nobody of another side, and no other main person, is there.",
    "Hub service statement: speaks to everyone individually; Restorative Justice Council",
)
RESPONSIBILITY_IS_OF = Rule(
    "FAC-15",
    "Responsibility is recorded of an offender; of a party, that they acknowledge the dispute.",
    "ACPO 2011 standards; hub settings: anti-social behaviour between neighbours",
)

RULES = (PREPARED_ALONE, RESPONSIBILITY_IS_OF)
