"""What may be asked of a referral while its case goes on."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict

from contracts.facilitation.ids import ConcernId, ItemId, MeetingId
from contracts.fields import CaseId, Count, Moment, ParticipantId
from contracts.referral_course import (
    CloseCode,
    CloseReason,
    ContactChannel,
    ContactOutcome,
    Deadline,
    HoldReason,
    NextStep,
)
from kernel.decider import Command


class _Explained(Command):
    model_config = ConfigDict(use_attribute_docstrings=True)


class ContactParticipant(_Explained):
    """Record an attempt to get in touch with somebody, or that they came to the hub."""

    participant_id: ParticipantId
    channel: ContactChannel
    outcome: ContactOutcome
    next_step: NextStep
    """What they were told, or the hub decided, comes next."""


class HoldCase(_Explained):
    """Let the case stand still for a while."""

    reason: HoldReason
    review_at: Moment
    """When it is looked at again at the latest."""


class ResumeCase(_Explained):
    """Let a case that is on hold go on."""


class CloseCase(_Explained):
    """End the case; to take it up again, a new referral names it."""

    outcome: CloseCode
    reason: CloseReason | None = None
    """Needed where the outcome is `other`; never why somebody said no."""
    duplicate_of: CaseId | None = None
    """The case in which the matter goes on, where the outcome is `duplicate`."""


class CorrectEntry(_Explained):
    """Say that an earlier entry of this case was a mistake."""

    entry: UUID
    """The id of the mistaken event, as the timeline gives it."""


class NoteFacilitation(_Explained):
    """By policy, when something opens or is settled in facilitation."""

    meetings: tuple[MeetingId, ...]
    agreement_items: tuple[ItemId, ...]
    safety_concerns: tuple[ConcernId, ...]
    activity_held: bool
    agreement_reached: bool
    facilitation_version: Count


class NeedDisposalReview(_Explained):
    """By policy, when a caution or community resolution ends without its restorative part."""


class NoteDeadlinePassed(_Explained):
    """By policy, when a deadline has come and what was due has not happened."""

    deadline: Deadline
    due_at: Moment
    participant_id: ParticipantId | None = None


CourseCommand = (
    ContactParticipant
    | HoldCase
    | ResumeCase
    | CloseCase
    | CorrectEntry
    | NoteFacilitation
    | NeedDisposalReview
    | NoteDeadlinePassed
)
