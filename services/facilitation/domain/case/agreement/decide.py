"""What people agree on, and what becomes of it."""

from __future__ import annotations

from typing import assert_never

from contracts.facilitation.aftercare import (
    AgreementClosed,
    AgreementItem,
    AgreementItemCompleted,
    AgreementItemMissed,
    AgreementItemVaried,
    NoAgreement,
    OutcomeAgreementReached,
)
from contracts.facilitation.ids import AgreementId, ItemId
from kernel.decider import Decision, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.agreement import checks
from services.facilitation.domain.case.agreement.commands import (
    AgreementCommand,
    CloseAgreement,
    CompleteItem,
    MissItem,
    ReachAgreement,
    RecordNoAgreement,
    Undertaking,
    VaryItem,
)
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case


def decide_agreement(command: AgreementCommand, case: Case, at: At) -> Decision:
    """One small function per command."""
    match command:
        case ReachAgreement():
            return _reach(command, case, at)
        case RecordNoAgreement():
            return _none(case, at)
        case CompleteItem() | MissItem():
            return _seen_to(command, case, at)
        case VaryItem():
            return _vary(command, case, at)
        case CloseAgreement():
            return _close(command, case, at)
        case _:
            assert_never(command)


def _reach(command: ReachAgreement, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned(case, at),
        checks.after_an_activity(case),
        checks.one_at_a_time(case),
        checks.all_assent(case, command.assented),
        *checks.undertakings(case, at, command.items),
    )
    return refused or [
        OutcomeAgreementReached(
            agreement_id=AgreementId(at.new_id("agreement")),
            items=tuple(_item(at, n, one) for n, one in enumerate(command.items, 1)),
            all_assented=True,
        )
    ]


def _item(at: At, number: int, wanted: Undertaking) -> AgreementItem:
    return AgreementItem(
        item_id=ItemId(at.new_id(f"item {number}")),
        type=wanted.type,
        due_at=checks.due(at, wanted),
        by=wanted.by,
    )


def _none(case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned(case, at),
        checks.after_an_activity(case),
        checks.one_at_a_time(case),
    )
    return refused or [NoAgreement()]


def _seen_to(command: CompleteItem | MissItem, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.assigned(case, at), checks.open_item(case, command.agreement_id, command.item_id)
    )
    kind = AgreementItemCompleted if isinstance(command, CompleteItem) else AgreementItemMissed
    return refused or [kind(agreement_id=command.agreement_id, item_id=command.item_id)]


def _vary(command: VaryItem, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned(case, at),
        checks.open_item(case, command.agreement_id, command.item_id),
        checks.all_assent(case, command.assented),
        *checks.undertakings(case, at, (command.undertaking,)),
    )
    return refused or [
        AgreementItemVaried(
            agreement_id=command.agreement_id,
            item_id=command.item_id,
            type=command.undertaking.type,
            due_at=checks.due(at, command.undertaking),
            by=command.undertaking.by,
        )
    ]


def _close(command: CloseAgreement, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.assigned(case, at),
        checks.open_agreement(case, command.agreement_id),
        checks.items_seen_to(case, command.agreement_id),
    )
    outcomes = checks.outcomes(case, command.agreement_id)
    return refused or [
        AgreementClosed(
            agreement_id=command.agreement_id,
            completed=sum(outcomes.values()),
            items=len(outcomes),
        )
    ]
