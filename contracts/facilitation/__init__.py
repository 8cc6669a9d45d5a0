"""Events of the facilitation service: who facilitates, and what becomes of each case."""

from __future__ import annotations

from contracts.envelope import Event
from contracts.facilitation import (
    aftercare,
    exchange,
    meeting,
    noted,
    preparation,
    team,
    workforce,
)
from contracts.facilitation.noted import ConsentLossNoted, ConsentQuorumNoted, FacilitationOpened

__all__ = ["EVENTS", "ConsentLossNoted", "ConsentQuorumNoted", "FacilitationOpened"]

EVENTS: tuple[type[Event], ...] = (
    *noted.EVENTS,
    *team.EVENTS,
    *preparation.EVENTS,
    *meeting.EVENTS,
    *exchange.EVENTS,
    *aftercare.EVENTS,
    *workforce.EVENTS,
)
