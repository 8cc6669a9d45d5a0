"""Events of meetings, from the date that is set to what became of it."""

from __future__ import annotations

from enum import StrEnum

from contracts.envelope import Event
from contracts.facilitation.ids import FacilitatorId, MeetingId, ReservationId, VenueRef
from contracts.facilitation.team import TeamPart
from contracts.fields import Count, Moment, Part, ParticipantId
from contracts.terms import ClearanceId, Method


class Booking(Part):
    """A facilitator whose time is reserved for a meeting."""

    facilitator_id: FacilitatorId
    part: TeamPart
    reservation_id: ReservationId


class CancelReason(StrEnum):
    """Why a meeting does not take place; it never says whose consent fell away."""

    CONSENT_LOST = "consent_lost"
    PARTICIPANT_UNAVAILABLE = "participant_unavailable"
    FACILITATOR_UNAVAILABLE = "facilitator_unavailable"
    VENUE_UNAVAILABLE = "venue_unavailable"
    RISK = "risk"
    CASE_CLOSED = "case_closed"
    OTHER = "other"


class CancelledBy(StrEnum):
    """From where a cancellation came."""

    PARTICIPANTS = "participants"
    FACILITATOR = "facilitator"
    HUB = "hub"
    SYSTEM = "system"


class StopReason(StrEnum):
    """Why a meeting was ended before its time."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    SAFETY = "safety"
    DISTRESS = "distress"
    FACILITATOR_UNAVAILABLE = "facilitator_unavailable"
    CASE_CLOSED = "case_closed"
    OTHER = "other"


class NotHeldReason(StrEnum):
    """Why a meeting did not begin although its time had come."""

    PARTICIPANT_ABSENT = "participant_absent"
    FACILITATOR_ABSENT = "facilitator_absent"
    NOT_CLEARED = "not_cleared"
    RISK = "risk"
    VENUE_UNAVAILABLE = "venue_unavailable"
    OTHER = "other"


class MeetingScheduled(Event):
    """A date is set for a meeting."""

    meeting_id: MeetingId
    method: Method
    starts_at: Moment
    ends_at: Moment
    venue_ref: VenueRef
    attendees: tuple[ParticipantId, ...]
    bookings: tuple[Booking, ...]
    consent_version: Count
    """The place in the case's consent stream of the agreement that it rests on."""
    risk_version: Count


class MeetingRescheduled(Event):
    """A meeting that has not begun gets another date, place or people."""

    meeting_id: MeetingId
    method: Method
    starts_at: Moment
    ends_at: Moment
    venue_ref: VenueRef
    attendees: tuple[ParticipantId, ...]
    bookings: tuple[Booking, ...]
    consent_version: Count
    risk_version: Count


class MeetingCancelled(Event):
    """A meeting that had not begun will not take place."""

    meeting_id: MeetingId
    method: Method
    reason: CancelReason
    cancelled_by: CancelledBy


class MeetingStarted(Event):
    """People come together, on a clearance that names everybody who attends."""

    meeting_id: MeetingId
    method: Method
    attendees: tuple[ParticipantId, ...]
    cleared_by: ClearanceId
    risk_version: Count


class MeetingHeld(Event):
    """A meeting took place and came to its end."""

    meeting_id: MeetingId
    method: Method
    attendance: tuple[ParticipantId, ...]
    """Who stayed to the end."""
    minutes: Count


class MeetingStopped(Event):
    """A meeting that had begun was ended before its time."""

    meeting_id: MeetingId
    method: Method
    reason: StopReason


class MeetingNotHeld(Event):
    """A meeting's time came, and it did not begin."""

    meeting_id: MeetingId
    method: Method
    reason: NotHeldReason


EVENTS: tuple[type[Event], ...] = (
    MeetingScheduled,
    MeetingRescheduled,
    MeetingCancelled,
    MeetingStarted,
    MeetingHeld,
    MeetingStopped,
    MeetingNotHeld,
)
