"""How each event changes what a consent ledger knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never, cast

from contracts.common import (
    CaseClosureNoted,
    CaseHoldNoted,
    EntryCorrected,
    ParticipantsNoted,
    TeamNoted,
)
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    ConsentDeclined,
    ConsentGiven,
    ConsentInformationProvided,
    ConsentLedgerOpened,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    RepresentativeAppointed,
    RepresentativeEnded,
)
from contracts.consent_clearance import ActivityCleared
from contracts.consent_review import (
    ConsentExpired,
    ConsentReconfirmed,
    ConsentVaried,
    SharingConsentGiven,
    SharingConsentWithdrawn,
)
from contracts.envelope import Event
from contracts.fields import ParticipantId
from contracts.terms import Method, Participant
from services.consent.domain.ledger.state import (
    Consent,
    Informed,
    Ledger,
    No,
    Representation,
    pair_of,
)

LedgerEvent = (
    ConsentLedgerOpened
    | ParticipantsNoted
    | CaseHoldNoted
    | CaseClosureNoted
    | TeamNoted
    | EntryCorrected
    | ConsentInformationProvided
    | CapacityRecorded
    | RepresentativeAppointed
    | RepresentativeEnded
    | ConsentGiven
    | ConsentDeclined
    | ConsentWithdrawn
    | ConsentReconfirmed
    | ConsentVaried
    | ConsentExpired
    | SharingConsentGiven
    | SharingConsentWithdrawn
    | ActivityCleared
    | ConsentQuorumReached
    | ConsentQuorumLost
)


def evolve(ledger: Ledger, event: Event) -> Ledger:
    """The ledger after an event."""
    counted = ledger.model_copy(update={"version": ledger.version + 1})
    return counted.model_copy(update=_changed(counted, cast("LedgerEvent", event)))


def _changed(ledger: Ledger, event: LedgerEvent) -> dict[str, object]:
    match event:
        case ConsentLedgerOpened():
            parties = {"controller": event.controller, "organisation": event.organisation}
            return parties | _with(ledger, event.participants)
        case ParticipantsNoted():
            return _with(ledger, event.participants)
        case CaseHoldNoted():
            return {"on_hold": event.on_hold}
        case CaseClosureNoted():
            return {"closed": True}
        case TeamNoted():
            return {"team": _latest(ledger.team, event)}
        case EntryCorrected():
            return _not_informed(ledger, event.entry_version)
        case ConsentInformationProvided():
            return {"informed": (*ledger.informed, _told(ledger, event))}
        case CapacityRecorded():
            return _judged(ledger, event)
        case RepresentativeAppointed():
            pair = pair_of(event.participant_id, event.representative_id)
            return {"representatives": (*_others(ledger, pair), pair)}
        case RepresentativeEnded():
            return _unrepresented(ledger, pair_of(event.participant_id, event.representative_id))
        case ConsentGiven():
            return {"consents": (*ledger.consents, _consent(event))}
        case ConsentDeclined() | ConsentWithdrawn():
            return _refusing(ledger, event.participant_id, event.methods)
        case ConsentReconfirmed() | ConsentVaried():
            return {"consents": tuple(_confirmed(one, event) for one in ledger.consents)}
        case ConsentExpired():
            return {"consents": _keep(ledger, lambda one: one.consent_id != event.consent_id)}
        case SharingConsentGiven() | SharingConsentWithdrawn() | ActivityCleared():
            return {}
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


def _latest(known: TeamNoted | None, said: TeamNoted) -> TeamNoted:
    """A note that was held up says how the team was before."""
    return max(filter(None, (known, said)), key=lambda one: one.facilitation_version)


def _told(ledger: Ledger, event: ConsentInformationProvided) -> Informed:
    return Informed(
        entry_version=ledger.version,
        participant_id=event.participant_id,
        info_version=event.info_version,
    )


def _not_informed(ledger: Ledger, entry_version: int) -> dict[str, object]:
    """A yes that rested on what did not happen falls with it."""
    informed = tuple(one for one in ledger.informed if one.entry_version != entry_version)
    left = ledger.model_copy(update={"informed": informed})
    kept = _keep(ledger, lambda one: left.was_informed(one.given_by, one.info_version))
    return {"informed": informed, "consents": kept}


def _confirmed(consent: Consent, event: ConsentReconfirmed | ConsentVaried) -> Consent:
    if consent.consent_id != event.consent_id:
        return consent
    said = ("methods", "info_version", "valid_until", "checked_at")
    return consent.model_copy(update={name: getattr(event, name) for name in said})


def _judged(ledger: Ledger, event: CapacityRecorded) -> dict[str, object]:
    others = tuple(one for one in ledger.lacking if one != event.participant_id)
    if event.result is not Capacity.LACKS_CAPACITY:
        return {"lacking": others}
    free = _keep(ledger, lambda one: event.participant_id not in {one.participant_id, one.given_by})
    noes = _noes(ledger, event.participant_id, tuple(Method))
    return {"lacking": (*others, event.participant_id), "consents": free, "noes": noes}


def _others(ledger: Ledger, pair: Representation) -> tuple[Representation, ...]:
    return tuple(one for one in ledger.representatives if one != pair)


def _unrepresented(ledger: Ledger, pair: Representation) -> dict[str, object]:
    kept = _keep(ledger, lambda one: pair_of(one.participant_id, one.given_by) != pair)
    return {"representatives": _others(ledger, pair), "consents": kept}


def _consent(event: ConsentGiven) -> Consent:
    return Consent(**{name: getattr(event, name) for name in Consent.model_fields})


def _refusing(
    ledger: Ledger, participant_id: ParticipantId, methods: tuple[Method, ...]
) -> dict[str, object]:
    """A child's no also ends what was said for them; a representative's, what they said."""
    left = (
        _without(one, methods) if participant_id in {one.participant_id, one.given_by} else one
        for one in ledger.consents
    )
    return {
        "consents": tuple(one for one in left if one.methods),
        "noes": _noes(ledger, participant_id, methods),
    }


def _noes(
    ledger: Ledger, participant_id: ParticipantId, methods: tuple[Method, ...]
) -> tuple[No, ...]:
    said = No(entry_version=ledger.version, participant_id=participant_id, methods=methods)
    return (*ledger.noes, said)


def _without(consent: Consent, methods: tuple[Method, ...]) -> Consent:
    kept = tuple(one for one in consent.methods if one not in methods)
    return consent.model_copy(update={"methods": kept})


def _keep(ledger: Ledger, stays: Callable[[Consent], bool]) -> tuple[Consent, ...]:
    return tuple(one for one in ledger.consents if stays(one))
