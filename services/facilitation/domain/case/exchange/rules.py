"""The rules of letters, recordings and messages."""

from __future__ import annotations

from kernel.decider import Rule

IN_WRITING_OR_RECORDED = Rule(
    "FAC-50",
    "What is drafted is a letter or a recording.",
    "Hub glossary: direct and indirect",
)
BETWEEN_SIDES = Rule(
    "FAC-51",
    "A letter or a message goes from one main person of the case to one of another side.",
    "Hub service statement: letter; staff member themselves",
)
ON_ITS_WAY = Rule(
    "FAC-52",
    "Only a letter that is on its way is reviewed, delivered or refused.",
    "Hub lifecycle",
)
REVIEWED = Rule(
    "FAC-53",
    "A letter is delivered only after a facilitator has read and accepted it.",
    "Hub service statement: safe environment; Restorative Justice Council",
)

RULES = (IN_WRITING_OR_RECORDED, BETWEEN_SIDES, ON_ITS_WAY, REVIEWED)
