"""How each event changes a case."""

from __future__ import annotations

from typing import assert_never, cast

from contracts.common import EntryCorrected
from contracts.envelope import Event
from contracts.facilitation.preparation import (
    MethodAgreed,
    PreparationMeetingHeld,
    ResponsibilityRecorded,
    RiskAssessed,
    RiskEscalated,
    VenueApproved,
)
from services.facilitation.domain.case.agreement.evolve import AgreementEvent, agreed
from services.facilitation.domain.case.exchange.evolve import ExchangeEvent, exchanged
from services.facilitation.domain.case.meeting.evolve import MeetingEvent, met
from services.facilitation.domain.case.notes.evolve import NotedEvent, noted
from services.facilitation.domain.case.safety.evolve import SafetyEvent, safe
from services.facilitation.domain.case.state import Case, entered
from services.facilitation.domain.case.team.evolve import TeamEvent, teamed

PreparationEvent = PreparationMeetingHeld | ResponsibilityRecorded | MethodAgreed | VenueApproved
CaseEvent = (
    NotedEvent
    | TeamEvent
    | PreparationEvent
    | RiskAssessed
    | RiskEscalated
    | MeetingEvent
    | ExchangeEvent
    | AgreementEvent
    | SafetyEvent
    | EntryCorrected
)


def evolve(case: Case, event: Event) -> Case:
    """The case after an event."""
    counted = case.model_copy(update={"version": case.version + 1})
    return counted.model_copy(update=_changed(counted, cast("CaseEvent", event)))


def _changed(case: Case, event: CaseEvent) -> dict[str, object]:
    if isinstance(event, NotedEvent):
        return noted(case, event)
    if isinstance(event, TeamEvent):
        return teamed(case, event)
    if isinstance(event, PreparationEvent):
        return entered(case, event)
    if isinstance(event, RiskAssessed):
        return {**entered(case, event), "assessments": event.risk_version}
    if isinstance(event, RiskEscalated):
        return {"escalated_at": case.version}
    if isinstance(event, MeetingEvent):
        return met(case, event)
    if isinstance(event, ExchangeEvent):
        return exchanged(case, event)
    if isinstance(event, AgreementEvent):
        return agreed(case, event)
    if isinstance(event, SafetyEvent):
        return safe(case, event)
    if isinstance(event, EntryCorrected):
        kept = (one for one in case.entries if one.version != event.entry_version)
        return {"entries": tuple(kept)}
    assert_never(event)
