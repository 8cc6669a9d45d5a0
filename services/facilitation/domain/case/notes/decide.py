"""A case notes whatever it is told, and ends in the same commit what may not go on."""

from __future__ import annotations

from typing import Any, assert_never

from contracts.common import CaseClosureNoted, CaseHoldNoted, ParticipantsNoted
from contracts.envelope import Event
from contracts.facilitation.noted import (
    ClearanceNoted,
    ConsentLossNoted,
    ConsentQuorumNoted,
    ConsentWithdrawalNoted,
    FacilitationOpened,
)
from services.facilitation.domain.case.notes import endings, withdrawal
from services.facilitation.domain.case.notes.commands import (
    NoteCaseClosure,
    NoteCaseHold,
    NoteClearance,
    NoteCommand,
    NoteConsentLoss,
    NoteConsentQuorum,
    NoteParticipants,
    NoteWithdrawal,
    OpenFacilitation,
)
from services.facilitation.domain.case.notes.evolve import is_news
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case


def decide_note(command: NoteCommand, case: Case, at: At) -> list[Event]:
    """Never refused, never nothing."""
    match command:
        case OpenFacilitation():
            return [FacilitationOpened(**_told(command))]
        case NoteParticipants():
            return [ParticipantsNoted(**_told(command))]
        case NoteCaseHold():
            return [CaseHoldNoted(**_told(command))]
        case NoteCaseClosure():
            return [CaseClosureNoted(**_told(command)), *endings.of_case(case)]
        case NoteConsentQuorum():
            return [ConsentQuorumNoted(**_told(command))]
        case NoteConsentLoss():
            return _loss(command, case)
        case NoteWithdrawal():
            return _withdrawal(command, case, at)
        case NoteClearance():
            return [ClearanceNoted(**_told(command))]
        case _:
            assert_never(command)


def _loss(command: NoteConsentLoss, case: Case) -> list[Event]:
    noted = ConsentLossNoted(**_told(command))
    return [noted, *(endings.of_consent(case, command.method) if is_news(case, noted) else ())]


def _withdrawal(command: NoteWithdrawal, case: Case, at: At) -> list[Event]:
    return [
        ConsentWithdrawalNoted(**_told(command)),
        *withdrawal.stopped(command, case),
        *withdrawal.learnt_late(command, case, at),
    ]


def _told(command: NoteCommand) -> dict[str, Any]:
    """What a note says, word for word."""
    named = type(command).model_fields.keys() - {"happened_at"}
    return {name: getattr(command, name) for name in named}
