"""What may be asked of a meeting."""

from __future__ import annotations

from pydantic import Field

from contracts.facilitation.ids import MeetingId, VenueRef
from contracts.facilitation.meeting import (
    Booking,
    CancelledBy,
    CancelReason,
    NotHeldReason,
    StopReason,
)
from contracts.fields import Count, Moment, ParticipantId
from contracts.terms import Method
from kernel.decider import Command


class ScheduleMeeting(Command):
    """Set a date for a meeting; the time of the facilitators is reserved first."""

    method: Method
    starts_at: Moment
    ends_at: Moment
    venue_ref: VenueRef
    attendees: tuple[ParticipantId, ...] = Field(description="everybody who will be there")


class ScheduleReserved(ScheduleMeeting):
    """Record the date of a meeting for which the facilitators are reserved."""

    meeting_id: MeetingId
    bookings: tuple[Booking, ...]


class RescheduleMeeting(Command):
    """Set another date, place or people for a meeting that has not begun."""

    meeting_id: MeetingId
    starts_at: Moment
    ends_at: Moment
    venue_ref: VenueRef | None = Field(None, description="the place, where it is another")
    attendees: tuple[ParticipantId, ...] | None = Field(None, description="where they are others")


class RescheduleReserved(RescheduleMeeting):
    """Record another date of a meeting for which the facilitators are reserved."""

    bookings: tuple[Booking, ...]


class CancelMeeting(Command):
    """Call off a meeting that has not begun."""

    meeting_id: MeetingId
    reason: CancelReason
    cancelled_by: CancelledBy = CancelledBy.FACILITATOR


class RecordMeetingHeld(Command):
    """Record that a meeting came to its end."""

    meeting_id: MeetingId
    attendance: tuple[ParticipantId, ...] = Field(description="who stayed to the end")
    minutes: Count


class StopMeeting(Command):
    """Record that a meeting was ended before its time."""

    meeting_id: MeetingId
    reason: StopReason


class RecordMeetingNotHeld(Command):
    """Record that a meeting's time came, and it did not begin."""

    meeting_id: MeetingId
    reason: NotHeldReason


MeetingCommand = (
    ScheduleReserved
    | RescheduleReserved
    | CancelMeeting
    | RecordMeetingHeld
    | StopMeeting
    | RecordMeetingNotHeld
)
