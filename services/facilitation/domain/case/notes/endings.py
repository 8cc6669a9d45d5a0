"""What ends when consent, or the case, comes to its end: in the commit that notes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from contracts.envelope import Event
from contracts.facilitation.exchange import LetterStopped, LetterStopReason
from contracts.facilitation.meeting import (
    CancelledBy,
    CancelReason,
    MeetingCancelled,
    MeetingStopped,
    StopReason,
)
from contracts.terms import Method
from services.facilitation.domain.case.parts import LetterStanding, MeetingStanding
from services.facilitation.domain.case.state import Case


def of_consent(case: Case, method: Method) -> Iterator[Event]:
    """Whatever was to be, or is going on, by a method that is agreed no longer."""
    yield from _cancelled(case, (method,), CancelReason.CONSENT_LOST)
    yield from _stopped(case, (method,), StopReason.CONSENT_WITHDRAWN)
    yield from _letters(case, (method,), LetterStopReason.CONSENT_LOST)


def of_case(case: Case) -> Iterator[Event]:
    """Whatever was to be, or is going on."""
    yield from _cancelled(case, tuple(Method), CancelReason.CASE_CLOSED)
    yield from _stopped(case, tuple(Method), StopReason.CASE_CLOSED)
    yield from _letters(case, tuple(Method), LetterStopReason.CASE_CLOSED)


def _cancelled(case: Case, methods: Collection[Method], reason: CancelReason) -> Iterator[Event]:
    for meeting_id, meeting in case.meetings_that_are(MeetingStanding.SCHEDULED):
        if meeting.method in methods:
            yield MeetingCancelled(
                meeting_id=meeting_id,
                method=meeting.method,
                reason=reason,
                cancelled_by=CancelledBy.SYSTEM,
            )


def _stopped(case: Case, methods: Collection[Method], reason: StopReason) -> Iterator[Event]:
    for meeting_id, meeting in case.running:
        if meeting.method in methods:
            yield MeetingStopped(meeting_id=meeting_id, method=meeting.method, reason=reason)


def _letters(case: Case, methods: Collection[Method], reason: LetterStopReason) -> Iterator[Event]:
    for letter_id, letter in case.letters.items():
        if letter.standing is LetterStanding.ON_ITS_WAY and letter.method in methods:
            yield LetterStopped(letter_id=letter_id, method=letter.method, reason=reason)
