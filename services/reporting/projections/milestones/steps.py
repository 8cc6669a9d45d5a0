"""The steps of a case that figures count, and the events that take them."""

from __future__ import annotations

from enum import StrEnum

from contracts.consent import ConsentQuorumReached
from contracts.envelope import Event
from contracts.referral import (
    ReferralAccepted,
    ReferralDeclined,
    ReferralRequested,
    ReferralScreened,
)
from contracts.referral_course import CaseClosed, ContactOutcome, ParticipantContacted


class Step(StrEnum):
    """A step that a case takes; what counts is the first time."""

    REQUESTED = "requested"
    CONTACTED = "contacted"
    """Somebody was reached, whatever they said."""
    SCREENED = "screened"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    AGREED = "agreed"
    """Everybody says yes to one method at the same time."""
    CLOSED = "closed"


REACHED = frozenset({ContactOutcome.REACHED, ContactOutcome.OBJECTED})


def step_of(event: Event) -> Step | None:
    """The step that an event takes, if it takes one."""
    match event:
        case ReferralRequested():
            return Step.REQUESTED
        case ParticipantContacted():
            return Step.CONTACTED if event.outcome in REACHED else None
        case ReferralScreened():
            return Step.SCREENED
        case ReferralAccepted():
            return Step.ACCEPTED
        case ReferralDeclined():
            return Step.DECLINED
        case ConsentQuorumReached():
            return Step.AGREED
        case CaseClosed():
            return Step.CLOSED
        case _:
            return None
