"""What people agree on after an activity, and whether it is done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.common import CaseHoldNoted, EntryCorrected
from contracts.envelope import Event
from contracts.facilitation.aftercare import (
    AgreementClosed,
    AgreementItem,
    AgreementItemCompleted,
    AgreementItemMissed,
    AgreementItemVaried,
    ItemType,
    NoAgreement,
    OutcomeAgreementReached,
)
from contracts.facilitation.ids import AgreementId, ItemId
from contracts.fields import Role
from contracts.terms import Participant
from kernel.testing.spec import NOW, an_id, new_id
from services.facilitation.domain.case.agreement.commands import (
    CloseAgreement,
    CompleteItem,
    MissItem,
    ReachAgreement,
    RecordNoAgreement,
    Undertaking,
    VaryItem,
)
from tests.unit.facilitation.casework import (
    BOTH,
    DAY,
    OFFENDER,
    PARTY,
    SUPPORTER,
    VICTIM,
    given,
    ids,
    over,
    running,
)

AGREED = AgreementId(an_id("agreement"))
APOLOGY, REPAIR = ItemId(an_id("apology")), ItemId(an_id("repair"))
DUE = NOW + 30 * DAY
ON_HOLD = CaseHoldNoted(on_hold=True, referral_version=9)


def undertake(by: Participant = OFFENDER, **fields: Any) -> Undertaking:
    values: dict[str, Any] = {
        "type": ItemType.APOLOGY,
        "by": by.participant_id,
        "due_at": DUE,
        "proportionate": True,
    }
    return Undertaking(**values | fields)


def reach(*items: Undertaking, assented: Any = BOTH) -> ReachAgreement:
    return ReachAgreement(items=items or (undertake(),), assented=assented)


def item(item_id: ItemId, type_: ItemType = ItemType.APOLOGY) -> AgreementItem:
    return AgreementItem(item_id=item_id, type=type_, due_at=DUE, by=OFFENDER.participant_id)


REACHED = OutcomeAgreementReached(
    agreement_id=AGREED,
    items=(item(APOLOGY), item(REPAIR, ItemType.REPAIR)),
    all_assented=True,
)
COMPLETE = CompleteItem(agreement_id=AGREED, item_id=APOLOGY)
MISS = MissItem(agreement_id=AGREED, item_id=REPAIR)
COMPLETED = AgreementItemCompleted(agreement_id=AGREED, item_id=APOLOGY)
MISSED = AgreementItemMissed(agreement_id=AGREED, item_id=REPAIR)
CLOSE = CloseAgreement(agreement_id=AGREED)
CLOSED = AgreementClosed(agreement_id=AGREED, completed=1, items=2)


def vary(undertaking: Undertaking | None = None, assented: Any = BOTH) -> VaryItem:
    return VaryItem(
        agreement_id=AGREED,
        item_id=APOLOGY,
        undertaking=undertaking or undertake(),
        assented=assented,
    )


def test_an_agreement_is_reached_with_an_id_for_each_item() -> None:
    twice = reach(undertake(), undertake(VICTIM, type=ItemType.OTHER))
    after = given(*over()).by(Role.FACILITATOR).when(twice)
    after.then(
        OutcomeAgreementReached(
            agreement_id=AgreementId(new_id("agreement")),
            items=(
                item(ItemId(new_id("item 1"))),
                AgreementItem(
                    item_id=ItemId(new_id("item 2")),
                    type=ItemType.OTHER,
                    due_at=DUE,
                    by=VICTIM.participant_id,
                ),
            ),
            all_assented=True,
        )
    )


def test_what_has_no_date_is_due_in_90_days() -> None:
    (decided,) = given(*over()).by(Role.FACILITATOR).when(reach(undertake(due_at=None))).accepted()
    assert isinstance(decided, OutcomeAgreementReached)
    assert decided.items[0].due_at == NOW + 90 * DAY


def test_people_may_agree_on_nothing() -> None:
    given(*over()).by(Role.FACILITATOR).when(RecordNoAgreement()).then(NoAgreement())


@pytest.mark.rule("FAC-60")
def test_nothing_is_agreed_before_people_have_met() -> None:
    for command in (reach(), RecordNoAgreement()):
        given(*running()).by(Role.FACILITATOR).when(command).refused_by("FAC-60")


@pytest.mark.rule("FAC-61")
def test_nothing_is_agreed_or_changed_without_everybodys_assent() -> None:
    alone = ids(OFFENDER)
    given(*over()).by(Role.FACILITATOR).when(reach(assented=alone)).refused_by("FAC-61")
    given(*over(REACHED)).by(Role.FACILITATOR).when(vary(assented=alone)).refused_by("FAC-61")
    more = (*BOTH, SUPPORTER.participant_id)
    given(*over()).by(Role.FACILITATOR).when(reach(assented=more)).accepted()


@pytest.mark.rule("FAC-62")
def test_an_agreement_names_something_that_somebody_in_the_case_does() -> None:
    case = given(*over()).by(Role.FACILITATOR)
    case.when(ReachAgreement(items=(), assented=BOTH)).refused_by("FAC-62")
    case.when(reach(undertake(PARTY))).refused_by("FAC-62")


@pytest.mark.rule("FAC-63")
def test_what_is_undertaken_is_due_ahead() -> None:
    past = undertake(due_at=NOW)
    given(*over()).by(Role.FACILITATOR).when(reach(undertake(), past)).refused_by("FAC-63")
    given(*over(REACHED)).by(Role.FACILITATOR).when(vary(past)).refused_by("FAC-63")
    soon = undertake(due_at=NOW + timedelta(seconds=1))
    given(*over()).by(Role.FACILITATOR).when(reach(soon)).accepted()


@pytest.mark.rule("FAC-64")
def test_what_is_undertaken_is_proportionate() -> None:
    harsh = undertake(proportionate=False)
    given(*over()).by(Role.FACILITATOR).when(reach(undertake(), harsh)).refused_by("FAC-64")
    given(*over(REACHED)).by(Role.FACILITATOR).when(vary(harsh)).refused_by("FAC-64")


@pytest.mark.rule("FAC-65")
def test_a_case_has_one_open_agreement() -> None:
    for command in (reach(), RecordNoAgreement()):
        given(*over(REACHED)).by(Role.FACILITATOR).when(command).refused_by("FAC-65")
    after = over(REACHED, COMPLETED, MISSED, CLOSED)
    given(*after).by(Role.FACILITATOR).when(reach()).accepted()


def test_items_are_completed_missed_and_varied() -> None:
    case = given(*over(REACHED)).by(Role.FACILITATOR)
    case.when(COMPLETE).then(COMPLETED)
    case.when(MISS).then(MISSED)
    later = vary(undertake(type=ItemType.PAYMENT, due_at=DUE + DAY))
    after = case.when(later)
    after.then(
        AgreementItemVaried(
            agreement_id=AGREED,
            item_id=APOLOGY,
            type=ItemType.PAYMENT,
            due_at=DUE + DAY,
            by=OFFENDER.participant_id,
        )
    )
    assert after.state().agreements[AGREED].items[APOLOGY].type is ItemType.PAYMENT


def test_what_was_done_is_recorded_while_the_case_is_on_hold() -> None:
    case = given(*over(REACHED, ON_HOLD)).by(Role.FACILITATOR)
    case.when(COMPLETE).accepted()
    case.when(vary()).refused_by("FAC-03")


@pytest.mark.rule("FAC-66")
@pytest.mark.parametrize(
    "events", [(), (REACHED, COMPLETED, MISSED, CLOSED)], ids=["none", "closed"]
)
def test_only_items_of_an_open_agreement_are_seen_to(events: tuple[Event, ...]) -> None:
    for command in (COMPLETE, MISS, vary(), CLOSE):
        given(*over(*events)).by(Role.FACILITATOR).when(command).refused_by("FAC-66")


@pytest.mark.rule("FAC-66")
def test_an_item_of_another_agreement_is_not_known() -> None:
    unknown = COMPLETE.model_copy(update={"item_id": ItemId(an_id("unknown"))})
    given(*over(REACHED)).by(Role.FACILITATOR).when(unknown).refused_by("FAC-66")


@pytest.mark.rule("FAC-67")
def test_an_agreement_is_closed_when_every_item_was_seen_to() -> None:
    given(*over(REACHED, COMPLETED)).by(Role.FACILITATOR).when(CLOSE).refused_by("FAC-67")
    given(*over(REACHED, COMPLETED, MISSED)).by(Role.FACILITATOR).when(CLOSE).then(CLOSED)


def test_an_item_that_was_missed_and_done_after_all_counts_as_done() -> None:
    late = AgreementItemCompleted(agreement_id=AGREED, item_id=REPAIR)
    given(*over(REACHED, COMPLETED, MISSED, late)).by(Role.FACILITATOR).when(CLOSE).then(
        AgreementClosed(agreement_id=AGREED, completed=2, items=2)
    )


VARIED = AgreementItemVaried(
    agreement_id=AGREED,
    item_id=REPAIR,
    type=ItemType.PAYMENT,
    due_at=DUE + DAY,
    by=OFFENDER.participant_id,
)


@pytest.mark.rule("FAC-67")
def test_an_item_that_is_varied_is_to_be_seen_to_again() -> None:
    case = over(REACHED, COMPLETED, MISSED, VARIED)
    given(*case).by(Role.FACILITATOR).when(CLOSE).refused_by("FAC-67")
    again = given(*case, MISSED).by(Role.FACILITATOR).when(CLOSE)
    again.then(AgreementClosed(agreement_id=AGREED, completed=1, items=2))


@pytest.mark.rule("FAC-67")
def test_what_was_done_counts_no_longer_for_what_it_was_varied_to() -> None:
    done = AgreementItemCompleted(agreement_id=AGREED, item_id=REPAIR)
    case = given(*over(REACHED, COMPLETED, done, VARIED)).by(Role.FACILITATOR)
    case.when(CLOSE).refused_by("FAC-67")


@pytest.mark.rule("FAC-67")
def test_an_item_of_which_one_entry_was_a_mistake_is_seen_to_by_the_other() -> None:
    late = AgreementItemCompleted(agreement_id=AGREED, item_id=REPAIR)
    case = over(REACHED, COMPLETED, MISSED, late)
    mistaken = EntryCorrected(entry=an_id("entry"), entry_version=len(case) - 1)
    given(*case, mistaken).by(Role.FACILITATOR).when(CLOSE).then(
        AgreementClosed(agreement_id=AGREED, completed=2, items=2)
    )


@pytest.mark.rule("FAC-04")
def test_outcomes_are_recorded_by_the_team() -> None:
    for command in (reach(), RecordNoAgreement()):
        given(*over()).when(command).refused_by("FAC-04")
    for another in (COMPLETE, vary()):
        given(*over(REACHED)).when(another).refused_by("FAC-04")
    given(*over(REACHED, COMPLETED, MISSED)).when(CLOSE).refused_by("FAC-04")
