"""How a case's team changes."""

from __future__ import annotations

from typing import assert_never

from contracts.facilitation.ids import ReservationId
from contracts.facilitation.noted import FacilitatorLossNoted
from contracts.facilitation.team import (
    FacilitatorAssigned,
    FacilitatorUnassigned,
    ReservationSettled,
)
from services.facilitation.domain.case.parts import Assignment
from services.facilitation.domain.case.state import Case

TeamEvent = FacilitatorAssigned | FacilitatorUnassigned | ReservationSettled | FacilitatorLossNoted


def teamed(case: Case, event: TeamEvent) -> dict[str, object]:
    """What changes."""
    match event:
        case FacilitatorAssigned():
            return {"team": (*case.team, _assignment(event))}
        case FacilitatorUnassigned():
            others = (one for one in case.team if one.facilitator_id != event.facilitator_id)
            return {"team": tuple(others)}
        case ReservationSettled():
            return {} if event.in_use else _void(case, event.reservation_id)
        case FacilitatorLossNoted():
            return _void(case, event.reservation_id)
        case _:
            assert_never(event)


def _assignment(event: FacilitatorAssigned) -> Assignment:
    return Assignment(**{name: getattr(event, name) for name in Assignment.model_fields})


def _void(case: Case, reservation_id: ReservationId) -> dict[str, object]:
    return {"void": (*case.void, reservation_id)}
