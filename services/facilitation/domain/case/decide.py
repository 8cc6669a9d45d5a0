"""What a case answers to each command: each kind of work has a folder of its own."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from kernel.decider import Context, Decider, Decision
from services.facilitation.domain.case import practice as hub
from services.facilitation.domain.case.agreement.commands import AgreementCommand
from services.facilitation.domain.case.agreement.decide import decide_agreement
from services.facilitation.domain.case.arrangement.commands import ArrangementCommand
from services.facilitation.domain.case.arrangement.decide import decide_arrangement
from services.facilitation.domain.case.commands import CaseCommand
from services.facilitation.domain.case.correction.commands import CorrectEntry
from services.facilitation.domain.case.correction.decide import decide_correction
from services.facilitation.domain.case.evolve import evolve
from services.facilitation.domain.case.exchange.commands import LetterCommand
from services.facilitation.domain.case.exchange.decide import decide_letter
from services.facilitation.domain.case.meeting.commands import MeetingCommand
from services.facilitation.domain.case.meeting.decide import decide_meeting
from services.facilitation.domain.case.notes.commands import NoteCommand, OpenFacilitation
from services.facilitation.domain.case.notes.decide import decide_note
from services.facilitation.domain.case.preparation.commands import PreparationCommand
from services.facilitation.domain.case.preparation.decide import decide_preparation
from services.facilitation.domain.case.risk.commands import RiskCommand
from services.facilitation.domain.case.risk.decide import decide_risk
from services.facilitation.domain.case.safety.commands import SafetyCommand
from services.facilitation.domain.case.safety.decide import decide_safety
from services.facilitation.domain.case.start.commands import StartCommand
from services.facilitation.domain.case.start.decide import decide_start
from services.facilitation.domain.case.state import Case
from services.facilitation.domain.case.team.commands import TeamCommand
from services.facilitation.domain.case.team.decide import decide_team


def case_with(practice: hub.Practice) -> Decider[CaseCommand, Case]:
    """The decider of cases under a hub's own practice."""
    return Decider(
        category="facilitation",
        initial=Case(),
        evolve=evolve,
        decide=partial(_decide, practice),
        opens=(OpenFacilitation,),
        controller=lambda case: case.controller,
        seen_by=lambda case: case.seen_by,
    )


def _decide(practice: hub.Practice, command: CaseCommand, case: Case, context: Context) -> Decision:
    at = hub.at(context, practice)
    if isinstance(command, NoteCommand):
        return decide_note(command, case, at)
    if isinstance(command, TeamCommand):
        return decide_team(command, case)
    if isinstance(command, PreparationCommand):
        return decide_preparation(command, case, at)
    if isinstance(command, RiskCommand):
        return decide_risk(command, case, at)
    if isinstance(command, ArrangementCommand):
        return decide_arrangement(command, case, at)
    if isinstance(command, MeetingCommand):
        return decide_meeting(command, case, at)
    if isinstance(command, LetterCommand):
        return decide_letter(command, case, at)
    if isinstance(command, StartCommand):
        return decide_start(command, case, at)
    if isinstance(command, AgreementCommand):
        return decide_agreement(command, case, at)
    if isinstance(command, SafetyCommand):
        return decide_safety(command, case, at)
    if isinstance(command, CorrectEntry):
        return decide_correction(command, case, at)
    assert_never(command)


CASE = case_with(hub.PRACTICE)
