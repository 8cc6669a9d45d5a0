"""The rules of a referral, each with its id, its words and where it comes from."""

from __future__ import annotations

from kernel.decider import Rule, Waiting
from services.referral.domain.referral import course_rules

SOMEBODY_HARMED = Rule(
    "REF-01",
    "A referral names at least one victim, or one party to a dispute.",
    "Hub service statement: a voice for people affected by crime or anti-social behaviour",
)
ONE_CASE_PER_INCIDENT = Rule(
    "REF-02",
    "An incident has one open case; another request is linked to it, also where an earlier case "
    "was closed as its duplicate.",
    "Design default",
)
REQUESTED_ONCE = Rule(
    "REF-03",
    "A case is requested once; to take a closed matter up again, request a new one.",
    "Hub lifecycle: a reopened matter is a new referral linked to the old one",
)
CLOSED_STAYS_CLOSED = Rule(
    "REF-04",
    "Nothing changes in a case that was declined, closed or linked to another.",
    "Hub lifecycle",
)
LAST_VICTIM_STAYS = Rule(
    "REF-05",
    "The last victim, or last party, stays in the case.",
    "Hub service statement: a voice for people affected by crime or anti-social behaviour",
)
IN_THE_CASE = Rule(
    "REF-06",
    "What is said of a participant is said of somebody in the case.",
    "Hub glossary: a referral is one incident or dispute with its participants",
)
VICTIM_ASKS = Rule(
    "REF-07",
    "Only a victim, or a party to a dispute, can ask for restorative justice as a victim.",
    "Hub service statement: if the victim requests",
)
A_PERSON_DECIDES = Rule(
    "REF-08",
    "A person, never the system, screens, accepts and declines.",
    "Hub service statement: trained staff look at each case",
)
SCREENER_TRAINED = Rule(
    "REF-09",
    "Whoever screens a case is trained for it.",
    "Hub service statement: trained staff look at each case",
)
SCREENER_IMPARTIAL = Rule(
    "REF-10",
    "Whoever screens a case has no stake in it and did not ask for it.",
    "Hub service statement: impartial throughout; Restorative Justice Council",
)
ABUSE_SCREEN = Rule(
    "REF-11",
    "A family matter is screened for abuse and coercive control before it is found suitable.",
    "Hub settings: family",
)
BEST_INTERESTS = Rule(
    "REF-12",
    "Where an offender is or may be under 18, taking part is in that child's best interests.",
    "Victims' Code 2020, 3.4; hub settings: under-18 offender",
)
ADVANCED_LEADS_COMPLEX = Rule(
    "REF-13",
    "A sensitive matter is treated as complex and led by an advanced facilitator.",
    "Restorative Justice Council",
)
NEVER_OFFENCE_ALONE = Rule(
    "REF-14",
    "Whoever turns a matter away says why, and never by the type of offence alone.",
    "Hub service statement: any matter, criminal or not",
)
SCREENED_FIRST = Rule(
    "REF-15",
    "A case is screened before it is accepted or declined.",
    "Hub service statement: trained staff look at each case",
)
FOUND_SUITABLE = Rule(
    "REF-16",
    "Only a case that the screening found suitable is accepted.",
    "Hub service statement: trained staff look at each case",
)
VICTIM_REQUEST = Rule(
    "REF-17",
    "A case is accepted only when a victim, or a party to the dispute, has asked for it.",
    "Hub service statement: if the victim requests",
)
VICTIM_INITIATED = Rule(
    "REF-18",
    "Where there is gender-based violence, only a victim's own initiative is taken up.",
    "Scottish Government guidance 2017",
)
SPECIALIST_SERVICE = Rule(
    "REF-19",
    "Where there is gender-based violence, a specialist service is engaged.",
    "Scottish Government guidance 2017",
)
SUPERVISOR_APPROVES = Rule(
    "REF-20",
    "Domestic abuse in a caution or community resolution is accepted by a supervisor only.",
    "ACPO 2011 standards",
)
DECIDED_ONCE = Rule(
    "REF-21",
    "A case that was accepted is not screened, accepted or declined again.",
    "Hub lifecycle",
)

RULES = (
    SOMEBODY_HARMED,
    ONE_CASE_PER_INCIDENT,
    REQUESTED_ONCE,
    CLOSED_STAYS_CLOSED,
    LAST_VICTIM_STAYS,
    IN_THE_CASE,
    VICTIM_ASKS,
    A_PERSON_DECIDES,
    SCREENER_TRAINED,
    SCREENER_IMPARTIAL,
    ABUSE_SCREEN,
    BEST_INTERESTS,
    ADVANCED_LEADS_COMPLEX,
    NEVER_OFFENCE_ALONE,
    SCREENED_FIRST,
    FOUND_SUITABLE,
    VICTIM_REQUEST,
    VICTIM_INITIATED,
    SPECIALIST_SERVICE,
    SUPERVISOR_APPROVES,
    DECIDED_ONCE,
    *course_rules.RULES,
)

WAITING = (
    Waiting(
        SCREENER_TRAINED,
        fact="the training ledger of the hub's staff",
        meanwhile="the hub gives the coordinator's role, and who screens declares to be trained, "
        "each time; otherwise it is refused",
    ),
    Waiting(
        SCREENER_IMPARTIAL,
        fact="the conflicts declared by the hub's staff",
        meanwhile="who screens declares to have no conflict, each time, and whoever requested the "
        "case cannot screen it; otherwise it is refused",
    ),
    Waiting(
        Rule(
            "REF-30",
            "A community resolution is restorative only where responsibility is taken, the victim "
            "or community is involved, the process is structured and its outcome seeks to right "
            "the harm.",
            "ACPO 2011 standards",
        ),
        fact="responsibility, activities and agreements, which facilitation records",
        meanwhile="no result is called restorative",
    ),
)
