"""The rules of a case on its way: contacts, holds, deadlines, its end, corrections."""

from __future__ import annotations

from kernel.decider import Rule

TAKES_UP_CLOSED = Rule(
    "REF-22",
    "A referral takes up again only a case that is over, and that whoever refers may see.",
    "Hub lifecycle: a reopened matter is a new referral linked to the old one",
)
OBJECTION = Rule(
    "REF-23",
    "Whoever objects to being contacted is left alone, until they come to the hub themselves.",
    "Hub service statement: voluntary; Data Protection Act 2018",
)
HELD_AND_RESUMED = Rule(
    "REF-24",
    "A case is put on hold while it goes on, and is resumed while it is on hold.",
    "Hub lifecycle: on hold from any open state",
)
HOLD_IS_REVIEWED = Rule(
    "REF-25",
    "A hold names the day, ahead and within six months, on which it is looked at again.",
    "Sentencing Act 2020, s7: six months at most; design default elsewhere",
)
HELD_STANDS_STILL = Rule(
    "REF-26",
    "A case that is on hold is not accepted.",
    "Hub lifecycle",
)
VICTIM_TOLD = Rule(
    "REF-27",
    "Before a case is closed everybody harmed is told so, unless they cannot be reached or object "
    "to being contacted.",
    "Victims' Code 2020; hub service statement: we tell you what happens next",
)
TRIED_IN_VAIN = Rule(
    "REF-28",
    "A case ends for want of contact only where somebody was tried three times in vain over ten "
    "working days.",
    "Hub timers, design default",
)
NO_REASON_FOR_A_NO = Rule(
    "REF-29",
    "Where somebody says no or withdraws, no reason for it is kept.",
    "Hub service statement: voluntary, no reason needed",
)
OTHER_IS_EXPLAINED = Rule(
    "REF-33",
    "A case that ends in a way of its own is closed with a reason.",
    "Design default",
)
DUPLICATE_IS_NAMED = Rule(
    "REF-34",
    "A case is closed as a duplicate of another case, which is named; no other end names one.",
    "Design default",
)
DISPOSALS_ONLY = Rule(
    "REF-35",
    "A disposal is decided again only where the matter is a caution or a community resolution.",
    "Hub settings: police caution, community resolution",
)
STILL_DUE = Rule(
    "REF-36",
    "A deadline has passed only while what was due has not happened.",
    "Hub timers",
)
MISTAKES_ONLY = Rule(
    "REF-37",
    "Only a contact, or a victim's request before the case is accepted, is corrected, and once; "
    "what was decided is decided anew.",
    "Hub commands: a consent or an activity that took place is never a mistake",
)
OWN_MISTAKE = Rule(
    "REF-38",
    "An entry is corrected by who made it, or by a supervisor.",
    "Hub commands",
)
NOTHING_OPEN = Rule(
    "REF-39",
    "A case is not closed while a meeting is to come or under way, something that was agreed has "
    "not been looked at, or a concern for safety is not settled.",
    "Hub commands: CaseClosed; Restorative Justice Council",
)
COMPLETED = Rule(
    "REF-40",
    "A case is completed only once people have met or exchanged, and with an agreement only where "
    "one was reached.",
    "Hub glossary: restorative justice activity",
)
DUPLICATE_OF_A_CASE = Rule(
    "REF-41",
    "A case is closed as a duplicate only of another case that there is, and that whoever closes "
    "it may see.",
    "Design default",
)

RULES = (
    TAKES_UP_CLOSED,
    OBJECTION,
    HELD_AND_RESUMED,
    HOLD_IS_REVIEWED,
    HELD_STANDS_STILL,
    VICTIM_TOLD,
    TRIED_IN_VAIN,
    NO_REASON_FOR_A_NO,
    OTHER_IS_EXPLAINED,
    DUPLICATE_IS_NAMED,
    DISPOSALS_ONLY,
    STILL_DUE,
    MISTAKES_ONLY,
    OWN_MISTAKE,
    NOTHING_OPEN,
    COMPLETED,
    DUPLICATE_OF_A_CASE,
)
