"""Events of what comes after: agreements and their items, follow-up, concerns for safety."""

from __future__ import annotations

from enum import StrEnum

from contracts.envelope import Event
from contracts.facilitation.ids import AgreementId, ConcernId, ItemId
from contracts.fields import ActorId, Count, Moment, Part, ParticipantId
from contracts.terms import ActivityId


class ItemType(StrEnum):
    """What somebody undertakes to do."""

    APOLOGY = "apology"
    PAYMENT = "payment"
    REPAIR = "repair"
    UNPAID_WORK = "unpaid_work"
    COURSE_OR_SUPPORT = "course_or_support"
    BEHAVIOUR = "behaviour"
    OTHER = "other"


class FollowUpWave(StrEnum):
    """When people are asked how they fare."""

    SIX_WEEKS = "six_weeks"
    SIX_MONTHS = "six_months"


class Wellbeing(StrEnum):
    """How somebody fares, against before."""

    MUCH_BETTER = "much_better"
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    NOT_SAID = "not_said"


class Severity(StrEnum):
    """How grave a concern is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ConcernKind(StrEnum):
    """What a concern is about; a kind, never a narrative."""

    HARM_DONE = "harm_done"
    RISK_OF_HARM = "risk_of_harm"
    SAFEGUARDING = "safeguarding"
    WITHDRAWAL_LEARNT_LATE = "withdrawal_learnt_late"
    OTHER = "other"


class OnwardDuty(StrEnum):
    """Who else had to be told, or has to be."""

    NONE = "none"
    POLICE = "police"
    CHILDRENS_SERVICES = "childrens_services"
    ADULT_SERVICES = "adult_services"
    SUPERVISOR = "supervisor"


class ConcernOutcome(StrEnum):
    """How a concern was settled."""

    MADE_SAFE = "made_safe"
    REFERRED_ON = "referred_on"
    UNFOUNDED = "unfounded"


class AgreementItem(Part):
    """One thing that somebody undertakes to do, by a day."""

    item_id: ItemId
    type: ItemType
    due_at: Moment
    by: ParticipantId


class OutcomeAgreementReached(Event):
    """People agree what is to be done to put things right; all of them assent."""

    agreement_id: AgreementId
    items: tuple[AgreementItem, ...]
    all_assented: bool


class NoAgreement(Event):
    """People came together, or exchanged, and agreed on nothing to be done."""


class AgreementItemCompleted(Event):
    """Somebody has done what they undertook."""

    agreement_id: AgreementId
    item_id: ItemId


class AgreementItemMissed(Event):
    """Somebody has not done what they undertook."""

    agreement_id: AgreementId
    item_id: ItemId


class AgreementItemVaried(Event):
    """Everybody assents to another day, or another thing, for an item of the agreement."""

    agreement_id: AgreementId
    item_id: ItemId
    type: ItemType
    due_at: Moment
    by: ParticipantId


class AgreementClosed(Event):
    """Every item of an agreement was seen to."""

    agreement_id: AgreementId
    completed: Count
    items: Count


class FollowUpHeld(Event):
    """Somebody was asked how they fare some time after."""

    participant_id: ParticipantId
    wave: FollowUpWave
    wellbeing: Wellbeing


class SafetyConcernRaised(Event):
    """Somebody may come to harm, or has; a withdrawal learnt late is one of these, too."""

    concern_id: ConcernId
    severity: Severity
    kind: ConcernKind
    onward_duty: OnwardDuty
    raised_by: ActorId
    activity_id: ActivityId | None = None


class SafetyConcernResolved(Event):
    """A concern for safety was settled."""

    concern_id: ConcernId
    outcome: ConcernOutcome


EVENTS: tuple[type[Event], ...] = (
    OutcomeAgreementReached,
    NoAgreement,
    AgreementItemCompleted,
    AgreementItemMissed,
    AgreementItemVaried,
    AgreementClosed,
    FollowUpHeld,
    SafetyConcernRaised,
    SafetyConcernResolved,
)
