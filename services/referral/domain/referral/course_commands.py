"""What may be asked of a referral while its case goes on."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from contracts.common import Colleague
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


class ContactParticipant(Command):
    """Record an attempt to get in touch with somebody, or that they came to the hub."""

    participant_id: ParticipantId
    channel: ContactChannel
    outcome: ContactOutcome
    next_step: NextStep = Field(description="what they were told, or the hub decided, comes next")


class HoldCase(Command):
    """Let the case stand still for a while."""

    reason: HoldReason
    review_at: Moment = Field(description="when it is looked at again at the latest")


class ResumeCase(Command):
    """Let a case that is on hold go on."""


class CloseCase(Command):
    """End the case; to take it up again, a new referral names it."""

    outcome: CloseCode
    reason: CloseReason | None = Field(
        None, description="needed where the outcome is `other`; never why somebody said no"
    )
    duplicate_of: CaseId | None = Field(
        None, description="the case in which the matter goes on, where the outcome is `duplicate`"
    )


class CloseLookedUp(CloseCase):
    """End the case, once it is known whether there is the case that it names as going on."""

    duplicate_found: bool = Field(
        description="whether `duplicate_of` is another case that there is, and that who closes sees"
    )


class CorrectEntry(Command):
    """Say that an earlier entry of this case was a mistake."""

    entry: UUID = Field(description="the id of the mistaken event, as the timeline gives it")


class NoteFacilitation(Command):
    """By policy, when something opens or is settled in facilitation."""

    meetings: tuple[MeetingId, ...]
    agreement_items: tuple[ItemId, ...]
    safety_concerns: tuple[ConcernId, ...]
    activity_held: bool
    agreement_reached: bool
    facilitation_version: Count


class NoteTeam(Command):
    """By policy, when a facilitator is assigned to the case or taken off it."""

    team: tuple[Colleague, ...]
    facilitation_version: Count


class NeedDisposalReview(Command):
    """By policy, when a caution or community resolution ends without its restorative part."""


class NoteDeadlinePassed(Command):
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
    | NoteTeam
    | NeedDisposalReview
    | NoteDeadlinePassed
)
