"""The rules of meetings."""

from __future__ import annotations

from kernel.decider import Rule

MEETS_DIRECTLY = Rule(
    "FAC-40",
    "A meeting is a direct method: face to face, in a conference, or by video.",
    "Hub glossary: direct and indirect",
)
ENDS_AFTER_ITS_START = Rule(
    "FAC-41",
    "A meeting ends after it starts.",
    "Design default",
)
NOTICE = Rule(
    "FAC-42",
    "Everybody has at least 48 hours' notice of a meeting.",
    "Hub timers: meeting notice, design default",
)
VENUE_APPROVED = Rule(
    "FAC-43",
    "People meet at a place that is approved for this case, when the date is set and when they "
    "begin.",
    "Hub service statement: safe environment; facilitation model: venue safe",
)
ONE_MEETING_AT_A_TIME = Rule(
    "FAC-44",
    "The people of a case are at one meeting at a time.",
    "Facilitation model: no double booking",
)
TIME_RESERVED = Rule(
    "FAC-45",
    "The time of whoever leads is reserved for the meeting, and a co-facilitator's where one is "
    "needed.",
    "Facilitation model: no double booking",
)
STILL_TO_COME = Rule(
    "FAC-46",
    "Only a meeting that is still to come is moved, cancelled, begun, or found not held.",
    "Hub lifecycle",
)
HAS_BEGUN = Rule(
    "FAC-47",
    "Only a meeting that has begun, and not ended, was held or is stopped.",
    "Hub lifecycle",
)
ATTENDED = Rule(
    "FAC-48",
    "Only those who were there when it began stayed to the end.",
    "Design default: whoever attends is named in the clearance",
)
KNOWN_MEETING = Rule(
    "FAC-49",
    "What is recorded of a meeting is of one of this case.",
    "Design default",
)

RULES = (
    MEETS_DIRECTLY,
    ENDS_AFTER_ITS_START,
    NOTICE,
    VENUE_APPROVED,
    ONE_MEETING_AT_A_TIME,
    TIME_RESERVED,
    STILL_TO_COME,
    HAS_BEGUN,
    ATTENDED,
    KNOWN_MEETING,
)
