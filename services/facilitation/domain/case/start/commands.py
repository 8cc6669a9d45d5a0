"""What may be asked when an activity is about to begin; each begins by a clearance of its own."""

from __future__ import annotations

from pydantic import Field

from contracts.facilitation.ids import LetterId, MeetingId, MessageId
from contracts.fields import Count, ParticipantId
from contracts.terms import ClearanceId
from kernel.decider import Command


class StartMeeting(Command):
    """Begin a meeting with those who are there; consent is asked to clear it first."""

    meeting_id: MeetingId
    attendees: tuple[ParticipantId, ...] = Field(description="everybody who is there")


class StartCleared(StartMeeting):
    """Record that a meeting begins that consent has cleared."""

    cleared_by: ClearanceId


class DeliverLetter(Command):
    """Hand a letter, or a recording, over; consent is asked to clear it first."""

    letter_id: LetterId


class DeliverCleared(DeliverLetter):
    """Record that a letter is delivered that consent has cleared."""

    cleared_by: ClearanceId


class RelayMessage(Command):
    """Carry word from one person to another; consent is asked to clear it first."""

    sender: ParticipantId
    recipient: ParticipantId
    count: Count = Field(1, ge=1, description="how many messages go this way at once")


class RelayCleared(RelayMessage):
    """Record that word is carried over that consent has cleared."""

    message_id: MessageId
    cleared_by: ClearanceId


StartCommand = StartCleared | DeliverCleared | RelayCleared
