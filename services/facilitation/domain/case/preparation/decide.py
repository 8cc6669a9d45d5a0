"""What is recorded of preparing people."""

from __future__ import annotations

from typing import assert_never

from contracts.facilitation.preparation import PreparationMeetingHeld, ResponsibilityRecorded
from contracts.terms import ParticipantRole
from kernel.decider import Decision, Unmet, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.preparation import rules
from services.facilitation.domain.case.preparation.commands import (
    PreparationCommand,
    RecordPreparation,
    RecordResponsibility,
)
from services.facilitation.domain.case.state import Case

BESIDE = frozenset({ParticipantRole.SUPPORTER, ParticipantRole.REPRESENTATIVE})
RESPONSIBLE = frozenset({ParticipantRole.OFFENDER, ParticipantRole.PARTY})


def decide_preparation(command: PreparationCommand, case: Case, at: At) -> Decision:
    """One small function per command."""
    match command:
        case RecordPreparation():
            return _prepare(command, case, at)
        case RecordResponsibility():
            return _take_responsibility(command, case, at)
        case _:
            assert_never(command)


def _prepare(command: RecordPreparation, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned(case, at),
        gate.in_the_case(case, command.participant_id, *command.accompanied_by),
        _alone(command, case),
    )
    return refused or [
        PreparationMeetingHeld(
            participant_id=command.participant_id,
            individual=True,
            mode=command.mode,
            aims=tuple(dict.fromkeys(command.aims)),
            readiness=command.readiness,
            accompanied_by=tuple(dict.fromkeys(command.accompanied_by)),
        )
    ]


def _alone(command: RecordPreparation, case: Case) -> Unmet | None:
    others = {case.participant(one) for one in command.accompanied_by} - {None}
    if all(one is None or one.role in BESIDE for one in others):
        return None
    return rules.PREPARED_ALONE.unmet("a meeting with each of them of their own")


def _take_responsibility(command: RecordResponsibility, case: Case, at: At) -> Decision:
    refused = refuse_unless(
        gate.goes_on(case),
        gate.assigned(case, at),
        gate.in_the_case(case, command.participant_id),
        _responsible(command, case),
    )
    return refused or [
        ResponsibilityRecorded(
            participant_id=command.participant_id, responsibility=command.responsibility
        )
    ]


def _responsible(command: RecordResponsibility, case: Case) -> Unmet | None:
    who = case.participant(command.participant_id)
    if who is None or who.role in RESPONSIBLE:
        return None
    return rules.RESPONSIBILITY_IS_OF.unmet("the id of an offender, or of a party to the dispute")
