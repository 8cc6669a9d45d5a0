"""What may be asked of letters and recordings."""

from __future__ import annotations

from contracts.facilitation.exchange import RefusalReason, ReviewResult
from contracts.facilitation.ids import LetterId
from contracts.fields import ParticipantId
from contracts.terms import Method
from kernel.decider import Command


class DraftLetter(Command):
    """Record that somebody has written, or recorded, something for somebody else."""

    method: Method = Method.LETTER
    sender: ParticipantId
    recipient: ParticipantId


class ReviewLetter(Command):
    """Record what a facilitator found on reading it."""

    letter_id: LetterId
    result: ReviewResult


class RefuseLetter(Command):
    """Record that whom it is for does not take it."""

    letter_id: LetterId
    reason: RefusalReason = RefusalReason.NOT_SAID


LetterCommand = DraftLetter | ReviewLetter | RefuseLetter
