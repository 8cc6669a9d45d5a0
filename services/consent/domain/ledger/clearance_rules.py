"""The rules of clearing an activity that is about to begin."""

from __future__ import annotations

from kernel.decider import Rule

AGREED_NOW = Rule(
    "CON-20",
    "An activity is cleared only while everybody who has to consents to its method.",
    "Hub service statement: both must agree",
)
ATTENDEES_CONSENT = Rule(
    "CON-21",
    "Everybody who attends is in the case and consents to the method at that moment.",
    "Scottish Government guidance 2017: opt-in; EU Directive 2012/29, art 12",
)
ASKED_LATELY = Rule(
    "CON-22",
    "Whoever attends said yes, or confirmed it, within the last 7 days.",
    "Hub timers: check before an activity, design default",
)
CASE_GOES_ON = Rule(
    "CON-23",
    "Nothing is cleared in a case that is closed or on hold.",
    "Hub lifecycle",
)

RULES = (AGREED_NOW, ATTENDEES_CONSENT, ASKED_LATELY, CASE_GOES_ON)
