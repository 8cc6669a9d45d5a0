"""The rules of casework, each with its id, its words and where it comes from."""

from __future__ import annotations

from kernel.decider import Rule, Waiting
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.agreement import rules as agreement
from services.facilitation.domain.case.arrangement import rules as arrangement
from services.facilitation.domain.case.correction import rules as correction
from services.facilitation.domain.case.exchange import rules as exchange
from services.facilitation.domain.case.meeting import rules as meeting
from services.facilitation.domain.case.notes import rules as notes
from services.facilitation.domain.case.preparation import rules as preparation
from services.facilitation.domain.case.risk import rules as risk
from services.facilitation.domain.case.safety import rules as safety
from services.facilitation.domain.case.start import rules as start
from services.facilitation.domain.case.team import rules as team

RULES: tuple[Rule, ...] = (
    *gate.RULES,
    *team.RULES,
    *preparation.RULES,
    *risk.RULES,
    *arrangement.RULES,
    *start.RULES,
    *meeting.RULES,
    *exchange.RULES,
    *agreement.RULES,
    *safety.RULES,
    *correction.RULES,
    *notes.RULES,
)

WAITING: tuple[Waiting, ...] = ()
