"""Events that several services emit with one shape, each into its own stream."""

from __future__ import annotations

from contracts.envelope import Event
from contracts.terms import Participant


class ParticipantsNoted(Event):
    """A service takes note of who is in the case now, after somebody was added or removed.

    It is the whole list, not the difference; the service is the envelope's source.
    """

    participants: tuple[Participant, ...]


EVENTS: tuple[type[Event], ...] = (ParticipantsNoted,)
