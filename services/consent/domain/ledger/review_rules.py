"""The rules of a consent that stands: how it is confirmed, changed and ended; of sharing."""

from __future__ import annotations

from kernel.decider import Rule

STANDING_ONLY = Rule(
    "CON-40",
    "Only a yes that stands is confirmed or changed.",
    "Scottish Government guidance 2017: consent is kept under review",
)
CLOSED_ASKS_NOBODY = Rule(
    "CON-41",
    "In a case that is closed nobody is asked for a yes.",
    "Hub lifecycle",
)
ENDS_IN_ITS_TIME = Rule(
    "CON-42",
    "A yes ends by itself only once its time has come without its having been confirmed.",
    "Scottish Government guidance 2017: kept under review; the 90 days are a design default",
)
ONE_RECIPIENT = Rule(
    "CON-43",
    "Sharing is agreed to with one kind of recipient at a time and for what is named, never with "
    "everybody.",
    "Scottish Government guidance 2017: opt-in and granular",
)
MISTAKES_ONLY = Rule(
    "CON-44",
    "Only that somebody was informed is corrected, and once; a consent is never a mistake, it is "
    "withdrawn.",
    "Hub commands: a consent or an activity that took place is never a mistake",
)
OWN_MISTAKE = Rule(
    "CON-45",
    "An entry is corrected by who made it, or by a supervisor.",
    "Hub commands",
)

RULES = (
    STANDING_ONLY,
    CLOSED_ASKS_NOBODY,
    ENDS_IN_ITS_TIME,
    ONE_RECIPIENT,
    MISTAKES_ONLY,
    OWN_MISTAKE,
)
