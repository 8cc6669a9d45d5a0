"""Events of the referral service while a case goes on: contacts, holds, deadlines, its end."""

from __future__ import annotations

from enum import StrEnum

from contracts.envelope import Event
from contracts.facilitation.ids import ConcernId, ItemId, MeetingId
from contracts.fields import CaseId, Count, Moment, ParticipantId


class ContactChannel(StrEnum):
    """How the hub and a participant get in touch."""

    TELEPHONE = "telephone"
    TEXT_MESSAGE = "text_message"
    EMAIL = "email"
    LETTER = "letter"
    IN_PERSON = "in_person"
    VIDEO_CALL = "video_call"
    THROUGH_SOMEBODY_ELSE = "through_somebody_else"
    THEY_CAME_TO_US = "they_came_to_us"


class ContactOutcome(StrEnum):
    """What became of an attempt."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    MESSAGE_LEFT = "message_left"
    WRONG_DETAILS = "wrong_details"
    OBJECTED = "objected"
    """They do not want to be contacted again."""


class NextStep(StrEnum):
    """What the participant was told, or the hub decided, comes next."""

    CONTACT_AGAIN = "contact_again"
    INFORMATION = "information"
    THEY_THINK_IT_OVER = "they_think_it_over"
    PREPARATION = "preparation"
    ACTIVITY = "activity"
    FOLLOW_UP = "follow_up"
    CASE_CLOSES = "case_closes"


class HoldReason(StrEnum):
    """Why a case stands still for a while; never what somebody said."""

    SOMEBODY_NEEDS_TIME = "somebody_needs_time"
    CRIMINAL_PROCESS = "criminal_process"
    COURT_DEFERRAL = "court_deferral"
    RISK_REVIEW = "risk_review"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    NO_FACILITATOR = "no_facilitator"
    OTHER = "other"


class CloseCode(StrEnum):
    """How a case ended."""

    COMPLETED_AGREEMENT = "completed_agreement"
    COMPLETED_NO_AGREEMENT = "completed_no_agreement"
    VICTIM_DECLINED = "victim_declined"
    OFFENDER_DECLINED = "offender_declined"
    VICTIM_WITHDREW = "victim_withdrew"
    OFFENDER_WITHDREW = "offender_withdrew"
    UNSAFE = "unsafe"
    NO_CONTACT = "no_contact"
    INELIGIBLE = "ineligible"
    NO_RESPONSIBILITY = "no_responsibility"
    DUPLICATE = "duplicate"
    TRANSFERRED = "transferred"
    OTHER = "other"


class CloseReason(StrEnum):
    """What else there is to say of an end; never why somebody said no."""

    HELPED_OTHERWISE = "helped_otherwise"
    CRIMINAL_PROCESS = "criminal_process"
    OUT_OF_AREA = "out_of_area"
    SAFEGUARDING = "safeguarding"
    ADMINISTRATIVE = "administrative"


class DisposalReviewReason(StrEnum):
    """All that whoever decides on the disposal is told."""

    NOT_COMPLETED = "not_completed"


class Deadline(StrEnum):
    """What the hub owes within a time."""

    SCREENING = "screening"
    FIRST_CONTACT = "first_contact"
    CONTACT = "contact"
    HOLD_REVIEW = "hold_review"


class ParticipantContacted(Event):
    """The hub tried to get in touch with somebody, or they came to the hub."""

    participant_id: ParticipantId
    attempt_no: Count
    """Counted per participant from 1, those that failed included."""
    channel: ContactChannel
    outcome: ContactOutcome
    next_step: NextStep
    contacted_at: Moment


class CaseHeld(Event):
    """A case stands still until it is resumed."""

    reason: HoldReason
    review_at: Moment
    """When it is looked at again at the latest."""


class CaseResumed(Event):
    """A case that was on hold goes on."""


class CaseClosed(Event):
    """A case has ended; to take it up again, a new referral names it."""

    outcome: CloseCode
    reason: CloseReason | None = None
    duplicate_of: CaseId | None = None
    """The case in which the matter goes on, where it had two."""


class FacilitationNoted(Event):
    """The referral takes note of what is open in facilitation, and of what was reached there.

    It is the whole picture, not the difference.
    """

    meetings: tuple[MeetingId, ...]
    """Those that are to come or under way."""
    agreement_items: tuple[ItemId, ...]
    """What somebody undertook and nobody has looked at yet."""
    safety_concerns: tuple[ConcernId, ...]
    """Those that are not settled."""
    activity_held: bool
    """Whether people have met or exchanged at least once."""
    agreement_reached: bool
    facilitation_version: Count
    """The place in the case's facilitation stream of what is noted."""


class DisposalReviewNeeded(Event):
    """A caution or community resolution did not get its restorative part: it is decided again.

    Nobody is told who ended it or why; that somebody refused, left or took part, or that there was
    no agreement, is never evidence of anything.
    """

    reason: DisposalReviewReason


class DeadlinePassed(Event):
    """What the hub owes has not happened in time."""

    deadline: Deadline
    due_at: Moment
    participant_id: ParticipantId | None = None
    """Whom it is owed to, where it is owed to one person."""


EVENTS: tuple[type[Event], ...] = (
    ParticipantContacted,
    CaseHeld,
    CaseResumed,
    CaseClosed,
    FacilitationNoted,
    DisposalReviewNeeded,
    DeadlinePassed,
)
