"""A yes is confirmed, changed, or comes to its end; what was recorded by mistake is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contracts.common import EntryCorrected
from contracts.consent import Evidence, Purpose
from contracts.consent_review import ConsentExpired, ConsentReconfirmed, ConsentVaried
from contracts.envelope import Event
from contracts.fields import Role
from contracts.terms import Method
from kernel.decider import Context, Entry, Refused, Unmet, refuse_unless
from services.consent.domain.ledger import checks
from services.consent.domain.ledger import review_rules as rules
from services.consent.domain.ledger.commands import GiveConsent, in_order
from services.consent.domain.ledger.last_word import said_after_no
from services.consent.domain.ledger.practice import Practice
from services.consent.domain.ledger.quorum import live
from services.consent.domain.ledger.review_commands import (
    CorrectEntry,
    ExpireConsent,
    ReconfirmConsent,
    VaryConsent,
)
from services.consent.domain.ledger.state import Consent, Ledger


def confirm(
    practice: Practice, command: ReconfirmConsent | VaryConsent, ledger: Ledger, at: Context
) -> Event | Refused:
    """A confirmed yes is checked as it would be if it were said for the first time."""
    consent = ledger.consent(command.consent_id)
    if consent is None or at.now >= consent.valid_until:
        return Refused((_standing(),))
    said = _as_said(consent, command)
    added = tuple(one for one in said.methods if one not in consent.methods)
    refused = _refused(practice, ledger, said, added, at)
    return refused or _confirmed(practice, command, said, at.now)


def expire(command: ExpireConsent, ledger: Ledger, at: Context) -> Event | Refused:
    consent = ledger.consent(command.consent_id)
    if consent is None or at.now < consent.valid_until:
        return Refused((rules.ENDS_IN_ITS_TIME.unmet("nothing: it has ended, or stands"),))
    return ConsentExpired(
        consent_id=consent.consent_id,
        participant_id=consent.participant_id,
        methods=consent.methods,
        no_longer=tuple(_no_longer(consent, ledger, at.now)),
    )


def _no_longer(consent: Consent, ledger: Ledger, now: datetime) -> Iterator[Method]:
    """What another yes stands for goes on, and what was never one to taking part takes nothing."""
    who = ledger.participant(consent.participant_id)
    for method in consent.methods if Purpose.TAKE_PART in consent.purposes else ():
        if who is None or not live(ledger, who, method, now):
            yield method


def correct(command: CorrectEntry, ledger: Ledger, at: Context) -> Event | Refused:
    entry = at.entry(command.entry)
    if entry is None or entry.version not in {one.entry_version for one in ledger.informed}:
        return Refused((_no_mistake(),))
    return refuse_unless(_own(entry, at)) or EntryCorrected(
        entry=entry.id, entry_version=entry.version
    )


def _as_said(consent: Consent, command: ReconfirmConsent | VaryConsent) -> GiveConsent:
    varied = in_order(Method, command.methods) if isinstance(command, VaryConsent) else None
    return GiveConsent(
        happened_at=command.happened_at,
        participant_id=consent.participant_id,
        given_by=consent.given_by,
        methods=consent.methods if varied is None else varied,
        purposes=consent.purposes,
        evidence=Evidence.RECORDED,
        info_version=command.info_version,
        co_consent_id=consent.co_consent_id,
        valid_until=command.valid_until,
    )


def _refused(
    practice: Practice, ledger: Ledger, said: GiveConsent, added: tuple[Method, ...], at: Context
) -> Refused | None:
    """What stays had been said after every no to it; what is added is measured by the new word."""
    participant = ledger.participant(said.participant_id)
    if participant is None:
        return refuse_unless(checks.in_the_case(ledger, said.participant_id))
    return refuse_unless(
        *checks.still_good(practice, ledger, said, participant, at.now),
        said_after_no(ledger, said, added, at),
    )


def _confirmed(
    practice: Practice, command: ReconfirmConsent | VaryConsent, said: GiveConsent, now: datetime
) -> Event:
    kind = ConsentVaried if isinstance(command, VaryConsent) else ConsentReconfirmed
    return kind(
        consent_id=command.consent_id,
        participant_id=said.participant_id,
        methods=said.methods,
        info_version=said.info_version,
        valid_until=checks.end_of(practice, said, now),
        checked_at=said.checked_at(now),
    )


def _standing() -> Unmet:
    return rules.STANDING_ONLY.unmet("the id of a yes that stands, or a new yes")


def _no_mistake() -> Unmet:
    return rules.MISTAKES_ONLY.unmet("the id of an entry on information that still counts")


def _own(entry: Entry, at: Context) -> Unmet | None:
    actor = at.actor
    if actor.role is Role.SUPERVISOR or (entry.actor.id, entry.actor.org) == (actor.id, actor.org):
        return None
    return rules.OWN_MISTAKE.unmet("have whoever made the entry correct it, or a supervisor")
