"""What stands in the way of an agreement, or of what becomes of it: one small check per rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contracts.facilitation.aftercare import AgreementItemCompleted, AgreementItemMissed
from contracts.facilitation.ids import AgreementId, ItemId
from contracts.fields import ParticipantId
from contracts.terms import ParticipantRole
from kernel.decider import Unmet
from services.facilitation.domain.case.agreement import rules
from services.facilitation.domain.case.agreement.commands import Undertaking
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case

MAIN = frozenset({ParticipantRole.VICTIM, ParticipantRole.OFFENDER, ParticipantRole.PARTY})


def after_an_activity(case: Case) -> Unmet | None:
    if any(one.completed for one in case.activities.values()):
        return None
    return rules.AFTER_AN_ACTIVITY.unmet("a meeting that was held, or something delivered")


def all_assent(case: Case, assented: tuple[ParticipantId, ...]) -> Unmet | None:
    wanted = {one.participant_id for one in case.participants if one.role in MAIN}
    if wanted <= set(assented):
        return None
    return rules.ALL_ASSENT.unmet("the assent of every victim, offender and party")


def undertakings(case: Case, at: At, items: tuple[Undertaking, ...]) -> Iterator[Unmet | None]:
    """Everything that what is undertaken is checked against."""
    yield _something(case, items)
    yield _due_ahead(at, items)
    yield _proportionate(items)


def _something(case: Case, items: tuple[Undertaking, ...]) -> Unmet | None:
    if items and all(case.participant(one.by) for one in items):
        return None
    return rules.SOMETHING_TO_DO.unmet("at least one item, each by somebody in the case")


def due(at: At, item: Undertaking) -> datetime:
    """As said, or as is usual."""
    return item.due_at or at.now + at.practice.item_due


def _due_ahead(at: At, items: tuple[Undertaking, ...]) -> Unmet | None:
    if all(due(at, one) > at.now for one in items):
        return None
    return rules.DUE_AHEAD.unmet("a due date after now, for each item")


def _proportionate(items: tuple[Undertaking, ...]) -> Unmet | None:
    if all(one.proportionate for one in items):
        return None
    return rules.PROPORTIONATE.unmet("items that are fair, and no more than the harm asks for")


def one_at_a_time(case: Case) -> Unmet | None:
    if all(one.closed for one in case.agreements.values()):
        return None
    return rules.ONE_AT_A_TIME.unmet("vary the open agreement, or close it first")


def open_item(case: Case, agreement_id: AgreementId, item_id: ItemId) -> Unmet | None:
    agreement = case.agreements.get(agreement_id)
    if agreement and not agreement.closed and item_id in agreement.items:
        return None
    return rules.OPEN_ITEM.unmet("the ids of an open agreement and of an item of it")


def open_agreement(case: Case, agreement_id: AgreementId) -> Unmet | None:
    agreement = case.agreements.get(agreement_id)
    if agreement and not agreement.closed:
        return None
    return rules.OPEN_ITEM.unmet("the id of an open agreement")


def items_seen_to(case: Case, agreement_id: AgreementId) -> Unmet | None:
    agreement = case.agreements.get(agreement_id)
    waiting = agreement.items.keys() - outcomes(case, agreement_id).keys() if agreement else ()
    if not waiting:
        return None
    return rules.ITEMS_SEEN_TO.unmet(f"what became of {len(waiting)} more")


def outcomes(case: Case, agreement_id: AgreementId) -> dict[ItemId, bool]:
    """What was said last of each item that was seen to since it was varied: if it was completed."""
    said = [
        *((version, one.item_id, True) for version, one in _completed(case, agreement_id)),
        *((version, one.item_id, False) for version, one in _missed(case, agreement_id)),
    ]
    return {item_id: done for _, item_id, done in sorted(said)}


def _completed(
    case: Case, agreement_id: AgreementId
) -> Iterator[tuple[int, AgreementItemCompleted]]:
    found = case.entered(AgreementItemCompleted)
    return (one for one in found if one[1].agreement_id == agreement_id)


def _missed(case: Case, agreement_id: AgreementId) -> Iterator[tuple[int, AgreementItemMissed]]:
    found = case.entered(AgreementItemMissed)
    return (one for one in found if one[1].agreement_id == agreement_id)
