"""The rules of agreements."""

from __future__ import annotations

from kernel.decider import Rule

AFTER_AN_ACTIVITY = Rule(
    "FAC-60",
    "An outcome, or a follow-up, comes after people have met or exchanged.",
    "Hub glossary: restorative activity",
)
ALL_ASSENT = Rule(
    "FAC-61",
    "Nothing is agreed, or changed later, without the assent of every victim, offender and party.",
    "Scottish Government guidance 2017: voluntary and fair; UN ECOSOC 2002/12",
)
SOMETHING_TO_DO = Rule(
    "FAC-62",
    "An agreement names at least one thing to be done, by somebody in the case.",
    "Hub glossary: outcome agreement",
)
DUE_AHEAD = Rule(
    "FAC-63",
    "Whatever is to be done has a day ahead by which it is due.",
    "Scottish Government guidance 2017: achievable and monitored",
)
PROPORTIONATE = Rule(
    "FAC-64",
    "What is undertaken is proportionate to the harm.",
    "UN ECOSOC 2002/12; Scottish Government guidance 2017: fair",
)
ONE_AT_A_TIME = Rule(
    "FAC-65",
    "A case has one open agreement at a time; what changes in it is varied.",
    "Design default",
)
OPEN_ITEM = Rule(
    "FAC-66",
    "What is recorded of an item is of one in an open agreement of the case.",
    "Hub glossary: checkable items",
)
ITEMS_SEEN_TO = Rule(
    "FAC-67",
    "An agreement is closed when every item was completed or missed since it was last varied.",
    "Scottish Government guidance 2017: monitored, completion reported to the victim",
)

RULES = (
    AFTER_AN_ACTIVITY,
    ALL_ASSENT,
    SOMETHING_TO_DO,
    DUE_AHEAD,
    PROPORTIONATE,
    ONE_AT_A_TIME,
    OPEN_ITEM,
    ITEMS_SEEN_TO,
)
