"""Events that several services emit with one shape, each into its own stream."""

from __future__ import annotations

from uuid import UUID

from contracts.envelope import Event
from contracts.facilitation.ids import FacilitatorId
from contracts.fields import Count, OrganisationId, Part
from contracts.terms import Participant, YesEnded


class Colleague(Part):
    """Somebody who facilitates a case, and whose facilitator they are."""

    facilitator_id: FacilitatorId
    organisation: OrganisationId


class ParticipantsNoted(Event):
    """A service takes note of who is in the case now, after somebody was added or removed.

    It is the whole list, not the difference; the service is the envelope's source.
    """

    participants: tuple[Participant, ...]
    ends: tuple[YesEnded, ...] = ()
    """Said by consent: whose yes, to what, is gone with somebody who left."""


class CaseHoldNoted(Event):
    """A service takes note that a case is on hold from now on, or goes on."""

    on_hold: bool
    referral_version: Count
    """The place in the case's referral stream of what is noted."""


class CaseClosureNoted(Event):
    """A service takes note that a case is closed: nothing begins in it any more."""

    referral_version: Count
    """The place in the case's referral stream of what is noted."""


class TeamNoted(Event):
    """A service takes note of who facilitates the case now; whose facilitators they are sees it.

    It is the whole team, not the difference.
    """

    team: tuple[Colleague, ...]
    facilitation_version: Count
    """The place in the case's facilitation stream of what is noted."""


class EntryCorrected(Event):
    """An earlier entry of the same stream was a mistake: it stays on record, and no longer counts.

    Who made it says so, or a supervisor. A consent, or an activity that took place, never is one.
    """

    entry: UUID
    """The id of the mistaken event."""
    entry_version: Count
    """Its place in the stream."""
    ends: tuple[YesEnded, ...] = ()
    """Said by consent: whose yes, to what, had rested on the mistaken entry."""


NOTED: tuple[type[Event], ...] = (ParticipantsNoted, CaseHoldNoted, CaseClosureNoted)
EVERYWHERE: tuple[type[Event], ...] = (EntryCorrected,)
TEAM: tuple[type[Event], ...] = (TeamNoted,)
EVENTS: tuple[type[Event], ...] = (*NOTED, *EVERYWHERE, *TEAM)
