"""The rules of a case's team."""

from __future__ import annotations

from kernel.decider import Rule

ONE_LEAD = Rule(
    "FAC-06",
    "A case has one lead at a time.",
    "Facilitation model: lead and co-facilitator",
)
LEVEL_TO_LEAD = Rule(
    "FAC-07",
    "Whoever leads a case has the level that it asks for, and is of intermediate level at least.",
    "Restorative Justice Council",
)
NOT_THE_INVESTIGATOR = Rule(
    "FAC-08",
    "The officer in charge of the investigation does not lead the case.",
    "Design default; Restorative Justice Council: impartial",
)
ASSIGNED_ONCE = Rule(
    "FAC-09",
    "A facilitator has one part in a case.",
    "Facilitation model: lead and co-facilitator",
)
RESERVATION_STANDS = Rule(
    "FAC-10",
    "A facilitator comes to a case, or to a meeting, by a reservation that stands.",
    "Design default: what is scarce is decided first",
)
IS_ASSIGNED = Rule(
    "FAC-11",
    "Only somebody who is assigned is taken off a case.",
    "Design default",
)
NOT_AMID_A_MEETING = Rule(
    "FAC-12",
    "Nobody is taken off a case while its people are meeting.",
    "Hub service statement: guide and support",
)
LOSS_OF_A_FACILITATOR = Rule(
    "FAC-13",
    "Whoever may not work on a case any longer is taken off it in the same commit, and if nobody "
    "leads it then, a meeting that is running stops.",
    "Cross-service policy 4: hold meetings, reassign",
)

RULES = (
    ONE_LEAD,
    LEVEL_TO_LEAD,
    NOT_THE_INVESTIGATOR,
    ASSIGNED_ONCE,
    RESERVATION_STANDS,
    IS_ASSIGNED,
    NOT_AMID_A_MEETING,
    LOSS_OF_A_FACILITATOR,
)
