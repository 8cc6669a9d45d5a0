"""Events by which a case takes note of what happened elsewhere, so that it can decide by itself."""

from __future__ import annotations

from contracts.envelope import Event
from contracts.fields import Count, OrganisationId, ParticipantId
from contracts.terms import Level, Method, Participant, Setting


class FacilitationOpened(Event):
    """A case was accepted; facilitation opens it on its side."""

    setting: Setting
    min_level: Level
    """The least training of whoever may lead the case."""
    participants: tuple[Participant, ...]
    controller: OrganisationId
    organisation: OrganisationId
    """The organisation that asked for the case; it sees the case, as the hub does."""


class ConsentQuorumNoted(Event):
    """Facilitation takes note that everybody consents to a method."""

    method: Method
    participants: tuple[ParticipantId, ...]
    consent_version: Count
    """The place in the case's consent stream of what is noted."""


class ConsentLossNoted(Event):
    """Facilitation takes note that consent to a method no longer stands."""

    method: Method
    participants: tuple[ParticipantId, ...]
    consent_version: Count
    """The place in the case's consent stream of what is noted."""


EVENTS: tuple[type[Event], ...] = (FacilitationOpened, ConsentQuorumNoted, ConsentLossNoted)
