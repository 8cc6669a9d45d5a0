"""A no is recorded with what it ends for others: the children whose yes rests on the giver's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from contracts.consent import ConsentDeclined, ConsentWithdrawn
from contracts.fields import ParticipantId
from contracts.terms import Method, Participant, YesEnded
from services.consent.domain.ledger.commands import (
    EVERY_METHOD,
    DeclineConsent,
    WithdrawConsent,
    in_order,
)
from services.consent.domain.ledger.fold import evolve
from services.consent.domain.ledger.quorum import is_child, live
from services.consent.domain.ledger.state import Ledger

N = TypeVar("N", ConsentDeclined, ConsentWithdrawn)


def declined(command: DeclineConsent, ledger: Ledger, now: datetime) -> ConsentDeclined:
    """Never refused."""
    no = ConsentDeclined(
        participant_id=command.participant_id,
        methods=_named(command.methods),
        reason=command.reason,
    )
    return _for_others_too(no, ledger, now)


def withdrawn(command: WithdrawConsent, ledger: Ledger, now: datetime) -> ConsentWithdrawn:
    """Never refused."""
    no = ConsentWithdrawn(
        participant_id=command.participant_id,
        methods=_named(command.methods),
        channel=command.channel,
    )
    return _for_others_too(no, ledger, now)


def _named(methods: tuple[Method, ...]) -> tuple[Method, ...]:
    """A no that names no method is a no to every one: never less than was meant."""
    return in_order(Method, methods) or EVERY_METHOD


def _for_others_too(no: N, ledger: Ledger, now: datetime) -> N:
    """Said of supporters too: no quorum tells the case that their yes is gone."""
    after = evolve(ledger, no)
    ended = (
        YesEnded(participant_id=child.participant_id, methods=methods)
        for child in _children_beside(after, no.participant_id)
        if (methods := tuple(one for one in no.methods if not live(after, child, one, now)))
    )
    return no.model_copy(update={"also_ends": tuple(ended)})


def _children_beside(ledger: Ledger, representative_id: ParticipantId) -> Iterator[Participant]:
    for one in ledger.representatives:
        who = ledger.participant(one.participant_id)
        if one.representative_id == representative_id and who and is_child(who):
            yield who
