"""Events by which a case takes note of what happened elsewhere, so that it can decide by itself."""

from __future__ import annotations

from contracts.envelope import Event
from contracts.facilitation.ids import FacilitatorId, ReservationId
from contracts.facilitation.team import UnassignReason
from contracts.fields import ActorId, Count, Moment, OrganisationId, ParticipantId
from contracts.referral import Complexity, Stage
from contracts.terms import ActivityId, ClearanceId, Level, Method, Participant, Setting, YesEnded


class FacilitationOpened(Event):
    """A case was accepted; facilitation opens it on its side."""

    setting: Setting
    min_level: Level
    """The least training of whoever may lead the case."""
    participants: tuple[Participant, ...]
    controller: OrganisationId
    organisation: OrganisationId
    """The organisation that asked for the case; it sees the case, as the hub does."""
    complexity: Complexity = Complexity.STANDARD
    stage: Stage = Stage.NOT_CRIMINAL
    """How far a criminal process had gone when the case was requested."""
    investigator: ActorId | None = None
    """The officer in charge who asked for the case."""


class ConsentQuorumNoted(Event):
    """Facilitation takes note that everybody consents to a method."""

    method: Method
    participants: tuple[ParticipantId, ...]
    consent_version: Count
    """The place in the case's consent stream of what is noted."""


class ConsentLossNoted(Event):
    """Facilitation takes note that consent to a method no longer stands.

    In the same commit it cancels and stops what has become unlawful by that.
    """

    method: Method
    participants: tuple[ParticipantId, ...]
    consent_version: Count
    """The place in the case's consent stream of what is noted."""


class ConsentWithdrawalNoted(Event):
    """Facilitation takes note that somebody says yes to these methods no longer, needed or not.

    In the same commit it stops what they take part in.
    """

    participant_id: ParticipantId
    methods: tuple[Method, ...]
    withdrawn_at: Moment
    """When they said no, or their yes ended; which may be long before it was recorded."""
    consent_version: Count
    """The place in the case's consent stream of what is noted."""
    also_ends: tuple[YesEnded, ...] = ()
    """Whose yes ended with it, too: the children beside whom somebody stands who says no."""


class ClearanceNoted(Event):
    """Facilitation takes note that an activity was cleared; what consent said before is noted."""

    clearance_id: ClearanceId
    activity_id: ActivityId
    method: Method
    attendees: tuple[ParticipantId, ...]
    cleared_at: Moment
    consent_version: Count
    """The place in the case's consent stream of what is noted."""


class FacilitatorLossNoted(Event):
    """The case takes note that a reservation of a facilitator is void: they may not work on it."""

    facilitator_id: FacilitatorId
    reservation_id: ReservationId
    reason: UnassignReason


EVENTS: tuple[type[Event], ...] = (
    FacilitationOpened,
    ConsentQuorumNoted,
    ConsentLossNoted,
    ConsentWithdrawalNoted,
    ClearanceNoted,
    FacilitatorLossNoted,
)
