"""A case records whatever it is told: a fact from another service is never refused."""

from __future__ import annotations

from typing import assert_never

from contracts.common import ParticipantsNoted
from contracts.envelope import Event
from contracts.facilitation import ConsentLossNoted, ConsentQuorumNoted, FacilitationOpened
from contracts.fields import OrganisationId
from kernel.decider import Context, Decider, Decision
from services.facilitation.domain.case.commands import (
    CaseCommand,
    NoteConsentLoss,
    NoteConsentQuorum,
    NoteParticipants,
    OpenFacilitation,
)
from services.facilitation.domain.case.state import Case, evolve


def decide(command: CaseCommand, case: Case, context: Context) -> Decision:
    """Always one event."""
    return [_noted(command)]


def _noted(command: CaseCommand) -> Event:
    match command:
        case OpenFacilitation():
            return _opened(command)
        case NoteParticipants():
            return ParticipantsNoted(participants=command.participants)
        case NoteConsentQuorum():
            return ConsentQuorumNoted(
                method=command.method,
                participants=command.participants,
                consent_version=command.consent_version,
            )
        case NoteConsentLoss():
            return ConsentLossNoted(
                method=command.method,
                participants=command.participants,
                consent_version=command.consent_version,
            )
        case _:
            assert_never(command)


def _opened(command: OpenFacilitation) -> FacilitationOpened:
    return FacilitationOpened(
        setting=command.setting,
        min_level=command.min_level,
        participants=command.participants,
        controller=command.controller,
        organisation=command.organisation,
    )


def _seen_by(case: Case) -> frozenset[OrganisationId]:
    return frozenset(one for one in (case.organisation, case.controller) if one is not None)


CASE = Decider(
    category="facilitation",
    initial=Case(),
    evolve=evolve,
    decide=decide,
    opens=(OpenFacilitation,),
    controller=lambda case: case.controller,
    seen_by=_seen_by,
)
