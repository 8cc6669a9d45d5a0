"""The rules of the workforce, each with its id, its words and where it comes from."""

from __future__ import annotations

from kernel.decider import Rule, Waiting

REGISTERED_ONCE = Rule(
    "WRK-01",
    "A facilitator is registered once.",
    "Hub service statement: trained staff support",
)
HAS_HAPPENED = Rule(
    "WRK-02",
    "Training, development and supervision are recorded when they have happened.",
    "Design default",
)
TRAINED_LONG_ENOUGH = Rule(
    "WRK-03",
    "A training counts from 20 hours on.",
    "Restorative Justice Council",
)
READ_BEFOREHAND = Rule(
    "WRK-04",
    "A training of less than 24 hours counts only with reading done before it.",
    "Restorative Justice Council",
)
APPROVED_IS_PART = Rule(
    "WRK-05",
    "Approved hours of development are part of its hours.",
    "Restorative Justice Council",
)
WAS_SUSPENDED = Rule(
    "WRK-06",
    "Only somebody who is suspended is reinstated.",
    "Design default",
)
CLEARED_BY_OTHERS = Rule(
    "WRK-07",
    "Nobody clears a conflict of their own.",
    "Restorative Justice Council: impartial",
)
WAS_DECLARED = Rule(
    "WRK-08",
    "Only a conflict that stands is cleared.",
    "Design default",
)
NOT_SUSPENDED = Rule(
    "WRK-09",
    "Whoever is suspended works on no case.",
    "Hub service statement: trained staff support",
)
TRAINED = Rule(
    "WRK-10",
    "Whoever works on a case is trained for it.",
    "Hub service statement: trained staff support; Restorative Justice Council",
)
SUPERVISED = Rule(
    "WRK-11",
    "Whoever works on a case was supervised within the last 84 days.",
    "Restorative Justice Council: every 12 weeks",
)
OBSERVED = Rule(
    "WRK-12",
    "Whoever works on a case was observed at work within the last year.",
    "Restorative Justice Council: one a year",
)
DEVELOPED = Rule(
    "WRK-13",
    "From a year after the first training on, whoever works on a case has done the hours of "
    "development of their level in the last year, half of them approved: foundation 6, "
    "intermediate 12, advanced 16.",
    "Restorative Justice Council",
)
IMPARTIAL = Rule(
    "WRK-14",
    "Whoever works on a case has no tie to it.",
    "Hub service statement: impartial throughout; Restorative Justice Council",
)
ONE_PLACE_AT_A_TIME = Rule(
    "WRK-15",
    "A facilitator is at one meeting at a time.",
    "Facilitation model: no double booking",
)

RULES = (
    REGISTERED_ONCE,
    HAS_HAPPENED,
    TRAINED_LONG_ENOUGH,
    READ_BEFOREHAND,
    APPROVED_IS_PART,
    WAS_SUSPENDED,
    CLEARED_BY_OTHERS,
    WAS_DECLARED,
    NOT_SUSPENDED,
    TRAINED,
    SUPERVISED,
    OBSERVED,
    DEVELOPED,
    IMPARTIAL,
    ONE_PLACE_AT_A_TIME,
)

WAITING: tuple[Waiting, ...] = ()
