"""How the agreements of a case change."""

from __future__ import annotations

from typing import assert_never

from contracts.envelope import Event
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
from services.facilitation.domain.case.parts import Agreement, Entry
from services.facilitation.domain.case.state import Case, entered

AgreementEvent = (
    OutcomeAgreementReached
    | NoAgreement
    | AgreementItemCompleted
    | AgreementItemMissed
    | AgreementItemVaried
    | AgreementClosed
)


def agreed(case: Case, event: AgreementEvent) -> dict[str, object]:
    """What changes."""
    match event:
        case OutcomeAgreementReached():
            items = {one.item_id: one for one in event.items}
            return _with(case, event.agreement_id, Agreement(items=items))
        case NoAgreement():
            return {}
        case AgreementItemCompleted() | AgreementItemMissed():
            return entered(case, event)
        case AgreementItemVaried():
            agreement = case.agreements[event.agreement_id]
            items = {**agreement.items, event.item_id: _varied(event)}
            varied = agreement.model_copy(update={"items": items})
            return {**_with(case, event.agreement_id, varied), "entries": _reopened(case, event)}
        case AgreementClosed():
            agreement = case.agreements[event.agreement_id]
            return _with(case, event.agreement_id, agreement.model_copy(update={"closed": True}))
        case _:
            assert_never(event)


def _with(case: Case, agreement_id: AgreementId, agreement: Agreement) -> dict[str, object]:
    return {"agreements": {**case.agreements, agreement_id: agreement}}


def _reopened(case: Case, event: AgreementItemVaried) -> tuple[Entry, ...]:
    """What became of the item as it was says nothing of what it is now."""
    return tuple(one for one in case.entries if not _sees_to(one.event, event.item_id))


def _sees_to(event: Event, item_id: ItemId) -> bool:
    if not isinstance(event, AgreementItemCompleted | AgreementItemMissed):
        return False
    return event.item_id == item_id


def _varied(event: AgreementItemVaried) -> AgreementItem:
    return AgreementItem(**{name: getattr(event, name) for name in AgreementItem.model_fields})
