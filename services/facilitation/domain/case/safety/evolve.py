"""How concerns for safety come and go."""

from __future__ import annotations

from typing import assert_never

from contracts.facilitation.aftercare import (
    FollowUpHeld,
    SafetyConcernRaised,
    SafetyConcernResolved,
)
from services.facilitation.domain.case.parts import Concern
from services.facilitation.domain.case.state import Case, entered

SafetyEvent = FollowUpHeld | SafetyConcernRaised | SafetyConcernResolved


def safe(case: Case, event: SafetyEvent) -> dict[str, object]:
    """What changes."""
    match event:
        case FollowUpHeld():
            return entered(case, event)
        case SafetyConcernRaised():
            concern = Concern(severity=event.severity, raised_by=event.raised_by)
            return {"concerns": {**case.concerns, event.concern_id: concern}}
        case SafetyConcernResolved():
            others = {one: it for one, it in case.concerns.items() if one != event.concern_id}
            return {"concerns": others}
        case _:
            assert_never(event)
