"""Events of what goes to and fro between people who do not meet: letters, recordings, messages."""

from __future__ import annotations

from enum import StrEnum

from contracts.envelope import Event
from contracts.facilitation.ids import LetterId, MessageId
from contracts.fields import Count, ParticipantId
from contracts.terms import ClearanceId, Method


class Direction(StrEnum):
    """Which way something goes."""

    TO_HARMED = "to_harmed"
    TO_RESPONSIBLE = "to_responsible"
    BETWEEN_PARTIES = "between_parties"


class ReviewResult(StrEnum):
    """What a facilitator found on reading a letter."""

    ACCEPTED = "accepted"
    CHANGES_NEEDED = "changes_needed"


class RefusalReason(StrEnum):
    """Why a letter is not taken by whom it is for; nobody has to say."""

    NOT_WANTED = "not_wanted"
    NOT_NOW = "not_now"
    NOT_SAID = "not_said"


class LetterStopReason(StrEnum):
    """Why a letter will not be delivered."""

    CONSENT_LOST = "consent_lost"
    CASE_CLOSED = "case_closed"


class LetterDrafted(Event):
    """Somebody has written, or recorded, something for somebody else in the case."""

    letter_id: LetterId
    """It is also how its text is found, which is never on the log."""
    method: Method
    direction: Direction
    sender: ParticipantId
    recipient: ParticipantId


class LetterReviewed(Event):
    """A facilitator has read a letter, and accepts it or asks for changes."""

    letter_id: LetterId
    result: ReviewResult


class LetterDelivered(Event):
    """A letter reached whom it is for, on a clearance that names both."""

    letter_id: LetterId
    method: Method
    direction: Direction
    attendees: tuple[ParticipantId, ...]
    """The sender, then the recipient."""
    cleared_by: ClearanceId
    risk_version: Count


class LetterRefused(Event):
    """Whom a letter is for does not take it."""

    letter_id: LetterId
    method: Method
    reason: RefusalReason


class LetterStopped(Event):
    """A letter that was on its way will not be delivered."""

    letter_id: LetterId
    method: Method
    reason: LetterStopReason


class MessageRelayed(Event):
    """A facilitator carried word from one person to another, on a clearance that names both."""

    message_id: MessageId
    method: Method
    direction: Direction
    attendees: tuple[ParticipantId, ...]
    """Whose word it is, then whom it is for."""
    count: Count
    """How many messages went this way at once."""
    cleared_by: ClearanceId
    risk_version: Count


EVENTS: tuple[type[Event], ...] = (
    LetterDrafted,
    LetterReviewed,
    LetterDelivered,
    LetterRefused,
    LetterStopped,
    MessageRelayed,
)
