"""The steps of a case that figures count, and the events that take them."""

from __future__ import annotations

from enum import StrEnum

from contracts.consent import ConsentQuorumReached
from contracts.envelope import Event
from contracts.facilitation.aftercare import OutcomeAgreementReached
from contracts.facilitation.exchange import LetterDelivered, MessageRelayed
from contracts.facilitation.meeting import MeetingHeld
from contracts.facilitation.preparation import PreparationMeetingHeld
from contracts.referral import (
    ReferralAccepted,
    ReferralDeclined,
    ReferralRequested,
    ReferralScreened,
)
from contracts.referral_course import CaseClosed, ContactOutcome, ParticipantContacted
from contracts.terms import DIRECT


class Step(StrEnum):
    """A step that a case takes; what counts is the first time."""

    REQUESTED = "requested"
    CONTACTED = "contacted"
    """Somebody was reached, whatever they said."""
    SCREENED = "screened"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CONSENTED = "consented"
    """Everybody says yes to one method at the same time."""
    PREPARED = "prepared"
    MET = "met"
    """People met, or saw each other live; a meeting that was stopped is none."""
    EXCHANGED = "exchanged"
    """A letter or message reached whom it was for."""
    OUTCOME_AGREED = "outcome_agreed"
    CLOSED = "closed"


REACHED = frozenset({ContactOutcome.REACHED, ContactOutcome.OBJECTED})


def step_of(event: Event) -> Step | None:
    """The step that an event takes, if it takes one."""
    match event:
        case ParticipantContacted():
            return Step.CONTACTED if event.outcome in REACHED else None
        case MeetingHeld() | LetterDelivered() | MessageRelayed():
            return Step.MET if event.method in DIRECT else Step.EXCHANGED
        case _:
            return _PLAIN.get(type(event))


_PLAIN: dict[type[Event], Step] = {
    ReferralRequested: Step.REQUESTED,
    ReferralScreened: Step.SCREENED,
    ReferralAccepted: Step.ACCEPTED,
    ReferralDeclined: Step.DECLINED,
    ConsentQuorumReached: Step.CONSENTED,
    PreparationMeetingHeld: Step.PREPARED,
    OutcomeAgreementReached: Step.OUTCOME_AGREED,
    CaseClosed: Step.CLOSED,
}
