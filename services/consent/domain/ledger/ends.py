"""A yes that ends without a no is named with what ends it: no quorum hangs on a supporter's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from contracts.common import EntryCorrected, ParticipantsNoted
from contracts.consent import CapacityRecorded, RepresentativeEnded
from contracts.consent_review import ConsentVaried
from contracts.envelope import Event
from contracts.terms import Method, Participant, YesEnded
from services.consent.domain.ledger.fold import evolve
from services.consent.domain.ledger.quorum import live, standing
from services.consent.domain.ledger.state import Consent, Ledger

ENDING = (CapacityRecorded, RepresentativeEnded, ConsentVaried, EntryCorrected, ParticipantsNoted)
"""By what a yes ends, beside a no and its own end, which say for themselves what they end."""
# A yes past its end that nobody has noted yet is named too: its own end would find nothing left.
WHENEVER = datetime.min.replace(tzinfo=UTC)


def naming_what_ends(event: Event, ledger: Ledger, now: datetime) -> Event:
    """The same event, with whose yes to what falls away by it."""
    if not isinstance(event, ENDING):
        return event
    return event.model_copy(update={"ends": tuple(_ended(ledger, evolve(ledger, event), now))})


def _ended(before: Ledger, after: Ledger, now: datetime) -> Iterator[YesEnded]:
    for who in before.participants:
        methods = tuple(one for one in Method if _falls_away(before, after, who, one, now))
        if methods:
            yield YesEnded(participant_id=who.participant_id, methods=methods)


def _falls_away(
    before: Ledger, after: Ledger, who: Participant, method: Method, now: datetime
) -> bool:
    """Whether a yes that somebody had is gone, and none stands now."""
    here = after.participant(who.participant_id)
    if here and live(after, here, method, now):
        return False
    return bool(_yeses(before, who, method) - _yeses(after, here, method))


def _yeses(
    ledger: Ledger, who: Participant | None, method: Method
) -> frozenset[tuple[Consent, ...]]:
    return frozenset(standing(ledger, who, method, WHENEVER)) if who else frozenset()
