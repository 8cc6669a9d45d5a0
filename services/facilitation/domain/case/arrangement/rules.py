"""The rules of method and place, and of being ready for an activity."""

from __future__ import annotations

from kernel.decider import Rule

CONSENTED = Rule(
    "FAC-20",
    "A method is used only while everybody who has to consents to it.",
    "Hub service statement: both must agree",
)
RESPONSIBILITY_TAKEN = Rule(
    "FAC-21",
    "Every offender takes responsibility, at least in part; in a dispute every party acknowledges "
    "it.",
    "ACPO 2011 standards; Anti-social Behaviour Act 2014, s102; hub settings",
)
NOTHING_BARS_MEETING = Rule(
    "FAC-22",
    "People do not meet while there is an ongoing risk, or an order or condition against it.",
    "Scottish Government guidance 2017; hub settings: post court",
)
RISK_ASSESSED = Rule(
    "FAC-23",
    "The risk is known: assessed within the last 28 days, and not escalated since.",
    "Scottish Government guidance 2017; the 28 days are a design default",
)
COURT_COMES_FIRST = Rule(
    "FAC-24",
    "From charge to sentence there is no activity, unless the court has deferred for it.",
    "Sentencing Act 2020, s7",
)
SETTING_CONFIRMS = Rule(
    "FAC-25",
    "What the setting asks for is confirmed: the officer in charge sees no prejudice; prison or "
    "probation and victim liaison are consulted; safeguarding lead and parents are engaged.",
    "Hub settings: criminal investigation, post court, school or college",
)
RESOLUTION_AUTHORISED = Rule(
    "FAC-26",
    "In a community resolution a case supervisor authorises the restorative work.",
    "Kent council notice: sergeant or above",
)
SAFE_VENUE = Rule(
    "FAC-27",
    "A place is neutral, with separate arrival, a way out at any moment and space for supporters.",
    "Hub service statement: safe environment; Restorative Justice Council",
)
METHOD_AGREED = Rule(
    "FAC-28",
    "The method of an activity is agreed, and was not lost since.",
    "Hub service statement: both must agree",
)
RISK_FOR_THE_STAGE = Rule(
    "FAC-29",
    "The risk is looked at again for each stage: after the method was agreed, before the activity.",
    "Scottish Government guidance 2017: dynamic risk re-checked at each stage",
)
LED = Rule(
    "FAC-30",
    "No activity without a facilitator who leads the case.",
    "Hub service statement: trained staff support",
)
EVERYBODY_PREPARED = Rule(
    "FAC-31",
    "Everybody who attends was prepared alone and found ready at last; twice in a complex case.",
    "Restorative Justice Council; twice is a design default",
)
TWO_FACILITATORS = Rule(
    "FAC-32",
    "A complex case, or more than four people, needs a co-facilitator; a complex one of "
    "intermediate level at least.",
    "Facilitation model, design default; the level: Restorative Justice Council",
)
NOBODY_LEFT_OUT = Rule(
    "FAC-33",
    "Those between whom a method is agreed attend, all of them.",
    "Hub service statement: both must agree",
)

RULES = (
    CONSENTED,
    RESPONSIBILITY_TAKEN,
    NOTHING_BARS_MEETING,
    RISK_ASSESSED,
    COURT_COMES_FIRST,
    SETTING_CONFIRMS,
    RESOLUTION_AUTHORISED,
    SAFE_VENUE,
    METHOD_AGREED,
    RISK_FOR_THE_STAGE,
    LED,
    EVERYBODY_PREPARED,
    TWO_FACILITATORS,
    NOBODY_LEFT_OUT,
)
