"""A no is the last word until a yes is said after it, whenever that yes comes to be recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from contracts.terms import Method
from kernel.decider import Context, Unmet
from services.consent.domain.ledger import rules
from services.consent.domain.ledger.commands import GiveConsent
from services.consent.domain.ledger.state import Ledger


def said_after_no(
    ledger: Ledger, command: GiveConsent, methods: Sequence[Method], at: Context
) -> Unmet | None:
    """Whether a yes that begins to cover these methods was said after each no to one of them.

    One without a date is said as it is recorded, after all that the stream holds.
    """
    last = max(_moments(ledger, command, methods, at), default=None)
    if command.happened_at is None or last is None or command.checked_at(at.now) > last:
        return None
    return rules.AFTER_THE_LAST_NO.unmet(
        f"a yes that was said after {last.isoformat()}: ask them again, and record what they say"
    )


def _moments(
    ledger: Ledger, command: GiveConsent, methods: Sequence[Method], at: Context
) -> Iterator[datetime]:
    """When each no was said by the giver, or by whom the yes is for."""
    people = {command.giver, command.participant_id}
    places = {
        one.entry_version
        for one in ledger.noes
        if one.participant_id in people and not set(one.methods).isdisjoint(methods)
    }
    return (one.happened_at for one in at.entries if one.version in places)
