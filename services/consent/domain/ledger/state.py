"""What a consent ledger knows of its case, and how each event changes that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import assert_never, cast

from contracts.common import ParticipantsNoted
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    ConsentDeclined,
    ConsentGiven,
    ConsentId,
    ConsentInformationProvided,
    ConsentLedgerOpened,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    Purpose,
    RepresentativeAppointed,
    RepresentativeEnded,
)
from contracts.envelope import Event
from contracts.fields import OrganisationId, ParticipantId
from contracts.terms import Method, Participant
from kernel.decider import State

LedgerEvent = (
    ConsentLedgerOpened
    | ParticipantsNoted
    | ConsentInformationProvided
    | CapacityRecorded
    | RepresentativeAppointed
    | RepresentativeEnded
    | ConsentGiven
    | ConsentDeclined
    | ConsentWithdrawn
    | ConsentQuorumReached
    | ConsentQuorumLost
)


class Consent(State):
    """A yes that nobody has taken back; its methods shrink when some of them are."""

    consent_id: ConsentId
    participant_id: ParticipantId
    given_by: ParticipantId
    methods: tuple[Method, ...]
    purposes: tuple[Purpose, ...]
    valid_until: datetime
    checked_at: datetime
    """When it was said, or confirmed, last."""
    co_consent_id: ConsentId | None

    def covers(self, method: Method, now: datetime) -> bool:
        """Whether this yes, alone, is one to taking part by this method now."""
        return (
            method in self.methods and Purpose.TAKE_PART in self.purposes and now < self.valid_until
        )


class Representation(State):
    """Who stands beside whom."""

    participant_id: ParticipantId
    representative_id: ParticipantId


class Ledger(State):
    """The consents of one case."""

    controller: OrganisationId | None = None
    organisation: OrganisationId | None = None
    participants: tuple[Participant, ...] = ()
    informed: Mapping[ParticipantId, tuple[int, ...]] = {}
    lacking: tuple[ParticipantId, ...] = ()
    representatives: tuple[Representation, ...] = ()
    consents: tuple[Consent, ...] = ()
    quorum: Mapping[Method, tuple[ParticipantId, ...]] = {}

    def participant(self, participant_id: ParticipantId) -> Participant | None:
        """Who is in the case under this id."""
        found = (one for one in self.participants if one.participant_id == participant_id)
        return next(found, None)

    def represents(self, representative_id: ParticipantId, participant_id: ParticipantId) -> bool:
        """Whether one stands beside the other."""
        return _pair(participant_id, representative_id) in self.representatives


def evolve(ledger: Ledger, event: Event) -> Ledger:
    """The ledger after an event."""
    return ledger.model_copy(update=_changed(ledger, cast("LedgerEvent", event)))


def _changed(ledger: Ledger, event: LedgerEvent) -> dict[str, object]:
    match event:
        case ConsentLedgerOpened():
            parties = {"controller": event.controller, "organisation": event.organisation}
            return parties | _with(ledger, event.participants)
        case ParticipantsNoted():
            return _with(ledger, event.participants)
        case ConsentInformationProvided():
            return {"informed": _told(ledger, event)}
        case CapacityRecorded():
            return _judged(ledger, event)
        case RepresentativeAppointed():
            pair = _pair(event.participant_id, event.representative_id)
            return {"representatives": (*_others(ledger, pair), pair)}
        case RepresentativeEnded():
            return _unrepresented(ledger, _pair(event.participant_id, event.representative_id))
        case ConsentGiven():
            return {"consents": (*ledger.consents, _consent(event))}
        case ConsentDeclined() | ConsentWithdrawn():
            return {"consents": _taken_back(ledger, event.participant_id, event.methods)}
        case ConsentQuorumReached():
            return {"quorum": {**ledger.quorum, event.method: event.participants}}
        case ConsentQuorumLost():
            kept = {one: who for one, who in ledger.quorum.items() if one != event.method}
            return {"quorum": kept}
        case _:
            assert_never(event)


def _with(ledger: Ledger, participants: tuple[Participant, ...]) -> dict[str, object]:
    """Whoever leaves takes their consents along: should they come back, they are asked again."""
    here = {one.participant_id for one in participants}
    return {
        "participants": participants,
        "consents": _keep(ledger, lambda one: {one.participant_id, one.given_by} <= here),
        "representatives": tuple(
            one
            for one in ledger.representatives
            if {one.participant_id, one.representative_id} <= here
        ),
    }


def _told(
    ledger: Ledger, event: ConsentInformationProvided
) -> dict[ParticipantId, tuple[int, ...]]:
    known = frozenset(ledger.informed.get(event.participant_id, ()))
    return {**ledger.informed, event.participant_id: tuple(sorted(known | {event.info_version}))}


def _judged(ledger: Ledger, event: CapacityRecorded) -> dict[str, object]:
    others = tuple(one for one in ledger.lacking if one != event.participant_id)
    if event.result is not Capacity.LACKS_CAPACITY:
        return {"lacking": others}
    free = _keep(ledger, lambda one: event.participant_id not in {one.participant_id, one.given_by})
    return {"lacking": (*others, event.participant_id), "consents": free}


def _pair(participant_id: ParticipantId, representative_id: ParticipantId) -> Representation:
    return Representation(participant_id=participant_id, representative_id=representative_id)


def _others(ledger: Ledger, pair: Representation) -> tuple[Representation, ...]:
    return tuple(one for one in ledger.representatives if one != pair)


def _unrepresented(ledger: Ledger, pair: Representation) -> dict[str, object]:
    kept = _keep(ledger, lambda one: _pair(one.participant_id, one.given_by) != pair)
    return {"representatives": _others(ledger, pair), "consents": kept}


def _consent(event: ConsentGiven) -> Consent:
    return Consent(**{name: getattr(event, name) for name in Consent.model_fields})


def _taken_back(
    ledger: Ledger, participant_id: ParticipantId, methods: tuple[Method, ...]
) -> tuple[Consent, ...]:
    """A child's no also ends what the representative consented to for them."""
    left = (
        _without(one, methods) if one.participant_id == participant_id else one
        for one in ledger.consents
    )
    return tuple(one for one in left if one.methods)


def _without(consent: Consent, methods: tuple[Method, ...]) -> Consent:
    kept = tuple(one for one in consent.methods if one not in methods)
    return consent.model_copy(update={"methods": kept})


def _keep(ledger: Ledger, stays: Callable[[Consent], bool]) -> tuple[Consent, ...]:
    return tuple(one for one in ledger.consents if stays(one))
