"""The rules of consent, each with its id, its words and where it comes from."""

from __future__ import annotations

from kernel.decider import Rule, Waiting
from services.consent.domain.ledger import clearance_rules, review_rules

IN_THE_CASE = Rule(
    "CON-01",
    "What is recorded of information, capacity and consent is of somebody in the case.",
    "Hub glossary: a referral is one incident or dispute with its participants",
)
TOLD_EVERYTHING = Rule(
    "CON-02",
    "Whoever is informed is told every item, not some of them.",
    "EU Directive 2012/29, art 12; Restorative Justice Council",
)
PUBLISHED_INFORMATION = Rule(
    "CON-03",
    "Information is given from an edition that the hub has published.",
    "Design default",
)
INFORMED_FIRST = Rule(
    "CON-04",
    "Nobody says yes before they were informed; a yes names the edition they were informed by.",
    "EU Directive 2012/29, art 12; Restorative Justice Council",
)
CURRENT_INFORMATION = Rule(
    "CON-05",
    "A yes rests on the current edition of the information, not on an old one.",
    "Scottish Government guidance 2017: consent is kept under review",
)
CHILD_WITH_REPRESENTATIVE = Rule(
    "CON-06",
    "A child under 16, or somebody whose age is not known, says yes together with a representative "
    "who says yes to the same.",
    "Consent model: under 16, child assent and representative",
)
OWN_WORD = Rule(
    "CON-07",
    "Only the participant says yes; beside a child under 16, the appointed representative too.",
    "Restorative Justice Council; consent model: from 16 on, own consent",
)
PARENT_INVOLVEMENT = Rule(
    "CON-08",
    "At 16 and 17 it is recorded how a parent or carer is involved.",
    "Consent model, design default",
)
NOBODY_FOR_THEM = Rule(
    "CON-09",
    "Where somebody cannot decide for themselves, nobody consents for them.",
    "Consent model: lacking capacity",
)
NO_SENTENCE_REDUCTION = Rule(
    "CON-10",
    "An offender's yes counts only where it is acknowledged that taking part reduces no sentence.",
    "Hub service statement: no sentence reduction",
)
SAYS_TO_WHAT = Rule(
    "CON-11",
    "A yes says to which methods and for which purposes; there is no general one.",
    "Scottish Government guidance 2017: opt-in and granular",
)
LIMITED_IN_TIME = Rule(
    "CON-12",
    "A yes has an end: 90 days after it was given at the latest.",
    "Scottish Government guidance 2017: kept under review; the 90 days are a design default",
)
REPRESENTATIVE_OF_ONE_SIDE = Rule(
    "CON-13",
    "A representative is in the case as such, and stands on one side only.",
    "Restorative Justice Council; consent model",
)
REPRESENTATIVE_APPOINTED = Rule(
    "CON-14",
    "Only somebody who was appointed stops being a representative.",
    "Consent model",
)
NO_IS_ALWAYS_TAKEN = Rule(
    "CON-15",
    "A no is always accepted and recorded; nobody has to give a reason.",
    "Hub service statement: voluntary",
)
WITHDRAWAL_IS_ALWAYS_TAKEN = Rule(
    "CON-16",
    "A withdrawal is always accepted and recorded: without a consent, again, and from anyone.",
    "EU Directive 2012/29, art 12; Restorative Justice Council",
)
QUORUM = Rule(
    "CON-17",
    "A method is agreed when every victim, offender and party says yes to it, from two sides at "
    "least; when one of these falls away it is agreed no longer, in the same commit.",
    "Hub service statement: both must agree",
)
NO_YES_WITHOUT_END = Rule(
    "CON-18",
    "A yes past its end is none.",
    "Scottish Government guidance 2017: consent is kept under review",
)
EITHER_NO_IS_ENOUGH = Rule(
    "CON-19",
    "The no of a child also ends what a representative said yes to; the no of a representative "
    "ends what they said yes to, without which the child's own yes has no effect.",
    "Consent model: under 16, child assent and representative",
)

AFTER_THE_LAST_NO = Rule(
    "CON-24",
    "A no, or that somebody cannot decide, is undone only by a yes that was said after it; one of "
    "before counts for nothing, even where it is recorded later.",
    "EU Directive 2012/29, art 12; Restorative Justice Council",
)
ASSIGNED = Rule(
    "CON-30",
    "A facilitator records consent only in a case that they are assigned to.",
    "Restorative Justice Council",
)
NO_YES_ENDS_UNSAID = Rule(
    "CON-25",
    "Where a yes ends without a no, because somebody cannot decide, is represented no longer, "
    "leaves, was never informed, or says yes to less, it is said whose and to what.",
    "Hub guarantee: no activity without live consent",
)

RULES = (
    IN_THE_CASE,
    TOLD_EVERYTHING,
    PUBLISHED_INFORMATION,
    INFORMED_FIRST,
    CURRENT_INFORMATION,
    CHILD_WITH_REPRESENTATIVE,
    OWN_WORD,
    PARENT_INVOLVEMENT,
    NOBODY_FOR_THEM,
    NO_SENTENCE_REDUCTION,
    SAYS_TO_WHAT,
    LIMITED_IN_TIME,
    REPRESENTATIVE_OF_ONE_SIDE,
    REPRESENTATIVE_APPOINTED,
    NO_IS_ALWAYS_TAKEN,
    WITHDRAWAL_IS_ALWAYS_TAKEN,
    QUORUM,
    NO_YES_WITHOUT_END,
    EITHER_NO_IS_ENOUGH,
    AFTER_THE_LAST_NO,
    ASSIGNED,
    NO_YES_ENDS_UNSAID,
    *clearance_rules.RULES,
    *review_rules.RULES,
)

WAITING = (
    Waiting(
        Rule(
            "CON-31",
            "For an adult who cannot decide for themselves a supervisor may choose an indirect way "
            "with a representative.",
            "Consent model: lacking capacity",
        ),
        fact="the supervisor's decision, which facilitation records",
        meanwhile="no consent is taken for them at all, and no method reaches its quorum",
    ),
)
