"""Whether everybody who has to agrees to a method: computed from the consents, at a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from contracts.consent import ConsentId, ConsentQuorumLost, ConsentQuorumReached
from contracts.envelope import Event
from contracts.fields import ParticipantId
from contracts.terms import AgeBand, Method, Participant, ParticipantRole
from services.consent.domain.ledger.state import Consent, Ledger

REQUIRED = frozenset({ParticipantRole.VICTIM, ParticipantRole.OFFENDER, ParticipantRole.PARTY})
# Somebody whose age is not known is protected as a child until it is.
CHILD = frozenset({AgeBand.UNDER_10, AgeBand.FROM_10_TO_15, AgeBand.UNKNOWN})


def is_child(participant: Participant) -> bool:
    """Whether somebody consents only together with a representative."""
    return participant.age_band in CHILD


def side(participant: Participant) -> ParticipantRole | UUID:
    """Victims stand on one side, offenders on another; in a dispute each party is its own."""
    if participant.role is ParticipantRole.PARTY:
        return participant.participant_id
    return participant.role


def required(participants: Sequence[Participant]) -> tuple[Participant, ...]:
    """Whose consent every method needs."""
    people = (one for one in participants if one.role in REQUIRED)
    return tuple(sorted(people, key=lambda one: one.participant_id))


def beside(
    ledger: Ledger, participant_id: ParticipantId, co_consent_id: ConsentId | None
) -> Consent | None:
    """The yes of a representative of this participant under this id, if it still stands."""
    return next(
        (
            one
            for one in ledger.consents
            if one.consent_id == co_consent_id
            and one.participant_id == participant_id != one.given_by
        ),
        None,
    )


def standing(
    ledger: Ledger, participant: Participant, method: Method, now: datetime
) -> Iterator[tuple[Consent, ...]]:
    """Each own yes to a method that stands now; a child's together with the one beside it."""
    for one in ledger.consents:
        if one.participant_id == one.given_by == participant.participant_id:
            other = _helping(ledger, one) if is_child(participant) else ()
            pair = (one, *other)
            if (other or not is_child(participant)) and all(
                yes.covers(method, now) for yes in pair
            ):
                yield pair


def _helping(ledger: Ledger, consent: Consent) -> tuple[Consent, ...]:
    other = beside(ledger, consent.participant_id, consent.co_consent_id)
    return (other,) if other else ()


def live(ledger: Ledger, participant: Participant, method: Method, now: datetime) -> bool:
    """Whether somebody's own yes to a method stands now."""
    return any(standing(ledger, participant, method, now))


def quorums(ledger: Ledger, now: datetime) -> dict[Method, tuple[ParticipantId, ...]]:
    """The methods to which everybody required, from two sides at least, says yes now."""
    people = required(ledger.participants)
    if len({side(one) for one in people}) < 2:
        return {}
    ids = tuple(one.participant_id for one in people)
    return {way: ids for way in Method if all(live(ledger, one, way, now) for one in people)}


def quorum_changes(ledger: Ledger, now: datetime) -> list[Event]:
    """What there is to say so that the stream says what is true now."""
    said, true = ledger.quorum, quorums(ledger, now)
    lost = (
        ConsentQuorumLost(method=m, participants=said[m]) for m in Method if m in said.keys() - true
    )
    return [*lost, *(_reached(m, true[m]) for m in Method if m in true and said.get(m) != true[m])]


def _reached(method: Method, participants: tuple[ParticipantId, ...]) -> Event:
    return ConsentQuorumReached(method=method, participants=participants)
