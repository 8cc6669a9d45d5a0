"""How letters and messages of a case change."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from contracts.facilitation.exchange import (
    LetterDelivered,
    LetterDrafted,
    LetterRefused,
    LetterReviewed,
    LetterStopped,
    MessageRelayed,
)
from contracts.facilitation.ids import LetterId
from contracts.terms import ActivityId
from services.facilitation.domain.case.parts import Activity, Letter, LetterStanding
from services.facilitation.domain.case.state import Case, entered

ExchangeEvent = (
    LetterDrafted
    | LetterReviewed
    | LetterDelivered
    | LetterRefused
    | LetterStopped
    | MessageRelayed
)


def exchanged(case: Case, event: ExchangeEvent) -> dict[str, object]:
    """What changes."""
    match event:
        case LetterDrafted():
            return {"letters": {**case.letters, event.letter_id: _drafted(event)}}
        case LetterReviewed():
            return entered(case, event)
        case LetterDelivered():
            letter = _is(case, event.letter_id, LetterStanding.DELIVERED)
            return {**letter, **_done(case, event, event.letter_id)}
        case LetterRefused():
            return _is(case, event.letter_id, LetterStanding.REFUSED)
        case LetterStopped():
            return _is(case, event.letter_id, LetterStanding.STOPPED)
        case MessageRelayed():
            return _done(case, event, event.message_id)
        case _:
            assert_never(event)


def _drafted(event: LetterDrafted) -> Letter:
    return Letter(method=event.method, sender=event.sender, recipient=event.recipient)


def _is(case: Case, letter_id: LetterId, standing: LetterStanding) -> dict[str, object]:
    letter = case.letters[letter_id].model_copy(update={"standing": standing})
    return {"letters": {**case.letters, letter_id: letter}}


def _done(case: Case, event: LetterDelivered | MessageRelayed, own: UUID) -> dict[str, object]:
    activity = Activity(
        activity_id=ActivityId(own),
        method=event.method,
        attendees=event.attendees,
        agreed_by=case.quorum.get(event.method, ()),
        clearance_id=event.cleared_by,
        completed=True,
    )
    return {"activities": {**case.activities, activity.activity_id: activity}}
