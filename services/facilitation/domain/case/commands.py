"""Everything that may be asked of a case."""

from __future__ import annotations

from services.facilitation.domain.case.agreement.commands import AgreementCommand
from services.facilitation.domain.case.arrangement.commands import ArrangementCommand
from services.facilitation.domain.case.correction.commands import CorrectEntry
from services.facilitation.domain.case.exchange.commands import LetterCommand
from services.facilitation.domain.case.meeting.commands import MeetingCommand
from services.facilitation.domain.case.notes.commands import NoteCommand
from services.facilitation.domain.case.preparation.commands import PreparationCommand
from services.facilitation.domain.case.risk.commands import RiskCommand
from services.facilitation.domain.case.safety.commands import SafetyCommand
from services.facilitation.domain.case.start.commands import StartCommand
from services.facilitation.domain.case.team.commands import TeamCommand

CaseCommand = (
    NoteCommand
    | TeamCommand
    | PreparationCommand
    | RiskCommand
    | ArrangementCommand
    | MeetingCommand
    | LetterCommand
    | StartCommand
    | AgreementCommand
    | SafetyCommand
    | CorrectEntry
)
