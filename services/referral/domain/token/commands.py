"""What may be asked of a token."""

from __future__ import annotations

from enum import StrEnum

from contracts.fields import CaseId
from kernel.decider import Command


class Vacancy(StrEnum):
    """Why the case that holds the token no longer needs it; neither can be undone."""

    CLOSED = "closed"
    NEVER_REQUESTED = "never_requested"


class HoldToken(Command):
    """Hold the incident for a case, in place of the holder seen where there is one."""

    case_id: CaseId
    instead_of: CaseId | None = None
    vacancy: Vacancy | None = None
