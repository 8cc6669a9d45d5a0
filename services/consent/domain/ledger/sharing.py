"""With whom something may be shared: agreed to one kind of recipient at a time."""

from __future__ import annotations

from contracts.consent_review import SharedData, SharingConsentGiven, SharingConsentWithdrawn
from contracts.envelope import Event
from kernel.decider import Refused, Unmet, refuse_unless
from services.consent.domain.ledger import checks, review_rules, rules
from services.consent.domain.ledger.commands import in_order
from services.consent.domain.ledger.quorum import is_child
from services.consent.domain.ledger.review_commands import (
    GiveSharingConsent,
    WithdrawSharingConsent,
)
from services.consent.domain.ledger.state import Ledger


def give_sharing(command: GiveSharingConsent, ledger: Ledger) -> Event | Refused:
    refused = refuse_unless(
        checks.still_open(ledger),
        checks.in_the_case(ledger, command.participant_id),
        _one_recipient(command),
        _informed(command, ledger),
        _capacity(command, ledger),
        _child(command, ledger),
    )
    return refused or SharingConsentGiven(
        participant_id=command.participant_id,
        recipient=command.recipients[0],
        data=in_order(SharedData, command.data),
        representative_id=command.representative_id,
    )


def withdraw_sharing(command: WithdrawSharingConsent) -> Event:
    """A no is always taken."""
    return SharingConsentWithdrawn(
        participant_id=command.participant_id, recipient=command.recipient
    )


def _one_recipient(command: GiveSharingConsent) -> Unmet | None:
    if len(set(command.recipients)) == 1 and command.data:
        return None
    return review_rules.ONE_RECIPIENT.unmet("one recipient, and what is shared with it")


def _informed(command: GiveSharingConsent, ledger: Ledger) -> Unmet | None:
    if ledger.was_informed(command.participant_id, command.info_version):
        return None
    return rules.INFORMED_FIRST.unmet("inform whoever says yes, and record it")


def _capacity(command: GiveSharingConsent, ledger: Ledger) -> Unmet | None:
    if command.participant_id not in ledger.lacking:
        return None
    return rules.NOBODY_FOR_THEM.unmet("a later record that they can decide, with support")


def _child(command: GiveSharingConsent, ledger: Ledger) -> Unmet | None:
    who, beside = ledger.participant(command.participant_id), command.representative_id
    if who is None or not is_child(who):
        return None
    if beside and ledger.represents(beside, who.participant_id):
        return None
    return rules.CHILD_WITH_REPRESENTATIVE.unmet("the appointed representative, who agrees too")
