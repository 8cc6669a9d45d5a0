"""What a consent ledger knows of its case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from contracts.common import TeamNoted
from contracts.consent import ConsentId, Purpose
from contracts.fields import ActorId, OrganisationId, ParticipantId
from contracts.terms import Method, Participant
from kernel.decider import State


class Informed(State):
    """Somebody was told everything, by this edition; and where that stands in the stream."""

    entry_version: int
    participant_id: ParticipantId
    info_version: int


class Consent(State):
    """A yes that nobody has taken back; its methods shrink when some of them are."""

    consent_id: ConsentId
    participant_id: ParticipantId
    given_by: ParticipantId
    methods: tuple[Method, ...]
    purposes: tuple[Purpose, ...]
    info_version: int
    valid_until: datetime
    checked_at: datetime
    """When it was said, or confirmed, last."""
    co_consent_id: ConsentId | None

    def covers(self, method: Method, now: datetime) -> bool:
        """Whether this yes, alone, is one to taking part by this method now."""
        return (
            method in self.methods and Purpose.TAKE_PART in self.purposes and now < self.valid_until
        )


class No(State):
    """Somebody's no to these methods, and where that stands in the stream."""

    entry_version: int
    participant_id: ParticipantId
    methods: tuple[Method, ...]


class Representation(State):
    """Who stands beside whom."""

    participant_id: ParticipantId
    representative_id: ParticipantId


class Ledger(State):
    """The consents of one case."""

    controller: OrganisationId | None = None
    organisation: OrganisationId | None = None
    participants: tuple[Participant, ...] = ()
    informed: tuple[Informed, ...] = ()
    lacking: tuple[ParticipantId, ...] = ()
    representatives: tuple[Representation, ...] = ()
    consents: tuple[Consent, ...] = ()
    noes: tuple[No, ...] = ()
    quorum: Mapping[Method, tuple[ParticipantId, ...]] = {}
    team: TeamNoted | None = None
    on_hold: bool = False
    closed: bool = False
    version: int = 0

    @property
    def seen_by(self) -> frozenset[OrganisationId]:
        """Who asked for it, who answers for it, and those whose facilitators work on it."""
        parties = (one for one in (self.organisation, self.controller) if one is not None)
        colleagues = self.team.team if self.team else ()
        return frozenset({*parties, *(one.organisation for one in colleagues)})

    def facilitates(self, actor: ActorId) -> bool:
        """Whether they work on the case: a facilitator's id is that with which they sign in."""
        colleagues = self.team.team if self.team else ()
        return actor in {one.facilitator_id for one in colleagues}

    def participant(self, participant_id: ParticipantId) -> Participant | None:
        """Who is in the case under this id."""
        found = (one for one in self.participants if one.participant_id == participant_id)
        return next(found, None)

    def was_informed(self, participant_id: ParticipantId, info_version: int) -> bool:
        """Whether they were told everything by this edition."""
        known = {(one.participant_id, one.info_version) for one in self.informed}
        return (participant_id, info_version) in known

    def consent(self, consent_id: ConsentId) -> Consent | None:
        """The yes under this id that nobody has taken back."""
        return next((one for one in self.consents if one.consent_id == consent_id), None)

    def represents(self, representative_id: ParticipantId, participant_id: ParticipantId) -> bool:
        """Whether one stands beside the other."""
        return pair_of(participant_id, representative_id) in self.representatives


def pair_of(participant_id: ParticipantId, representative_id: ParticipantId) -> Representation:
    """Who stands beside whom."""
    return Representation(participant_id=participant_id, representative_id=representative_id)
