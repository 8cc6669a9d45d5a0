"""The rules of beginning an activity."""

from __future__ import annotations

from kernel.decider import Rule

CLEARED = Rule(
    "FAC-34",
    "An activity begins by a clearance that consent has just given for it, and that began nothing "
    "else.",
    "Hub guarantee: no activity without live consent",
)
NO_SINCE = Rule(
    "FAC-35",
    "An activity does not begin once it is known that consent fell away after it was cleared.",
    "Cross-service policy 3",
)
NAMED = Rule(
    "FAC-36",
    "Whoever attends is named in the clearance.",
    "Hub guarantee: no activity without live consent",
)
LEAD_PRESENT = Rule(
    "FAC-37",
    "A meeting is begun by the lead of the case, whose time is reserved for it.",
    "Hub service statement: trained staff support",
)

RULES = (CLEARED, NO_SINCE, NAMED, LEAD_PRESENT)
