"""By when what is due, and what stands in the way: each with its rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from contracts.facilitation.aftercare import FollowUpWave
from kernel.calendar import ENGLAND_AND_WALES, Calendar
from kernel.decider import Rule


@dataclass(frozen=True)
class Practice:
    """The hub's own defaults, as the services decide by them."""

    calendar: Calendar = ENGLAND_AND_WALES
    screening_days: int = 2
    first_contact_days: int = 5
    urgent_contact_days: int = 2
    contact_gap: timedelta = timedelta(days=28)
    ahead: timedelta = timedelta(days=28)
    """What is due later than this is not listed yet."""

    @staticmethod
    def wave(wave: FollowUpWave) -> timedelta:
        """How long after the activity people are asked."""
        return {
            FollowUpWave.SIX_WEEKS: timedelta(weeks=6),
            FollowUpWave.SIX_MONTHS: timedelta(days=183),
        }[wave]


PRACTICE = Practice()

SCREENING = Rule(
    "DUE-01",
    "A referral is screened within two working days.",
    "Hub timers, design default",
)
FIRST_CONTACT = Rule(
    "DUE-02",
    "Whoever was harmed is contacted within five working days, within two where it is sensitive.",
    "US conferencing standards; hub timers",
)
CONTACT_GAP = Rule(
    "DUE-03",
    "Nobody who was harmed goes without word from the hub for more than 28 days.",
    "Hub timers, design default",
)
HOLD_REVIEW = Rule(
    "DUE-04",
    "A case that is on hold is looked at again on the day that was named.",
    "Hub lifecycle: on hold",
)
CONSENT_ENDS = Rule(
    "DUE-05",
    "A yes is confirmed before it ends.",
    "Scottish Government guidance 2017: consent is kept under review",
)
RISK_ENDS = Rule(
    "DUE-06",
    "The risk is assessed again before the assessment ends, and at once when it has grown.",
    "Scottish Government guidance 2017: dynamic risk assessment",
)
MEETING = Rule(
    "DUE-07",
    "Of a meeting whose time has come it is recorded what became of it.",
    "Hub commands: MeetingHeld, MeetingStopped, MeetingNotHeld",
)
AGREEMENT_ITEM = Rule(
    "DUE-08",
    "What somebody undertook is looked at on the day by which it was to be done.",
    "Scottish Government guidance 2017: agreements are monitored",
)
FOLLOW_UP = Rule(
    "DUE-09",
    "Whoever took part is asked how they fare after six weeks and after six months.",
    "Hub timers, design default",
)
CONCERN = Rule(
    "DUE-10",
    "A concern for safety is settled at once.",
    "Restorative Justice Council",
)
TEAM = Rule(
    "DUE-11",
    "A case that was accepted has a facilitator.",
    "Hub service statement: trained staff support",
)

# These stop a command of another service; the words are its own.
VICTIM_ASKS = Rule(
    "REF-17",
    "A case is accepted only when a victim, or a party to the dispute, has asked for it.",
    "Hub service statement: if the victim requests",
)
HELD = Rule("REF-26", "A case that is on hold is not accepted.", "Hub lifecycle")
BOTH_AGREE = Rule(
    "CON-17",
    "A method is agreed when every victim, offender and party says yes to it, from two sides at "
    "least; when one of these falls away it is agreed no longer, in the same commit.",
    "Hub service statement: both must agree",
)

BLOCKING = (VICTIM_ASKS, HELD, BOTH_AGREE)
