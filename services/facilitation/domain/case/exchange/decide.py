"""What becomes of letters and recordings."""

from __future__ import annotations

from typing import assert_never

from contracts.facilitation.exchange import LetterDrafted, LetterRefused, LetterReviewed
from contracts.facilitation.ids import LetterId
from contracts.fields import Role
from kernel.decider import Decision, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.arrangement import ready
from services.facilitation.domain.case.exchange import checks
from services.facilitation.domain.case.exchange.commands import (
    DraftLetter,
    LetterCommand,
    RefuseLetter,
    ReviewLetter,
)
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case


def decide_letter(command: LetterCommand, case: Case, at: At) -> Decision:
    """One small function per command."""
    match command:
        case DraftLetter():
            return _draft(command, case, at)
        case ReviewLetter():
            return _review(command, case, at)
        case RefuseLetter():
            return _refuse(command, case, at)
        case _:
            assert_never(command)


def _draft(command: DraftLetter, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned(case, at),
        gate.in_the_case(case, command.sender, command.recipient),
        checks.drafted(command.method),
        checks.between_sides(case, command.sender, command.recipient),
        ready.method_agreed(case, command.method),
    )
    return refused or [
        LetterDrafted(
            letter_id=LetterId(at.new_id("letter")),
            method=command.method,
            direction=checks.direction(case, command.sender, command.recipient),
            sender=command.sender,
            recipient=command.recipient,
        )
    ]


def _review(command: ReviewLetter, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned_or(case, at, Role.SUPERVISOR),
        checks.on_its_way(case.letters.get(command.letter_id)),
    )
    return refused or [LetterReviewed(letter_id=command.letter_id, result=command.result)]


def _refuse(command: RefuseLetter, case: Case, at: At) -> Decision:
    letter = case.letters.get(command.letter_id)
    refused = refuse_unless(gate.assigned(case, at), checks.on_its_way(letter))
    return refused or [
        LetterRefused(
            letter_id=command.letter_id,
            method=case.letters[command.letter_id].method,
            reason=command.reason,
        )
    ]
