"""Events of the consent service when an activity is about to begin."""

from __future__ import annotations

from contracts.consent import ConsentId
from contracts.envelope import Event
from contracts.fields import Moment, ParticipantId
from contracts.terms import ActivityId, ClearanceId, Method


class ActivityCleared(Event):
    """Everybody who would attend consents at this moment, so this one activity may begin at once.

    A no that comes later ends what began by it. An activity begins by one clearance, a clearance
    serves one beginning.
    """

    clearance_id: ClearanceId
    activity_id: ActivityId
    """The meeting, letter or message that is about to begin."""
    method: Method
    attendees: tuple[ParticipantId, ...]
    consents: tuple[ConsentId, ...]
    """The consents that it rests on, a representative's beside a child's own."""
    usable_until: Moment
    """Two minutes on; whoever asked for it keeps to this by a clock of their own."""


EVENTS: tuple[type[Event], ...] = (ActivityCleared,)
