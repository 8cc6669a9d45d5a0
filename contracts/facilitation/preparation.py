"""Events of getting ready: each participant alone, the risk, the method, the venue."""

from __future__ import annotations

from enum import StrEnum

from contracts.envelope import Event
from contracts.facilitation.ids import FacilitatorId, VenueRef
from contracts.fields import Count, Moment, ParticipantId
from contracts.terms import Method


class PreparationMode(StrEnum):
    """How facilitator and participant came together."""

    IN_PERSON = "in_person"
    BY_TELEPHONE = "by_telephone"
    BY_VIDEO_CALL = "by_video_call"


class Aim(StrEnum):
    """What somebody hopes for; the first four are a victim's, the next two an offender's."""

    QUESTIONS_ANSWERED = "questions_answered"
    IMPACT_EXPRESSED = "impact_expressed"
    EMPOWERED_RECOVERING = "empowered_recovering"
    CLOSURE = "closure"
    RESPONSIBILITY_ACCEPTED = "responsibility_accepted"
    IMPACT_UNDERSTOOD = "impact_understood"
    HARM_REPAIRED = "harm_repaired"
    WAY_FORWARD_AGREED = "way_forward_agreed"


class Readiness(StrEnum):
    """What the facilitator found of somebody."""

    NOT_YET = "not_yet"
    READY = "ready"
    UNSUITABLE = "unsuitable"


class Responsibility(StrEnum):
    """How far somebody takes responsibility for the harm, or acknowledges the dispute."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class RiskLevel(StrEnum):
    """How likely and how grave harm by the restorative work is, mitigations counted in."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Mitigation(StrEnum):
    """What is done about a risk; a kind, never a narrative."""

    SUPPORTER_PRESENT = "supporter_present"
    SEPARATE_ARRIVAL = "separate_arrival"
    SECURITY_PRESENT = "security_present"
    BREAKS_AGREED = "breaks_agreed"
    SECOND_FACILITATOR = "second_facilitator"
    SPECIALIST_SERVICE = "specialist_service"
    INDIRECT_METHOD = "indirect_method"
    SAFETY_PLAN = "safety_plan"


class DirectBar(StrEnum):
    """What forbids that people meet, for as long as it stands."""

    ONGOING_RISK = "ongoing_risk"
    NO_CONTACT_ORDER = "no_contact_order"
    LICENCE_CONDITION = "licence_condition"
    BAIL_CONDITION = "bail_condition"


class ApproverLevel(StrEnum):
    """Who answers for a risk assessment."""

    FACILITATOR = "facilitator"
    SUPERVISOR = "supervisor"


class EscalationReason(StrEnum):
    """What makes a risk greater than it was assessed."""

    THREAT = "threat"
    NEW_INFORMATION = "new_information"
    CONTACT_OUTSIDE = "contact_outside"
    HEALTH = "health"
    SUBSTANCE_USE = "substance_use"
    ORDER_MADE = "order_made"
    OTHER = "other"


class Confirmation(StrEnum):
    """What a setting asks to be confirmed before people come together."""

    OFFICER_SEES_NO_PREJUDICE = "officer_sees_no_prejudice"
    PRISON_OR_PROBATION_CONSULTED = "prison_or_probation_consulted"
    VICTIM_LIAISON_CONSULTED = "victim_liaison_consulted"
    SAFEGUARDING_LEAD_ENGAGED = "safeguarding_lead_engaged"
    PARENTS_ENGAGED = "parents_engaged"


class VenueType(StrEnum):
    """What kind of place it is; which one is never on the log."""

    COMMUNITY = "community"
    COUNCIL = "council"
    SCHOOL = "school"
    POLICE = "police"
    PRISON = "prison"
    YOUTH_JUSTICE = "youth_justice"
    ONLINE = "online"


class PreparationMeetingHeld(Event):
    """A facilitator prepared one participant, without anybody of another side."""

    participant_id: ParticipantId
    individual: bool
    mode: PreparationMode
    aims: tuple[Aim, ...]
    readiness: Readiness
    accompanied_by: tuple[ParticipantId, ...]
    """Who stood beside the participant."""


class ResponsibilityRecorded(Event):
    """It is known how far somebody takes responsibility; a later word replaces an earlier one."""

    participant_id: ParticipantId
    responsibility: Responsibility


class RiskAssessed(Event):
    """The risk was looked at for the stage that comes next."""

    risk_version: Count
    """The number of the assessment within the case."""
    level: RiskLevel
    mitigations: tuple[Mitigation, ...]
    bars: tuple[DirectBar, ...]
    """What forbids that people meet."""
    valid_until: Moment
    assessed_by: FacilitatorId
    approver_level: ApproverLevel


class RiskEscalated(Event):
    """The risk is greater than was assessed: nothing starts until it is assessed anew."""

    reason: EscalationReason
    risk_version: Count
    """The assessment that does not stand any more; 0 where there was none."""


class MethodAgreed(Event):
    """It is settled by which method people come together, or exchange."""

    method: Method
    confirmations: tuple[Confirmation, ...]


class VenueApproved(Event):
    """A place was found safe for the people of this case."""

    venue_ref: VenueRef
    type: VenueType
    neutral: bool
    separate_arrival: bool
    exit: bool
    supporters_space: bool


EVENTS: tuple[type[Event], ...] = (
    PreparationMeetingHeld,
    ResponsibilityRecorded,
    RiskAssessed,
    RiskEscalated,
    MethodAgreed,
    VenueApproved,
)
