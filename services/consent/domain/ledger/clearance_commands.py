"""What may be asked of a consent ledger when an activity is about to begin."""

from __future__ import annotations

from pydantic import Field

from contracts.fields import ParticipantId
from contracts.terms import ActivityId, Method
from kernel.decider import Command

MOST_ATTENDEES = 50


class ClearActivity(Command):
    """Ask, as facilitation does, that an activity may begin now."""

    activity_id: ActivityId = Field(description="the meeting, letter or message")
    method: Method
    attendees: tuple[ParticipantId, ...] = Field(max_length=MOST_ATTENDEES)
