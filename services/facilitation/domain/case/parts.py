"""What a case is made of: its team, what was entered, meetings, letters, agreements, concerns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from contracts.envelope import Event
from contracts.facilitation.aftercare import AgreementItem, Severity
from contracts.facilitation.ids import FacilitatorId, ItemId, ReservationId, VenueRef
from contracts.facilitation.meeting import Booking
from contracts.facilitation.team import TeamPart
from contracts.fields import ActorId, OrganisationId, ParticipantId
from contracts.terms import ActivityId, ClearanceId, Level, Method
from kernel.decider import State


class Entry(State):
    """Something that was entered and may turn out to be a mistake; `version` is its place."""

    version: int
    event: Event


LEVELS = tuple(Level)


def reaches(level: Level, wanted: Level) -> bool:
    """Whether a level of training is this one or above."""
    return LEVELS.index(level) >= LEVELS.index(wanted)


class Assignment(State):
    """A facilitator at work on the case."""

    facilitator_id: FacilitatorId
    part: TeamPart
    level: Level
    organisation: OrganisationId
    reservation_id: ReservationId

    def co_works(self, least: Level) -> bool:
        """Whether they are beside the lead, at this level or above."""
        return self.part is TeamPart.CO and reaches(self.level, least)


class No(State):
    """That consent fell away, as consent tells it: of one person, or of all (None)."""

    consent_version: int
    method: Method
    participant_id: ParticipantId | None


class MeetingStanding(StrEnum):
    """What has become of a meeting."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    HELD = "held"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    NOT_HELD = "not_held"


class Meeting(State):
    """A meeting as it stands."""

    method: Method
    starts_at: datetime
    ends_at: datetime
    venue_ref: VenueRef
    attendees: tuple[ParticipantId, ...]
    bookings: tuple[Booking, ...]
    standing: MeetingStanding = MeetingStanding.SCHEDULED

    def booked(self, facilitator_id: FacilitatorId) -> bool:
        """Whether this facilitator's time is reserved for it."""
        return any(one.facilitator_id == facilitator_id for one in self.bookings)


class LetterStanding(StrEnum):
    """What has become of a letter."""

    ON_ITS_WAY = "on_its_way"
    DELIVERED = "delivered"
    REFUSED = "refused"
    STOPPED = "stopped"


class Letter(State):
    """A letter, or a recording, as it stands."""

    method: Method
    sender: ParticipantId
    recipient: ParticipantId
    standing: LetterStanding = LetterStanding.ON_ITS_WAY


class Activity(State):
    """Something that began on a clearance; `completed` once it came to its end."""

    activity_id: ActivityId
    method: Method
    attendees: tuple[ParticipantId, ...]
    agreed_by: tuple[ParticipantId, ...]
    """Everybody whose consent the method needed as it began: of a letter, more than attend."""
    clearance_id: ClearanceId
    completed: bool


class Agreement(State):
    """What people undertook."""

    items: Mapping[ItemId, AgreementItem]
    closed: bool = False


class Concern(State):
    """A concern for safety that is open."""

    severity: Severity
    raised_by: ActorId
